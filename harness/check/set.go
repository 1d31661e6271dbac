package check

import (
	"fmt"

	"github.com/lastseat/lastseat/harness/history"
)

// judgeSet holds the last read against what was added: every element whose addition was acknowledged before the read began
// is there, and no element that nobody tried to add, or only by additions that failed. Those of unknown additions may be there. The rules
// are those of jepsen.checker/set, which also misses what was acknowledged only after the read began, and lets failed additions be found.
func judgeSet(r *recording) error {
	ops, err := r.pair()
	if err != nil {
		return err
	}
	last, attempted, failed := none, map[any]bool{}, map[any]int32{}
	for i, op := range ops {
		switch e := &r.events[op.invoke]; {
		case e.F == "add" && op.outcome == history.Fail:
			failed[asKey(e.Value)] = op.complete
		case e.F == "add":
			attempted[asKey(e.Value)] = true
		case op.outcome == history.OK && (last == none || op.complete > ops[last].complete):
			last = i
		}
	}
	if last == none {
		r.unsure = "the set was never read"
		return nil
	}
	read := ops[last]
	found, err := r.read(read.complete)
	if err != nil {
		return err
	}
	there := map[any]bool{}
	for _, v := range found {
		there[asKey(v)] = true
		if !attempted[asKey(v)] {
			r.found("unexpected", func() string {
				why := "Nobody tried to add it"
				if at, ok := failed[asKey(v)]; ok {
					why = "The addition of it failed (" + r.place(at) + ")"
				}
				return fmt.Sprintf("Element %s was in the last read (%s). %s", explainValue(v), r.place(read.complete), why)
			}, r.shownBy(read.complete, failedAt(failed, v)))
		}
	}
	for _, op := range ops {
		e := &r.events[op.invoke]
		if e.F == "add" && op.outcome == history.OK && op.complete < read.invoke && !there[asKey(e.Value)] {
			r.found("lost", func() string {
				return fmt.Sprintf("Element %s was added on %s. The last read (%s) did not find it",
					explainValue(e.Value), r.place(op.complete), r.place(read.complete))
			}, r.shownBy(op.complete, read.complete))
		}
	}
	r.summary = fmt.Sprintf("the last read (%s) found %s", r.place(read.complete), plural(len(there), "element"))
	return nil
}

// failedAt is where the addition of an element failed; none if none did.
func failedAt(failed map[any]int32, element any) int32 {
	if at, ok := failed[asKey(element)]; ok {
		return at
	}
	return none
}

// read is what an acknowledged read of a set found.
func (r *recording) read(event int32) ([]any, error) {
	e := &r.events[event]
	found, ok := elements(e.Value)
	if !ok {
		return nil, shapeError(e, "expected a read's value to be a set or vector of elements, found %s", explainValue(e.Value))
	}
	return found, nil
}
