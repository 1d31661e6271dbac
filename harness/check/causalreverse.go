package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness/history"
)

// judgeCausalReverse demands that who sees a write also sees all that was there before it began: writes that had been acknowledged,
// or that an earlier read had found. Writes insert a value each, and reads find all values. The rule is that of
// jepsen.tests.causal-reverse, which does not ask what earlier reads had found.
func judgeCausalReverse(r *recording) error {
	ops, err := r.pair()
	if err != nil {
		return err
	}
	w := inserts{r: r, byValue: map[any]*inserted{}}
	for i := range ops {
		if e := &r.events[ops[i].invoke]; e.F == "write" {
			w.write(&ops[i], e.Value)
		}
	}
	for i := range ops {
		if e := &r.events[ops[i].invoke]; e.F == "read" && ops[i].outcome == history.OK {
			if err := w.read(ops[i]); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(w.all, func(a, b *inserted) int { return cmp.Compare(uint32(a.known), uint32(b.known)) }) // none comes last
	asked := 0
	for i := range w.reads {
		asked += w.judge(&w.reads[i])
	}
	if asked == 0 {
		r.unsure = "no read found a write that had begun after another one was there: nothing could have shown"
	}
	r.summary = fmt.Sprintf("each of %s found all that was there before the writes that it found began", plural(asked, "read"))
	return nil
}

// inserted is what is known of one value, by places in recording.events.
type inserted struct {
	value  any
	begun  int32 // the first write of it that may have happened began; none
	known  int32 // it was acknowledged, or a read that found it ended; none
	failed int32 // a write of it failed; none
}

// inserts are the values, and the reads that found some of them.
type inserts struct {
	r       *recording
	byValue map[any]*inserted
	all     []*inserted
	reads   []sight
}

func (w *inserts) write(op *operation, value any) {
	v := w.byValue[asKey(value)]
	if v == nil {
		v = &inserted{value: value, begun: none, known: none, failed: none}
		w.byValue[asKey(value)] = v
		w.all = append(w.all, v)
	}
	switch {
	case op.outcome == history.Fail:
		v.failed = op.complete
		return
	case v.begun == none:
		v.begun = op.invoke
	}
	if op.outcome == history.OK {
		v.knownAt(op.complete)
	}
}

func (v *inserted) knownAt(event int32) {
	if v.known == none || event < v.known {
		v.known = event
	}
}

// read takes over what a read found, and sees that it can have found it.
func (w *inserts) read(op operation) error {
	var found []any
	if e := &w.r.events[op.complete]; e.Value != nil {
		var err error
		if found, err = w.r.read(op.complete); err != nil {
			return err
		}
	}
	s := sight{op, make(map[any]bool, len(found))}
	for _, value := range found {
		v := w.byValue[asKey(value)]
		text := func(why string) func() string {
			return func() string {
				return fmt.Sprintf("The read of %s found %s. %s", w.r.place(op.complete), explainValue(value), why)
			}
		}
		switch {
		case v == nil:
			w.r.found("garbage-read", text("Nobody wrote that"))
		case v.begun == none:
			w.r.found("G1a", text("The write of it failed ("+w.r.place(v.failed)+")"))
		case v.begun > op.complete:
			w.r.found("future-read", text("The write of it began only on "+w.r.place(v.begun)))
		default:
			s.found[asKey(value)] = true
			v.knownAt(op.complete)
		}
	}
	w.reads = append(w.reads, s)
	return nil
}

// judge reports whether the read could have shown something: 1 or 0.
func (w *inserts) judge(s *sight) int {
	var last *inserted // the last to begin of those found
	for key := range s.found {
		if v := w.byValue[key]; last == nil || v.begun > last.begun {
			last = v
		}
	}
	if last == nil {
		return 0
	}
	before := 0 // how many of those found were there before the last one began
	for key := range s.found {
		if v := w.byValue[key]; v.known != none && v.known < last.begun {
			before++
		}
	}
	due, _ := slices.BinarySearchFunc(w.all, uint32(last.begun), func(v *inserted, at uint32) int { return cmp.Compare(uint32(v.known), at) })
	if due == 0 {
		return 0
	}
	if before < due {
		for _, v := range w.all[:due] {
			if !s.found[asKey(v.value)] {
				w.r.found("causal-reverse", func() string { return w.missed(s, v, last) })
				break
			}
		}
	}
	return 1
}

func (w *inserts) missed(s *sight, missed, found *inserted) string {
	how := "acknowledged on "
	if w.r.events[missed.known].F == "read" {
		how = "found by a read, which ended on "
	}
	return fmt.Sprintf("The write of %s was %s%s. The write of %s began after that, on %s. The read of %s to %s found %s, but not %s",
		explainValue(missed.value), how, w.r.place(missed.known), explainValue(found.value), w.r.place(found.begun),
		w.r.place(s.invoke), w.r.place(s.complete), explainValue(found.value), explainValue(missed.value))
}
