package check

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// bag tries every order of a queue's operations, each of which takes effect at one moment between its beginning and its end, or, if its
// outcome is unknown, at any later one or never.
type bag struct {
	ops    []operation
	events []history.Event
	total  bool // what comes out may come out again, and a drain leaves nothing
	done   []bool
	in     map[any]int // elements in the queue
	ever   map[any]bool
}

// explained reports whether some order of what is left explains what came out.
func (b *bag) explained() bool {
	left := false
	for i, op := range b.ops {
		known := op.outcome == history.OK
		left = left || known && !b.done[i]
		if b.done[i] || op.outcome == history.Fail || b.blocked(op.invoke) {
			continue
		}
		b.done[i] = true
		if b.apply(i, known) {
			return true
		}
		b.done[i] = false
	}
	return !left
}

// blocked reports whether an operation that is not done ended before this event.
func (b *bag) blocked(event int32) bool {
	for i, op := range b.ops {
		if !b.done[i] && op.outcome == history.OK && op.complete < event {
			return true
		}
	}
	return false
}

// apply lets operation i happen, and goes on.
func (b *bag) apply(i int, known bool) bool {
	op := b.ops[i]
	e := &b.events[op.invoke]
	switch {
	case e.F == "enqueue":
		was := b.ever[e.Value]
		b.in[e.Value]++
		b.ever[e.Value] = true
		if b.explained() {
			return true
		}
		b.in[e.Value]--
		b.ever[e.Value] = was
		return false
	case !known: // it took any one
		for v, n := range b.in {
			if n > 0 && b.without([]any{v}, false) {
				return true
			}
		}
		return false
	case e.F == "drain":
		found, _ := elements(b.events[op.complete].Value)
		return b.without(found, true)
	}
	return b.without([]any{b.events[op.complete].Value}, false)
}

// without takes elements out, and goes on. In a total queue an element that is not there may come out once more.
func (b *bag) without(found []any, all bool) bool {
	in := map[any]int{}
	for v, n := range b.in {
		in[v] = n
	}
	for _, v := range found {
		switch {
		case in[v] > 0:
			in[v]--
		case !b.total || !b.ever[v]:
			return false
		}
	}
	if all && b.total {
		for _, n := range in {
			if n > 0 {
				return false
			}
		}
	}
	before := b.in
	b.in = in
	if b.explained() {
		return true
	}
	b.in = before
	return false
}

// drawQueue is a history of a few operations on a queue with whatever came out of it. The elements of a total queue differ, and it is
// drained once, at the end.
func drawQueue(t *rapid.T, total bool) []history.Event {
	var events []history.Event
	open := map[int64]history.Event{}
	next := int64(0)
	value := func() any { return rapid.Int64Range(0, 2).Draw(t, "element") }
	for range rapid.IntRange(0, 12).Draw(t, "steps") {
		p := rapid.Int64Range(0, 2).Draw(t, "process")
		begun, busy := open[p]
		switch fate := rapid.IntRange(0, 4).Draw(t, "fate"); {
		case !busy && fate < 3:
			begun = invoke(p, "enqueue", value())
			if total {
				begun.Value = next
				next++
			}
			open[p] = begun
			events = append(events, begun)
		case !busy:
			open[p] = invoke(p, "dequeue", nil)
			events = append(events, open[p])
		case fate == 0:
			events = append(events, said(rapid.SampledFrom([]history.EventType{history.Fail, history.Info}).Draw(t, "end"), p, begun.F, begun.Value))
			delete(open, p)
		default:
			if begun.F == "dequeue" {
				begun.Value = value()
			}
			events = append(events, ok(p, begun.F, begun.Value))
			delete(open, p)
		}
	}
	if total {
		found := rapid.SliceOfNDistinct(rapid.Int64Range(0, max(next-1, 0)), 0, -1, rapid.ID).Draw(t, "drained")
		var all []any
		for _, v := range found {
			all = append(all, v)
		}
		events = append(events, done(90, "drain", nil, all)...)
	}
	return record(events)
}

// TestQueuesAgainstEveryOrder: a queue is accused if and only if no order of its operations explains what came out.
func TestQueuesAgainstEveryOrder(t *testing.T) {
	for workload, total := range map[string]bool{"queue": false, "total-queue": true} {
		seen := map[bool]int{}
		rapid.Check(t, func(t *rapid.T) {
			for range 20 {
				events := drawQueue(t, total)
				v, err := Recorded(t.Context(), workload, events, RecordedOptions{})
				if err != nil {
					t.Fatal(err)
				}
				r := recording{events: events}
				ops, err := r.pair()
				if err != nil {
					t.Fatal(err)
				}
				if total && slices.ContainsFunc(ops, func(op operation) bool { // a dequeue that found nothing says that the queue was empty
					return op.outcome == history.Fail && events[op.invoke].F == "dequeue"
				}) {
					continue
				}
				b := bag{ops: ops, events: events, total: total, done: make([]bool, len(ops)), in: map[any]int{}, ever: map[any]bool{}}
				explained := b.explained()
				seen[explained]++
				if explained == (v.Verdict == harness.Unsafe) {
					t.Fatalf("%s is %s (%s), and explained: %t\n%v", workload, v.Verdict, v.Reason, explained, events)
				}
			}
		})
		if seen[true] < 10 || seen[false] < 10 {
			t.Errorf("%s: %v were explained", workload, seen)
		}
	}
}
