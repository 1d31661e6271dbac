// Package linear judges whether what clients were told of one thing, a register, a mutex, a stock or what else has a Step, fits some order of their
// operations in which each took effect at one moment between its call and its return: linearizability (Herlihy and Wing,
// 1990). In go the operations of each key, out comes for each a verdict and the operations that prove it.
//
// Where every value is written or put in once, the answer is exact and near-linear (see zones, queue and Set). Everything else is searched by
// porcupine, cut where nothing is open, and bounded in operations, time and memory: what goes beyond is undecided, and why.
//
// A newcomer starts at Op and Check.
package linear

import (
	"context"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Forever is the Return of an operation whose outcome nobody knows: it took effect at some moment after its Call, or never.
const Forever = math.MaxInt64

// Kind is what an operation did.
type Kind uint8

const (
	// Read found Value.
	Read Kind = iota
	// Write set Value.
	Write
	// Swap found From and set Value: a compare-and-set that succeeded.
	Swap
	// Acquire took a mutex that was free.
	Acquire
	// Release gave back a mutex that was held.
	Release
	// Add changed a stock by Value; if that is negative, no less than 0 may be left.
	Add
	// Refuse was told that a change by Value would have left less than 0.
	Refuse
	// Enqueue put Value, an element's number, at the end of a queue.
	Enqueue
	// Dequeue took Value from the front of a queue; of unknown outcome whatever was there.
	Dequeue
	// Vacant found a queue empty.
	Vacant
	// Apply did what Object.Step calls effect Value.
	Apply
)

// Op is one operation on a key. Operations that certainly did not happen are left out, but for Refuse.
type Op struct {
	Call, Return int64 // moments of any clock; operations that touch at one moment count as concurrent
	Value, From  int64 // of registers: the numbers of values, from 0 to Object.Values-1
	Kind         Kind
}

func (o *Op) known() bool { return o.Return != Forever }

// changes reports whether the operation may leave another state than it found.
func (o *Op) changes() bool { return o.Kind != Read && o.Kind != Refuse }

// Object is what happened to one key.
type Object struct {
	Ops    []Op  // in the order of their calls
	Values int   // how many different values a register's or queue's operations name; 0 for what is neither
	Start  int64 // what a register or stock holds at first; of a mutex 0: free
	// Step says what an effect does to a state, of objects of any other kind, all of whose operations are Apply; false: it cannot have
	// ended as it did. Both are numbers that the caller gives.
	Step func(state, effect int64) (after int64, ok bool)
}

// Limits bound the search. The zero value means the defaults.
type Limits struct {
	Operations int           // the most operations that are searched at once; 10,000
	Time       time.Duration // for all keys together; 30 s
	Memory     int64         // bytes that the heap may grow by; 1 GiB

	small int // the fewest operations of a part that others follow
}

func (l Limits) withDefaults() Limits {
	if l.Operations == 0 {
		l.Operations = 10_000
	}
	if l.Time == 0 {
		l.Time = 30 * time.Second
	}
	if l.Memory == 0 {
		l.Memory = 1 << 30
	}
	if l.small == 0 {
		l.small = 64
	}
	return l
}

// Answer is whether a key's history is linearizable.
type Answer uint8

const (
	// Linearizable: there is such an order.
	Linearizable Answer = iota
	// Broken: there is none.
	Broken
	// Undecided: the search met a limit.
	Undecided
)

// Verdict is what Check says about a key.
type Verdict struct {
	Answer  Answer
	Proof   Proof  // of Broken
	Limit   string // of Undecided: the limit that was met, in words
	Checked int    // how many operations were searched or judged
}

// Check judges each object; objects are judged at the same time, on all processors.
func Check(ctx context.Context, objects []Object, limits Limits) []Verdict {
	b := newBudget(ctx, limits.withDefaults())
	verdicts := make([]Verdict, len(objects))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(objects)) {
		wg.Go(func() {
			var z zones
			for {
				i := int(next.Add(1)) - 1
				if i >= len(objects) {
					return
				}
				verdicts[i] = check(b, &z, &objects[i])
			}
		})
	}
	wg.Wait()
	return verdicts
}

// check judges one object by a fast method if one fits, else by search.
func check(b *budget, z *zones, o *Object) Verdict {
	v := Verdict{Checked: len(o.Ops)}
	proof, decided := z.decide(o)
	switch {
	case !decided:
		v = search(b, o)
	case proof.Kind != Fits:
		v.Answer, v.Proof = Broken, proof
	}
	if v.Answer == Broken {
		b.hurry()
	}
	return v
}
