package check

import (
	"fmt"

	"github.com/lastseat/lastseat/harness/history"
)

// judgeCounter bounds each read of a counter that starts at 0 and is only ever added to: it finds at least what had been
// acknowledged when it began, and at most what had been attempted when it ended. The rules are those of
// jepsen.checker/counter.
func judgeCounter(r *recording) error {
	ops, err := r.pair()
	if err != nil {
		return err
	}
	byEvent := make([]int32, len(r.events)) // the operation that the event begins or ends
	for i, op := range ops {
		byEvent[op.invoke] = int32(i)
		if op.complete != none {
			byEvent[op.complete] = int32(i)
		}
	}
	var acknowledged, attempted int64
	least := make([]int64, len(ops)) // by read
	reads := 0
	for i := range r.events {
		e, at := &r.events[i], byEvent[i]
		op := &ops[at]
		if op.outcome == history.Fail {
			continue
		}
		switch {
		case e.F == "add":
			by, err := increment(&r.events[op.invoke])
			if err != nil {
				return err
			}
			switch e.Type {
			case history.Invoke:
				attempted += by
			case history.OK:
				acknowledged += by
			case history.Fail, history.Info:
			}
		case e.Type == history.Invoke:
			least[at] = acknowledged
		case e.Type == history.OK:
			n, ok := e.Value.(int64)
			if !ok {
				return shapeError(e, "expected a read's value to be a whole number, found %s", explainValue(e.Value))
			}
			reads++
			r.judgeCount(op, n, least[at], attempted)
		}
	}
	if reads == 0 {
		r.unsure = "the counter was never read"
	}
	r.summary = fmt.Sprintf("each of %s lay within its bounds", plural(reads, "read"))
	return nil
}

// maxIncrement keeps sums far from overflow.
const maxIncrement = 1 << 40

func increment(e *history.Event) (int64, error) {
	by, ok := e.Value.(int64)
	if !ok || by < 0 || by > maxIncrement {
		return 0, shapeError(e, "expected an addition's value to be a whole number from 0 to %d, found %s", maxIncrement, explainValue(e.Value))
	}
	return by, nil
}

func (r *recording) judgeCount(op *operation, found, least, most int64) {
	if found < least {
		r.found("count-too-low", func() string {
			return fmt.Sprintf("The counter was at least %d on %s, by additions acknowledged before. The read that began there found %d",
				least, r.place(op.invoke), found)
		})
	}
	if found > most {
		r.found("count-too-high", func() string {
			return fmt.Sprintf("The counter was at most %d on %s, by additions begun before. The read that ended there found %d",
				most, r.place(op.complete), found)
		})
	}
}
