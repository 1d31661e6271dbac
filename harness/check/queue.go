package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness/history"
)

// judgeQueue demands that every element that comes out was put in, and came out no more often than that. The order does not
// matter. An enqueue of unknown outcome may have put it in from its beginning on; one that failed did not. The rule is that of
// jepsen.checker/queue with an unordered queue, which counts failed enqueues, too.
func judgeQueue(r *recording) error {
	q, err := newQueue(r)
	if err != nil {
		return err
	}
	for _, f := range q.flows {
		q.judgeOrigin(f, true)
	}
	if q.taken == 0 {
		r.unsure = "nothing came out of the queue"
	}
	r.summary = fmt.Sprintf("%s came out, and had been put in; whether any was lost was not asked, which --workload total-queue does of a queue that was drained",
		plural(q.taken, "element"))
	return nil
}

// judgeTotalQueue demands that what was put in comes out, and nothing else. Elements may come out twice. An element is lost if it was
// acknowledged before the last drain began and never came out; dequeues of unknown outcome may each have taken one, and drains of
// unknown outcome any number. Where nothing drains, a dequeue that failed or found nil found the queue empty. The rules are those of
// jepsen.checker/total-queue, which asks neither when an element was put in nor for unknown dequeues.
func judgeTotalQueue(r *recording) error {
	q, err := newQueue(r)
	if err != nil {
		return err
	}
	for _, f := range q.flows {
		q.judgeOrigin(f, false)
	}
	if q.emptied == nil {
		r.unsure = "nothing shows that the queue was drained: there is no drain that ended well, and no dequeue that found it empty"
		return nil
	}
	q.judgeLosses()
	return nil
}

// queue is what went into a queue and came out of it.
type queue struct {
	r       *recording
	flows   []*flow
	byValue map[any]*flow
	taken   int         // elements that came out
	emptied *operation  // the last to begin of those that found the queue empty
	drained bool        // emptied is a drain
	unknown []operation // dequeues and drains of unknown outcome
}

// flow is what is known of an element, by places in recording.events in their order.
type flow struct {
	value  any
	begun  []int32 // enqueues of it began that may have happened
	acked  []int32 // enqueues of it were acknowledged
	failed int32   // an enqueue of it failed; none
	out    []int32 // operations ended that took it
}

func newQueue(r *recording) (*queue, error) {
	ops, err := r.pair()
	if err != nil {
		return nil, err
	}
	q := &queue{r: r, byValue: map[any]*flow{}}
	for i := range ops {
		if e := &r.events[ops[i].invoke]; e.F == "enqueue" {
			q.enqueue(&ops[i], q.of(e.Value))
		}
	}
	for i := range ops {
		if r.events[ops[i].invoke].F != "enqueue" {
			if err := q.dequeue(&ops[i]); err != nil {
				return nil, err
			}
		}
	}
	for _, f := range q.flows {
		slices.Sort(f.acked)
		slices.Sort(f.out)
	}
	return q, nil
}

func (q *queue) of(value any) *flow {
	f := q.byValue[asKey(value)]
	if f == nil {
		f = &flow{value: value, failed: none}
		q.byValue[asKey(value)] = f
		q.flows = append(q.flows, f)
	}
	return f
}

func (q *queue) enqueue(op *operation, f *flow) {
	if op.outcome == history.Fail {
		f.failed = op.complete
		return
	}
	f.begun = append(f.begun, op.invoke)
	if op.outcome == history.OK {
		f.acked = append(f.acked, op.complete)
	}
}

// dequeue takes over a dequeue or a drain. Those that found the queue empty, as nil or as a failure, took nothing.
func (q *queue) dequeue(op *operation) error {
	drain := q.r.events[op.invoke].F == "drain"
	if op.outcome == history.Info {
		q.unknown = append(q.unknown, *op)
		return nil
	}
	e := &q.r.events[op.complete]
	var found []any
	switch known := q.byValue[nil] != nil; {
	case op.outcome == history.Fail:
	case drain:
		var ok bool
		if found, ok = elements(e.Value); !ok && e.Value != nil {
			return shapeError(e, "expected a drain's value to be a collection of the elements that it took, found %s", explainValue(e.Value))
		}
	case e.Value != nil || known:
		found = []any{e.Value}
	}
	for _, v := range found {
		f := q.of(v)
		f.out = append(f.out, op.complete)
	}
	q.taken += len(found)
	empty := drain && op.outcome == history.OK || !drain && len(found) == 0
	if empty && (q.emptied == nil || drain && !q.drained || drain == q.drained && op.invoke > q.emptied.invoke) {
		q.emptied, q.drained = op, drain
	}
	return nil
}

