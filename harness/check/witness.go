package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/linear"
)

// witness puts into words why an object is not linearizable.
type witness struct {
	r    *recording
	ops  []operation
	o    *object
	what string // register, mutex
}

// name is what the object is called at the beginning of a sentence: "Register 4", "The mutex".
func (w *witness) name() string {
	if w.o.keyed {
		return sentence(w.what) + " " + explainValue(w.o.key)
	}
	return "The " + w.what
}

// lines is from where to where an operation of the object went.
func (w *witness) lines(i int) string {
	op := &w.ops[w.o.source[i]]
	if w.o.Ops[i].Return == linear.Forever {
		return w.r.place(op.invoke) + ", outcome unknown"
	}
	return w.r.place(op.invoke) + " to " + w.r.place(op.complete)
}

// op is an operation of the object: "the write of 3 (line 4 to line 7)".
func (w *witness) op(i int) string {
	op, text := &w.o.Ops[i], ""
	switch op.Kind {
	case linear.Read:
		text = "the read of " + w.value(op.Value)
	case linear.Write:
		text = "the write of " + w.value(op.Value)
	case linear.Swap:
		text = "the cas from " + w.value(op.From) + " to " + w.value(op.Value)
	case linear.Acquire:
		text = "the acquisition"
	case linear.Release:
		text = "the release"
	case linear.Enqueue:
		text = "the enqueue of " + w.value(op.Value)
	case linear.Dequeue:
		text = "the dequeue of " + w.value(op.Value)
	case linear.Vacant:
		text = "the dequeue that found nothing"
	case linear.Apply:
		text = w.applied(i)
	case linear.Add, linear.Refuse:
	}
	return fmt.Sprintf("%s (%s)", text, w.lines(i))
}

// applied is an operation by its event: "the append of "x"", "the transaction [[:read 1 2]]".
func (w *witness) applied(i int) string {
	said := w.r.said(&w.ops[w.o.source[i]])
	value := said.Value
	if w.o.keyed {
		_, value, _ = tuple(value)
	}
	if said.F == "txn" || said.F == "" {
		return "the transaction " + explainValue(value)
	}
	return "the " + said.F + " of " + explainValue(value)
}

func (w *witness) value(n int64) string { return explainValue(w.o.values[n]) }

// begins and ends are the places of an operation's events.
func (w *witness) begins(i int) string { return w.r.place(w.ops[w.o.source[i]].invoke) }
func (w *witness) ends(i int) string   { return w.r.place(w.ops[w.o.source[i]].complete) }

// tell notes the anomaly under all its names.
func (w *witness) explain(p *linear.Proof) {
	if w.what == "queue" {
		w.explainQueue(p)
		return
	}
	text, draw := func() string { return w.text(p) }, func() *anomaly.Timeline { return w.timeline(p) }
	w.r.found("nonlinearizable", text, draw)
	switch p.Kind {
	case linear.Nowhere:
		if _, failed := w.o.failed[w.foundBy(p.Ops[0])]; failed {
			w.r.found("G1a", text, draw)
		}
	case linear.Future:
		w.r.found("future-read", text, draw)
	case linear.Twice:
		w.r.found("lost-update", text, draw)
	default:
	}
}

// foundBy is the number of the value that an operation found.
func (w *witness) foundBy(i int) int64 {
	if w.o.Ops[i].Kind == linear.Swap {
		return w.o.Ops[i].From
	}
	return w.o.Ops[i].Value
}

func (w *witness) text(p *linear.Proof) string {
	switch p.Kind {
	case linear.Twice:
		return fmt.Sprintf("%s was set to %s only once. %s and %s both swapped that away", w.name(), w.value(w.foundBy(p.Ops[0])),
			sentence(w.op(p.Ops[0])), w.op(p.Ops[1]))
	case linear.Circle:
		all := make([]string, len(p.Ops))
		for i, op := range p.Ops {
			all[i] = w.op(op)
		}
		return fmt.Sprintf("%s went in a circle. Each of these found what the next one set: %s", w.name(), strings.Join(all, ", "))
	case linear.Crossed:
		for _, i := range []int{p.Ops[3], p.Ops[1]} {
			if text := w.couldHold(i, w.o.Holdable(i)); text != "" {
				return text
			}
		}
		return w.crossed(p)
	case linear.Late:
		if text := w.couldHold(p.Ops[1], w.o.Holdable(p.Ops[1])); text != "" {
			return text
		}
		return fmt.Sprintf("%s had a later value by %s: %s had found or set it. %s began after that, and its value had been swapped away",
			w.name(), w.ends(p.Ops[0]), w.op(p.Ops[0]), sentence(w.op(p.Ops[1])))
	case linear.Unplaced:
		if text := w.couldHold(p.Ops[0], p.Held); text != "" {
			return text
		}
		return w.unplaced(p)
	default: // Nowhere, Future
		text := w.couldHold(p.Ops[0], w.o.Holdable(p.Ops[0]))
		if text == "" {
			text = fmt.Sprintf("%s had never been set to %s. %s found that", w.name(), w.value(w.foundBy(p.Ops[0])), sentence(w.op(p.Ops[0])))
		}
		if p.Kind == linear.Future {
			return text + ". " + sentence(w.op(p.Ops[1])) + " had not begun"
		}
		if failed, ok := w.o.failed[w.foundBy(p.Ops[0])]; ok {
			op := w.ops[failed]
			text += fmt.Sprintf(". The %s of %s (%s to %s) failed", w.r.events[op.invoke].F, w.value(w.foundBy(p.Ops[0])),
				w.r.place(op.invoke), w.r.place(op.complete))
		}
		return text
	}
}

func (w *witness) unplaced(p *linear.Proof) string {
	return fmt.Sprintf("%s fits an order of the operations up to %s without %s, and no order with it", w.name(), w.ends(p.Ops[0]), w.op(p.Ops[0]))
}

// mostExplained bounds the values that couldHold names.
const mostExplained = 8

// couldHold says what the register could have held instead of what the operation found; empty if that says nothing.
func (w *witness) couldHold(i int, held []int64) string {
	op := &w.o.Ops[i]
	found := w.foundBy(i)
	if op.Kind != linear.Read && op.Kind != linear.Swap || op.Return == linear.Forever ||
		len(held) == 0 || len(held) > mostExplained || slices.Contains(held, found) {
		return ""
	}
	names := make([]string, len(held))
	for j, n := range held {
		names[j] = w.value(n)
	}
	did := "The read that ended there found " + w.value(found)
	if op.Kind == linear.Swap {
		did = "The cas that ended there swapped " + w.value(found) + " for " + w.value(op.Value)
	}
	return fmt.Sprintf("%s could only hold %s from %s to %s. %s", w.name(), strings.Join(names, " or "), w.begins(i), w.ends(i), did)
}

// crossed tells of two values each of which was before the other.
func (w *witness) crossed(p *linear.Proof) string {
	before := "It held " + show(w.r.opt.Initial) + " at first, before " + w.op(p.Ops[1])
	if p.Ops[0] >= 0 {
		before = sentence(w.op(p.Ops[0])) + " ended before " + w.op(p.Ops[1]) + " began"
	}
	return fmt.Sprintf("%s held each of two values before the other. %s. %s ended before %s began", w.name(), before,
		sentence(w.op(p.Ops[2])), w.op(p.Ops[3]))
}

func pluralOf(n int, of string) string {
	if of == "mutex" && n != 1 {
		return fmt.Sprintf("%d mutexes", n)
	}
	return plural(n, of)
}
