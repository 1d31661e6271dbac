package check

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// spooled is the same history with everything in a file that can be there.
func spooled(h *harness.History, s *spool.Spool) *harness.History {
	c := *h
	c.Spool, c.Logs = s, nil
	for _, l := range h.Logs {
		own := &harness.Log{Process: l.Process, Errors: l.Errors, Spool: s}
		for i := range l.Len() {
			r := l.At(i)
			own.Append(*r.Record, r.Accesses...)
		}
		c.Logs = append(c.Logs, own)
	}
	c.Final.Entries = append(spool.Make[harness.Entry](s, 0, len(h.Final.Entries)), h.Final.Entries...)
	return &c
}

// sameOnDisk demands that every check says of a history in a file what it says of the same in memory, its own plant included. It
// answers how many violations there are.
func sameOnDisk(t fataler, dir string, checks []harness.Checker, h *harness.History) (violations int64) {
	t.Helper()
	s := spool.New(dir, 0)
	defer s.Close()
	disk := spooled(h, s)
	for _, c := range checks {
		want, got := check(c, h), check(c, disk)
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("%s: in memory %+v, on disk %+v", c.Name, want, got)
		}
		if !c.Figure {
			violations += got.Violations
		}
		bad, ok := c.Plant(h)
		badDisk, okDisk := c.Plant(disk)
		if ok != okDisk || ok && !reflect.DeepEqual(check(c, bad), check(c, badDisk)) {
			t.Fatalf("%s: what it plants is another thing on disk", c.Name)
		}
	}
	return violations
}

// TestVerdictsOnDisk: every world, drawn; what a check makes of it does not depend on where it lies.
func TestVerdictsOnDisk(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.SampledFrom(worlds).Draw(t, "world"), 2)
		s := drawSim(t, w)
		drawOps(t, w, s, rapid.IntRange(0, 20).Draw(t, "before"))
		if c := harness.Cell(0); rapid.Bool().Draw(t, "loses") && w.groups[0] == "stock" {
			s.losing(c, s.addClient(77), cancel(c), cancel(c))
		}
		drawOps(t, w, s, rapid.IntRange(0, 20).Draw(t, "after"))
		sameOnDisk(t, dir, w.checks, s.done())
	})
}

// TestLongHistoriesOnDisk: many chunks of records, with and without lost updates.
func TestLongHistoriesOnDisk(t *testing.T) {
	for _, lossEvery := range []int{0, 500} {
		const cells, clients, n = 10, 3, 8_000
		s := newSim(clients, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100)
		r := rand.New(rand.NewPCG(1, 2))
		for i := range n {
			s.now += 2000
			op := readAll(cells)
			if r.IntN(10) > 0 {
				from := r.IntN(cells)
				op = move2(harness.Cell(from), harness.Cell((from+1+r.IntN(cells-1))%cells), 1+r.Int64N(50))
			}
			if lossEvery > 0 && i%lossEvery == 0 {
				s.pending[op.Steps[0].Cell] = harness.Access{Value: s.values[op.Steps[0].Cell] + 3, Version: s.versions[op.Steps[0].Cell] - 1}
			}
			s.do(op, shot{client: i % clients, invoke: s.now - 60_000, end: s.now + 60_000, outcome: harness.OK})
		}
		if found := sameOnDisk(t, t.TempDir(), newWorld("transfer", cells).checks, s.done()); (found > 0) != (lossEvery > 0) {
			t.Errorf("a loss every %d operations: %d violations", lossEvery, found)
		}
	}
}
