package check

import (
	"github.com/lastseat/lastseat/harness/history"
)

// operation is an invocation with its completion, by their places in recording.events.
type operation struct {
	invoke, complete int32             // complete is none where the file has no completion
	outcome          history.EventType // OK, Fail or Info
}

// none stands for an event that is not there.
const none = -1

// pair puts invocations and completions together, in the order of the invocations. A process does one thing at a time. Where
// the file names no process, a completion belongs to the oldest operation under way that does the same, with the same value
// if it writes. An operation that never ends has an unknown outcome.
func (r *recording) pair() ([]operation, error) {
	ops := make([]operation, 0, len(r.events)/2)
	open := map[int64]int32{}
	var nameless []int32
	for i := range r.events {
		e := &r.events[i]
		if e.Type == history.Invoke {
			if e.Process == history.NoProcess {
				nameless = append(nameless, int32(len(ops)))
			} else {
				if at, busy := open[e.Process]; busy {
					return nil, shapeError(e, "expected process %d to end its operation of %s first", e.Process, r.place(ops[at].invoke))
				}
				open[e.Process] = int32(len(ops))
			}
			ops = append(ops, operation{invoke: int32(i), complete: none, outcome: history.Info})
			continue
		}
		var at int32
		var ok bool
		if e.Process == history.NoProcess {
			at, nameless, ok = r.oldest(ops, nameless, e)
		} else {
			at, ok = open[e.Process]
			delete(open, e.Process)
		}
		if !ok || r.events[ops[at].invoke].F != e.F {
			return nil, shapeError(e, "expected an invocation of the %s that ends here, by the same process, before it", e.F)
		}
		ops[at].complete, ops[at].outcome = int32(i), e.Type
	}
	return ops, nil
}

// oldest takes the operation that a completion without a process ends out of those under way.
func (r *recording) oldest(ops []operation, nameless []int32, e *history.Event) (at int32, rest []int32, ok bool) {
	for i, at := range nameless {
		begun := &r.events[ops[at].invoke]
		if begun.F == e.F && (e.F == "read" || asKey(begun.Value) == asKey(e.Value)) {
			return at, append(nameless[:i], nameless[i+1:]...), true
		}
	}
	return 0, nameless, false
}