// judgeOrigin matches what came out with what had been put in by then: the i-th to end needs i that had begun.
func (q *queue) judgeOrigin(f *flow, once bool) {
	for i, at := range f.out {
		before, _ := slices.BinarySearch(f.begun, at)
		if i < before {
			continue
		}
		switch {
		case before > 0 && len(f.begun) <= i:
			if once {
				q.r.found("duplicated", func() string {
					return fmt.Sprintf("Element %s came out %s, the last time on %s. It was put in %s at most", explainValue(f.value), times(len(f.out)),
						q.r.place(f.out[len(f.out)-1]), times(len(f.begun)))
				}, q.r.shownBy(slices.Concat(f.begun, f.out)...))
			}
		case before > 0 && !once: // it may have come out twice before
		default:
			q.r.found("unexpected", func() string { return q.unexpected(f, at) }, q.r.shownBy(append(slices.Clone(f.begun), at, f.failed)...))
		}
		return
	}
}

func (q *queue) unexpected(f *flow, at int32) string {
	text := fmt.Sprintf("Element %s came out on %s. ", explainValue(f.value), q.r.place(at))
	next, _ := slices.BinarySearch(f.begun, at)
	switch {
	case next < len(f.begun):
		return text + "The enqueue that could have put it in began only on " + q.r.place(f.begun[next])
	case f.failed != none:
		return text + "The enqueue of it failed (" + q.r.place(f.failed) + ")"
	}
	return text + "Nobody tried to enqueue it"
}

// judgeLosses holds what came out against what had to come out before the queue was empty.
func (q *queue) judgeLosses() {
	var lost []*flow
	asked, late, missing, recovered, twice := 0, 0, 0, 0, 0
	for _, f := range q.flows {
		due, _ := slices.BinarySearch(f.acked, q.emptied.invoke)
		asked += due
		if n := due - len(f.out); n > 0 {
			lost = append(lost, f)
			missing += n
		}
		late += max(0, len(f.acked)-max(due, len(f.out)))
		recovered += max(0, min(len(f.out), len(f.begun))-len(f.acked))
		twice += max(0, len(f.out)-len(f.begun))
	}
	gone, unlimited := q.unknownTakers()
	if !unlimited && missing > gone {
		slices.SortStableFunc(lost, func(a, b *flow) int { return cmp.Compare(a.acked[0], b.acked[0]) })
		for _, f := range lost {
			q.r.found("lost", func() string { return q.lost(f, missing, gone) }, q.r.shownBy(f.acked[0], q.emptied.complete))
		}
	}
	if asked == 0 {
		q.r.unsure = "no enqueue was acknowledged before the queue was emptied: nothing could have been lost"
	}
	q.r.summary = plural(q.taken, "element") + " came out, and all had been put in"
	if recovered > 0 {
		q.r.summary += fmt.Sprintf("; %d of them by enqueues of unknown outcome", recovered)
	}
	if twice > 0 {
		q.r.summary += fmt.Sprintf("; %s more came out than were put in, which a total-queue allows", plural(twice, "element"))
	}
	if missing > 0 {
		q.r.summary += fmt.Sprintf("; %s that did not come out may have gone to dequeues or drains of unknown outcome", plural(missing, "element"))
	}
	if late > 0 {
		q.r.summary += fmt.Sprintf("; of %s that did not come out nothing is known, as no later drain looked for them", plural(late, "element"))
	}
}

// unknownTakers is how many elements dequeues of unknown outcome can have taken before the queue was empty.
func (q *queue) unknownTakers() (n int, unlimited bool) {
	for i := range q.unknown {
		if op := &q.unknown[i]; op.invoke < q.emptied.complete {
			n++
			unlimited = unlimited || q.r.events[op.invoke].F == "drain"
		}
	}
	return n, unlimited
}

func (q *queue) lost(f *flow, missing, gone int) string {
	how := "the drain of %s to %s found the rest"
	if !q.drained {
		how = "the dequeue of %s to %s found the queue empty"
	}
	text := fmt.Sprintf("Element %s was enqueued on %s. It never came out, and "+how, explainValue(f.value), q.r.place(f.acked[0]),
		q.r.place(q.emptied.invoke), q.r.place(q.emptied.complete))
	if gone > 0 {
		text += fmt.Sprintf(". Of %s missing so, at most %d can have gone to dequeues of unknown outcome", plural(missing, "element"), gone)
	}
	return text
}

// times is "once", "twice", "3 times".
func times(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}
