package check

import (
	"context"
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// maxShown is how many cells a text lists with their values.
const maxShown = 10

// Total demands that the sum over cells never changes: in every acknowledged operation that only read, and read all of them,
// and in the end. The measure is the largest difference.
func Total(name string, cells []harness.Cell) harness.Checker {
	t := &total{cells: cells}
	return harness.Checker{
		Name: name, Rule: "the cells add up to the same total in every read and at the end", Unit: "units", NeedsOps: true,
		Check: func(_ context.Context, h *harness.History) harness.Finding { return t.check(h) }, Plant: t.plant,
	}
}

type total struct{ cells []harness.Cell }

func (t *total) sum(values []int64) int64 { return (&Limit{Cells: t.cells}).sum(values) }

// adder sums up the total's cells out of an operation's reads.
type adder struct {
	cells int
	seen  []int // by cell: the last operation (counted from 1) that read it; -1: not one of the total's
	op    int
}

func (t *total) adder(h *harness.History) *adder {
	a := &adder{cells: len(t.cells), seen: make([]int, len(h.Start.Values))}
	for c := range a.seen {
		a.seen[c] = -1
	}
	for _, c := range t.cells {
		a.seen[c] = 0
	}
	return a
}

// add is the total that the operation read, if it only read, and read all of it.
func (s *adder) add(r *harness.Recorded) (sum int64, all bool) {
	if r.Outcome != harness.OK || len(r.Accesses) < s.cells || r.Wrote() {
		return 0, false
	}
	s.op++
	left := s.cells
	for i := range r.Accesses {
		a := &r.Accesses[i]
		if last := s.seen[a.Cell]; last < 0 || last == s.op || a.Value == harness.NotSeen {
			continue
		}
		s.seen[a.Cell] = s.op
		sum += a.Value
		left--
	}
	return sum, left == 0
}

func (t *total) check(h *harness.History) harness.Finding {
	var f harness.Finding
	want := t.sum(h.Start.Values)
	adder := t.adder(h)
	for r := range h.Ops() {
		if sum, all := adder.add(&r); all && sum != want {
			f.Measure = max(f.Measure, abs(sum-want))
			f.Add(t.explain(h, r.ID, sum))
			if h.Terse {
				return f
			}
		}
	}
	if !ended(h) {
		return f
	}
	if sum := t.sum(h.Final.Values); sum != want {
		f.Measure = max(f.Measure, abs(sum-want))
		f.Add(func() string { return fmt.Sprintf("%s ended with %d in all instead of %d", t.name(h), sum, want) })
	}
	return f
}

// teller is apart from check so that check's loop allocates nothing.
func (t *total) explain(h *harness.History, id, sum int64) func() string {
	return func() string {
		r, _ := h.Finder()(id)
		return fmt.Sprintf("%s held %d in all instead of %d%s. %s found that %s", t.name(h), sum, t.sum(h.Start.Values), t.values(&r),
			sentence(opOf(h, &r)), h.When(&r))
	}
}

// name is what a human calls the cells together: "Account 0 and account 1", "Account 0 and 63 more".
func (t *total) name(h *harness.History) string {
	if len(t.cells) > maxShown {
		return fmt.Sprintf("%s and %d more", sentence(h.Start.CellName(t.cells[0])), len(t.cells)-1)
	}
	names := make([]string, len(t.cells))
	for i, c := range t.cells {
		names[i] = h.Start.CellName(c)
	}
	return sentence(list(names))
}

// values is what the operation read of the cells, in their order, where they are few: " (4, 5)".
func (t *total) values(r *harness.Recorded) string {
	if len(t.cells) > maxShown {
		return ""
	}
	values := make([]string, len(t.cells))
	for i, c := range t.cells {
		for _, a := range r.Accesses {
			if a.Cell == c && values[i] == "" && a.Value != harness.NotSeen {
				values[i] = fmt.Sprint(a.Value)
			}
		}
	}
	return " (" + strings.Join(values, ", ") + ")"
}

func (t *total) plant(h *harness.History) (*harness.History, bool) {
	if len(t.cells) == 0 {
		return nil, false
	}
	adder := t.adder(h)
	for r := range h.Ops() {
		if sum, all := adder.add(&r); all {
			off := t.sum(h.Start.Values) - sum + 1
			return h.Edited(r.ID, func(_ *harness.Record, accesses []harness.Access) { t.spoil(accesses, off) }), true
		}
	}
	if !ended(h) || len(h.Final.Entries) == 0 && h.Start.Journal != "" {
		return nil, false
	}
	return withFinalValue(h, t.cells[0], t.sum(h.Start.Values)-t.sum(h.Final.Values)+1), true
}

// spoil adds to what was read of the total's first cell.
func (t *total) spoil(accesses []harness.Access, by int64) {
	for i := range accesses {
		if accesses[i].Cell == t.cells[0] {
			accesses[i].Value += by
			return
		}
	}
}
