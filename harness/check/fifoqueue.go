package check

import (
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/linear"
)

// judgeFIFOQueue demands that queues are linearizable: elements come out in the order in which they were put in, and a dequeue that
// found nil found a queue empty. Queues are empty at first. A dequeue that failed did nothing, and says nothing. The rule is that of
// Knossos's model fifo-queue.
func judgeFIFOQueue(r *recording) error { return r.judgeObjects("queue", queueOp) }

func queueOp(o *object, e *history.Event, value any) (linear.Op, error) {
	switch {
	case e.F == "enqueue" && value == nil:
		return linear.Op{}, shapeError(e, "expected an enqueue to have an element for a value, found nil")
	case e.F == "enqueue":
		return linear.Op{Kind: linear.Enqueue, Value: o.number(value)}, nil
	case value == nil && e.Type == history.OK:
		return linear.Op{Kind: linear.Vacant}, nil
	}
	return linear.Op{Kind: linear.Dequeue, Value: o.number(value)}, nil
}

// explainQueue notes why a queue is not linearizable.
func (w *witness) explainQueue(p *linear.Proof) {
	text, draw := func() string { return w.queueText(p) }, func() *anomaly.Timeline { return w.timeline(p) }
	w.r.found("nonlinearizable", text, draw)
	switch p.Kind {
	case linear.Nowhere, linear.Future:
		w.r.found("unexpected", text, draw)
	case linear.Twice:
		w.r.found("duplicated", text, draw)
	default:
	}
}

func (w *witness) queueText(p *linear.Proof) string {
	first := p.Ops[0]
	element := w.value(w.o.Ops[first].Value)
	switch p.Kind {
	case linear.Nowhere:
		if failed, ok := w.o.failed[w.o.Ops[first].Value]; ok {
			op := w.ops[failed]
			return fmt.Sprintf("%s gave %s to %s. The enqueue of it (%s to %s) failed", w.name(), element, w.op(first), w.r.place(op.invoke), w.r.place(op.complete))
		}
		return fmt.Sprintf("%s gave %s to %s. Nobody tried to enqueue it", w.name(), element, w.op(first))
	case linear.Future:
		return fmt.Sprintf("%s gave %s to %s. %s had not begun", w.name(), element, w.op(first), sentence(w.op(p.Ops[1])))
	case linear.Twice:
		return fmt.Sprintf("%s got %s only once. %s and %s both took it", w.name(), element, sentence(w.op(first)), w.op(p.Ops[1]))
	case linear.Overtaken:
		text := fmt.Sprintf("%s did not keep the order. %s ended before %s began", w.name(), sentence(w.op(first)), w.op(p.Ops[1]))
		if p.Ops[3] < 0 {
			return fmt.Sprintf("%s. But %s took the later element, and nobody took the earlier one", text, w.op(p.Ops[2]))
		}
		return fmt.Sprintf("%s. But %s ended before %s began", text, w.op(p.Ops[2]), w.op(p.Ops[3]))
	case linear.Occupied:
		return w.occupied(p)
	}
	return w.unplaced(p)
}

// occupied names the elements that were in a queue while an operation found it empty.
func (w *witness) occupied(p *linear.Proof) string {
	var parts []string
	for i := 1; i < len(p.Ops) && len(parts) < mostExplained; i += 2 {
		until := ", and nobody took it"
		if out := p.Ops[i+1]; out >= 0 {
			until = " until " + w.op(out) + " at the least"
		}
		parts = append(parts, fmt.Sprintf("%s from the end of %s%s", w.value(w.o.Ops[p.Ops[i]].Value), w.op(p.Ops[i]), until))
	}
	if more := (len(p.Ops)-1)/2 - len(parts); more > 0 {
		parts = append(parts, plural(more, "further element"))
	}
	return fmt.Sprintf("%s was not empty at any moment of %s. It held %s", w.name(), w.op(p.Ops[0]), strings.Join(parts, "; then "))
}
