package check

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// million is a history of a million operations by 64 clients on 10 accounts: a tenth read all of them, the others
// transfer. The journal comes in the order of commits, as from a database. Every so often an update is lost; 0: never.
func million(b *testing.B, lossEvery int) (*harness.History, []harness.Checker) {
	const cells, clients, n = 10, 64, 1_000_000
	start := make([]int64, cells)
	for i := range start {
		start[i] = 100
	}
	s := newSim(clients, start...)
	r := rand.New(rand.NewPCG(1, 2))
	read := readAll(cells)
	for i := range n {
		s.now += 2000
		op := read
		if r.IntN(10) > 0 {
			from := r.IntN(cells)
			op = move2(harness.Cell(from), harness.Cell((from+1+r.IntN(cells-1))%cells), 1+r.Int64N(50))
		}
		if lossEvery > 0 && i%lossEvery == 0 {
			s.pending[op.Steps[0].Cell] = harness.Access{Value: s.values[op.Steps[0].Cell] + 3, Version: s.versions[op.Steps[0].Cell] - 1}
		}
		s.do(op, shot{client: i % clients, invoke: s.now - 60_000, end: s.now + 60_000, outcome: harness.OK})
	}
	w := newWorld("transfer", cells)
	h := s.done()
	for _, c := range w.checks {
		if f := check(c, h); f.Violations > 0 && !c.Figure && lossEvery == 0 {
			b.Fatal(c.Name, f)
		}
	}
	return h, w.checks
}

// BenchmarkMillion is a million operations through every checker, and through each.
func BenchmarkMillion(b *testing.B) {
	h, checks := million(b, 0)
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, c := range checks {
				check(c, h)
			}
		}
	})
	for _, c := range checks {
		b.Run(c.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				check(c, h)
			}
		})
		b.Run("plant-"+c.Name, func(b *testing.B) {
			for b.Loop() {
				c.Plant(h)
			}
		})
	}
}

// BenchmarkBrokenMillion is the same where one operation in a hundred loses an update.
func BenchmarkBrokenMillion(b *testing.B) {
	h, checks := million(b, 100)
	for b.Loop() {
		for _, c := range checks {
			check(c, h)
		}
	}
}

// BenchmarkHalves is a million checkouts and refunds.
func BenchmarkHalves(b *testing.B) {
	const n = 10
	start := slices.Repeat([]int64{1_000_000}, 3*n)
	s := newSim(64, start...)
	s.share([]string{"seat", "wallet", "sold"})
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 1_000_000 {
		s.now += 2000
		op := checkout(harness.Cell(r.IntN(n)), harness.Cell(n+r.IntN(n)), n, harness.OK)
		s.do(op, shot{client: i % 64, invoke: s.now - 60_000, end: s.now + 60_000, outcome: harness.OK})
	}
	h, c := s.done(), seatsAndCharges(n)
	for b.Loop() {
		if f := check(c, h); f.Violations > 0 {
			b.Fatal(f)
		}
	}
}
