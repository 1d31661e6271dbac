package anomaly

import (
	"runtime"
	"slices"
	"sync"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// index is a history's steps by key. A key's steps are in the order of the transactions, one transaction's in its own.
type index struct {
	t     *history.Transactions
	txnOf []int32 // by step: its transaction
	keys  []int32 // by key: its number in the history; keys are counted from 0 here
	first []int32 // steps[first[k]:first[k+1]] are those of key k
	steps []int32
}

func newIndex(t *history.Transactions) *index {
	x := &index{t: t, txnOf: make([]int32, len(t.Ops))}
	for i := range int32(t.Len()) {
		for s := t.First[i]; s < t.First[i+1]; s++ {
			x.txnOf[s] = i
		}
	}
	of := x.count()
	for k := range x.keys {
		x.first[k+1] += x.first[k]
	}
	at := slices.Clone(x.first)
	x.steps = make([]int32, len(t.Ops))
	for s, k := range of {
		x.steps[at[k]] = int32(s)
		at[k]++
	}
	return x
}

// count numbers the keys densely, counts the steps of each, and returns the key of each step.
func (x *index) count() []int32 {
	ops := x.t.Ops
	of := make([]int32, len(ops))
	x.first = []int32{0}
	number := func(key int32) int32 {
		x.keys = append(x.keys, key)
		x.first = append(x.first, 0)
		return int32(len(x.keys) - 1)
	}
	small := make([]int32, min(maxKey(ops), 4*len(ops)+1024)+1) // by key: its number plus 1
	large := map[int32]int32{}
	for s := range ops {
		key := ops[s].Key
		if int(key) < len(small) {
			if small[key] == 0 {
				small[key] = number(key) + 1
			}
			of[s] = small[key] - 1
		} else {
			k, ok := large[key]
			if !ok {
				k = number(key)
				large[key] = k
			}
			of[s] = k
		}
		x.first[of[s]+1]++
	}
	return of
}

func maxKey(ops []history.TxnOp) int {
	top := int32(0)
	for i := range ops {
		top = max(top, ops[i].Key)
	}
	return int(top)
}

// of are the steps of key k.
func (x *index) of(k int32) []int32 { return x.steps[x.first[k]:x.first[k+1]] }

// kind is what key k holds.
func (x *index) kind(k int32) history.Kind { return x.t.Ops[x.of(k)[0]].Kind }

// longest is the longest list that a committed transaction read, of the steps on one key.
func (x *index) longest(steps []int32) (longest []int32) {
	for _, s := range steps {
		if op := &x.t.Ops[s]; !op.Write && int(op.Len) > len(longest) && x.ok(x.txnOf[s]) {
			longest = x.t.List(op)
		}
	}
	return longest
}

// find is the key's number here, or -1.
func (x *index) find(key int32) int32 { return int32(slices.Index(x.keys, key)) }

// possible reports whether the transaction did or may have happened.
func (x *index) possible(txn int32) bool { return x.t.Outcome[txn] != harness.Failed }

func (x *index) ok(txn int32) bool { return x.t.Outcome[txn] == harness.OK }

// share splits n things among as many goroutines as there are processors, in contiguous pieces, and waits for them.
func share(n int, do func(worker, from, to int)) {
	workers := min(runtime.GOMAXPROCS(0), max(n, 1))
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { do(w, w*n/workers, (w+1)*n/workers) })
	}
	wg.Wait()
}

// shared is share with something of its own for each worker, in the order of the pieces.
func shared[T any](n int, do func(own *T, from, to int)) []T {
	own := make([]T, min(runtime.GOMAXPROCS(0), max(n, 1)))
	share(n, func(w, from, to int) { do(&own[w], from, to) })
	return own
}
