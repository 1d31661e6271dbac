package history

import (
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
)

// addOp adds an operation to its process's log.
func (r *reader) addOp(o *opLine) error {
	log := r.logs[o.process]
	if log == nil {
		log = &harness.Log{Process: o.process, Clock: o.clock}
		r.clock = max(r.clock, o.clock)
	}
	if err := o.check(int64(log.Len()) + 1); err != nil {
		return err
	}
	name, err := r.name(o.name)
	if err != nil {
		return err
	}
	r.logs[o.process] = log
	o.record.Name = name
	log.Append(o.record, o.accesses...)
	if o.troubled {
		if log.Errors == nil {
			log.Errors = map[int64]string{}
		}
		log.Errors[o.id] = o.trouble
	}
	r.ops++
	r.writes += writes(o)
	return nil
}

// writes is how many writes of the operation may have happened.
func writes(o *opLine) (n int) {
	if o.record.Outcome != harness.OK && o.record.Outcome != harness.Unknown {
		return 0
	}
	for i := range o.accesses {
		if o.accesses[i].Kind.Changes() {
			n++
		}
	}
	return n
}

// check says why the operation cannot be its process's next.
func (o *opLine) check(next int64) error {
	id := harness.OpID(o.process, int(o.seq))
	switch {
	case o.id != id:
		return fmt.Errorf("id: expected %d for seq %d of process %d, found %d", id, o.seq, o.process, o.id)
	case o.seq < next:
		return fmt.Errorf("seq: operation %d of process %d is there twice", o.seq, o.process)
	case o.seq > next:
		return fmt.Errorf("seq: expected operation %d of process %d, found %d", next, o.process, o.seq)
	}
	if o.clock > 0 && o.seq > 1 {
		return fmt.Errorf("clock: expected it in the first operation of process %d, found it in operation %d", o.process, o.seq)
	}
	return checkRecord(&o.record)
}

// history is what was read.
func (r *reader) history() *harness.History {
	h := &harness.History{
		Label: r.header.Label, Seed: r.header.Seed, Counts: r.header.Counts, Model: r.header.Model, Names: r.names,
		Start: r.header.Start, Faults: r.faults,
	}
	switch {
	case r.final != nil:
		h.Final, h.Clocks = *r.final, r.clocks
	case len(r.clocks) > r.clock:
		h.Clocks = r.clocks
	case r.clock > 0: // how far the clocks are off stands at the end, which is missing
		for range r.clock + 1 {
			h.Clocks = append(h.Clocks, harness.Clock{Slack: harness.Incomparable})
		}
	}
	for _, l := range r.logs {
		h.Logs = append(h.Logs, l)
	}
	slices.SortFunc(h.Logs, func(a, b *harness.Log) int { return int(a.Process) - int(b.Process) })
	return h
}
