package linear

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// queue judges first-in-first-out queues that begin empty and whose every element is put in at most once. There is an order if
// and only if no element came out before it was put in, or twice; none that was put in after another came out before it; and no
// operation found the queue empty that had elements all the time (Bouajjani, Emmi, Enea and Hamza, "On Reducing Linearizability to
// State Reachability", 2015, section 4). Sorting finds all of these; Lee and Mathur, "Efficient Decrease-and-Conquer
// Linearizability Monitoring", 2025, show that no method needs more.
//
// An enqueue of unknown outcome had its effect before the dequeue that took the element returned; if nobody took it, it is taken
// not to have happened. A dequeue of unknown outcome may have taken any of the elements that nobody else took.
type queue struct {
	o       *Object
	in, out []int32 // by element: the operation that put it in, and that took it; none
	items   []item
	empties []int32 // operations that found the queue empty
	unknown bool    // there are dequeues of unknown outcome
}

// item is an element that was put in.
type item struct {
	in, out int32 // operations; out may be none
	since   int64 // from then on it was in, until somebody took it
	until   int64 // the dequeue that took it was called; Forever: nobody took it
}

// isQueue reports whether the object's operations are those of a queue.
func isQueue(o *Object) bool {
	return len(o.Ops) > 0 && (o.Ops[0].Kind == Enqueue || o.Ops[0].Kind == Dequeue || o.Ops[0].Kind == Vacant)
}

// judgeQueue judges a queue; decided is false where only a search can tell.
func judgeQueue(o *Object) (p Proof, decided bool) {
	q := queue{o: o, in: resized[int32](nil, o.Values, none), out: resized[int32](nil, o.Values, none)}
	if !q.pair() {
		return Proof{}, false
	}
	if p := q.origins(); p.Kind != Fits {
		return p, true
	}
	if p := q.ordered(); p.Kind == Fits || !q.unknown {
		return p, true
	}
	// Whatever the unknown dequeues took, the other elements went in and out as if they had been alone.
	q.items = slices.DeleteFunc(q.items, func(i item) bool { return i.out == none })
	p = q.ordered()
	return p, p.Kind != Fits
}

// pair finds who put each element in; false: some was put in twice.
func (q *queue) pair() bool {
	for i := range q.o.Ops {
		switch op := &q.o.Ops[i]; {
		case op.Kind == Enqueue:
			if q.in[op.Value] != none {
				return false
			}
			q.in[op.Value] = int32(i)
		case !op.known():
			q.unknown = true
		case op.Kind == Vacant:
			q.empties = append(q.empties, int32(i))
		}
	}
	return true
}

// origins matches what came out with what was put in.
func (q *queue) origins() Proof {
	for i := range q.o.Ops {
		op := &q.o.Ops[i]
		if op.Kind != Dequeue || !op.known() {
			continue
		}
		in, out := q.in[op.Value], q.out[op.Value]
		switch {
		case in == none:
			return Proof{Kind: Nowhere, Ops: []int{i}}
		case op.Return < q.o.Ops[in].Call:
			return Proof{Kind: Future, Ops: []int{i, int(in)}}
		case out != none:
			return Proof{Kind: Twice, Ops: []int{int(out), i}}
		}
		q.out[op.Value] = int32(i)
	}
	for v, in := range q.in {
		switch out := q.out[v]; {
		case in == none:
		case out != none:
			q.items = append(q.items, item{in, out, min(q.o.Ops[in].Return, q.o.Ops[out].Return), q.o.Ops[out].Call})
		case q.o.Ops[in].known():
			q.items = append(q.items, item{in, none, q.o.Ops[in].Return, Forever})
		}
	}
	slices.SortFunc(q.items, func(a, b item) int { return cmp.Compare(a.since, b.since) })
	return Proof{}
}

func (q *queue) ordered() Proof {
	if p := q.overtaken(); p.Kind != Fits {
		return p
	}
	return q.vacant()
}

// overtaken finds an element that was out before one that had been put in earlier could be. It looks at the elements in the order
// in which their enqueues were called, and remembers, of all that were in by then, the one whose dequeue was called last.
func (q *queue) overtaken() Proof {
	var taken []item
	for _, i := range q.items {
		if i.out != none {
			taken = append(taken, i)
		}
	}
	slices.SortFunc(taken, func(a, b item) int { return cmp.Compare(q.o.Ops[a.in].Call, q.o.Ops[b.in].Call) })
	next := 0
	var slowest item
	for _, i := range taken {
		for ; next < len(q.items) && q.items[next].since < q.o.Ops[i.in].Call; next++ {
			if next == 0 || q.items[next].until > slowest.until {
				slowest = q.items[next]
			}
		}
		if next > 0 && q.o.Ops[i.out].Return < slowest.until {
			return Proof{Kind: Overtaken, Ops: []int{int(slowest.in), int(i.in), int(i.out), int(slowest.out)}}
		}
	}
	return Proof{}
}

// vacant finds an operation that found the queue empty although at each moment of it some element was in.
func (q *queue) vacant() Proof {
	type stretch struct{ from, to int64 } // some element was in from the one moment to the other
	var full []stretch
	for _, i := range q.items {
		switch n := len(full); {
		case i.since >= i.until:
		case n > 0 && i.since < full[n-1].to:
			full[n-1].to = max(full[n-1].to, i.until)
		default:
			full = append(full, stretch{i.since, i.until})
		}
	}
	for _, e := range q.empties {
		op := &q.o.Ops[e]
		n, _ := slices.BinarySearchFunc(full, op.Call, func(s stretch, call int64) int { return cmp.Compare(s.from, call) })
		if n > 0 && op.Return < full[n-1].to {
			return q.occupied(e)
		}
	}
	return Proof{}
}

// occupied names the fewest elements of which one was in at each moment of the operation.
func (q *queue) occupied(e int32) Proof {
	p := Proof{Kind: Occupied, Ops: []int{int(e)}}
	next := 0
	for at := q.o.Ops[e].Call; at <= q.o.Ops[e].Return; {
		last := item{until: at}
		for ; next < len(q.items) && q.items[next].since < at; next++ {
			if q.items[next].until > last.until {
				last = q.items[next]
			}
		}
		p.Ops = append(p.Ops, int(last.in), int(last.out))
		at = last.until
	}
	return p
}

// perElement is how many bytes an element has in the state of a queue.
const perElement = 4

// takeAny is the effect of a dequeue of unknown outcome, and findNone that of an operation that found the queue empty. Those of others
// are 2n for an enqueue of element n and 2n+1 for a dequeue of it.
const (
	takeAny  = -1
	findNone = -2
)

// steps makes of a queue an object that is searched. Its states are numbers of texts, of the elements that it holds.
func steps(o *Object) *Object {
	states, numbers := []string{""}, map[string]int64{"": 0}
	s := &Object{Ops: slices.Clone(o.Ops), Step: func(state, effect int64) (int64, bool) {
		text, ok := queueStep(states[state], effect)
		if !ok {
			return state, false
		}
		after, again := numbers[text]
		if !again {
			after = int64(len(states))
			numbers[text] = after
			states = append(states, text)
		}
		return after, true
	}}
	taken := make([]bool, o.Values)
	for i := range o.Ops {
		if op := &o.Ops[i]; op.Kind == Dequeue && op.known() {
			taken[op.Value] = true
		}
	}
	for i := range s.Ops {
		op := &s.Ops[i]
		switch {
		case op.Kind == Enqueue && !op.known() && !taken[op.Value]:
			op.Kind = Refuse // nobody took what it put in, so it may as well not have happened; unknown refusals are left out
			continue
		case op.Kind == Enqueue:
			op.Value = 2 * op.Value
		case op.Kind == Vacant:
			op.Value = findNone
		case op.known():
			op.Value = 2*op.Value + 1
		default:
			op.Value = takeAny
		}
		op.Kind = Apply
	}
	return s
}

// queueStep is what an effect does to what a queue holds.
func queueStep(held string, effect int64) (after string, ok bool) {
	switch {
	case effect == findNone:
		return held, held == ""
	case effect >= 0 && effect%2 == 0:
		return held + element(effect/2), true
	case held == "":
		return held, false
	}
	return held[perElement:], effect == takeAny || held[:perElement] == element(effect/2)
}

func element(n int64) string {
	return string(binary.LittleEndian.AppendUint32(nil, uint32(n)))
}
