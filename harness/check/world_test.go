package check

import (
	"slices"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
)

// world is a kind of workload: its operations, and what must hold.
type world struct {
	cells  int
	groups []string // tables that share the cells alike
	limits []Limit
	checks []harness.Checker
	draw   func(t *rapid.T) harness.Op
}

func newWorld(kind string, cells int) *world {
	w := &world{cells: cells, groups: []string{"stock"}}
	if kind == "checkout" {
		w.groups = []string{"seat", "wallet", "sold"}
		w.cells *= len(w.groups)
	}
	cell := func(t *rapid.T) harness.Cell { return harness.Cell(rapid.IntRange(0, cells-1).Draw(t, "cell")) }
	amount := func(t *rapid.T) int64 { return rapid.Int64Range(1, 4).Draw(t, "amount") }
	all := Limit{}
	for c := range harness.Cell(cells) {
		w.limits = append(w.limits, Limit{Cells: []harness.Cell{c}})
		all.Cells = append(all.Cells, c)
	}
	writes := map[string]func(t *rapid.T) harness.Op{
		"seats": func(t *rapid.T) harness.Op {
			if rapid.IntRange(0, 2).Draw(t, "cancel") == 0 {
				return cancel(cell(t))
			}
			return buy(cell(t))
		},
		"transfer": func(t *rapid.T) harness.Op {
			from := cell(t)
			return move2(from, (from+1)%harness.Cell(cells), amount(t))
		},
		"joint": func(t *rapid.T) harness.Op {
			if rapid.IntRange(0, 2).Draw(t, "deposit") == 0 {
				return add("deposit", cell(t), amount(t))
			}
			return add("withdraw", cell(t), -amount(t), all.Cells...)
		},
		"checkout": func(t *rapid.T) harness.Op {
			answers := []harness.Outcome{harness.OK, harness.OK, harness.Rejected, harness.Failed}
			answer := rapid.SampledFrom(answers).Draw(t, "answer")
			if rapid.IntRange(0, 2).Draw(t, "refund") == 0 {
				return refund(cell(t), harness.Cell(cells)+cell(t), cells, answer)
			}
			return checkout(cell(t), harness.Cell(cells)+cell(t), cells, answer)
		},
	}[kind]
	var halves []harness.Checker
	switch kind {
	case "joint":
		w.limits = []Limit{all}
	case "checkout":
		for c := range harness.Cell(cells) {
			w.limits = append(w.limits, Limit{Cells: []harness.Cell{harness.Cell(cells) + c}})
		}
		halves = []harness.Checker{seatsAndCharges(cells)}
	}
	w.draw = func(t *rapid.T) harness.Op {
		if rapid.IntRange(0, 4).Draw(t, "read") == 0 {
			return readAll(w.cells)
		}
		return writes(t)
	}
	w.checks = []harness.Checker{Oversold("oversold", "seats", w.limits), Journal(), Conservation(), LostSales(w.limits)}
	w.checks = append(w.checks, halves...)
	if kind == "transfer" {
		w.checks = append(w.checks, Total("total", all.Cells))
	}
	return w
}

// limited reports whether a limit counts the cell.
func (w *world) limited(c harness.Cell) bool {
	return slices.ContainsFunc(w.limits, func(l Limit) bool { return slices.Contains(l.Cells, c) })
}

func seatsAndCharges(cells int) harness.Checker {
	seats, wallets := Side{Name: "seat"}, Side{Name: "charge"}
	for c := range harness.Cell(cells) {
		seats.Cells, wallets.Cells = append(seats.Cells, c), append(wallets.Cells, harness.Cell(cells)+c)
	}
	return Atomicity(seats, wallets)
}

func drawSim(t *rapid.T, w *world) *sim {
	start := make([]int64, w.cells)
	for i := range start {
		start[i] = rapid.Int64Range(0, 6).Draw(t, "start")
	}
	s := newSim(4, start...)
	s.share(w.groups)
	s.versioned = rapid.IntRange(0, 3).Draw(t, "unversioned") != 3
	return s
}

// drawOps does n random operations with random intervals and outcomes.
func drawOps(t *rapid.T, w *world, s *sim, n int) {
	for range n {
		s.now += rapid.Int64Range(0, 12).Draw(t, "pause")
		op := w.draw(t)
		sh := shot{client: -1, hides: rapid.IntRange(0, 3).Draw(t, "hides") == 0}
		first := rapid.IntRange(0, len(s.free)-1).Draw(t, "client")
		for i := range s.free {
			if c := (first + i) % len(s.free); s.free[c] < s.now && sh.client < 0 {
				sh.client = c
			}
		}
		if sh.client < 0 {
			sh.client = s.addClient(int32(len(s.free)))
		}
		sh.invoke = rapid.Int64Range(max(s.free[sh.client], s.now-40), s.now).Draw(t, "invoke")
		sh.end = s.now + rapid.Int64Range(0, 40).Draw(t, "wait")
		sh.outcome = harness.OK
		switch rapid.IntRange(0, 11).Draw(t, "fate") {
		case 11:
			sh.outcome = harness.Failed
		case 10:
			sh.outcome = harness.Unknown
		case 9: // it happens, perhaps long after the client gave up
			sh.outcome, sh.happens = harness.Unknown, true
			sh.end = rapid.Int64Range(sh.invoke, s.now+40).Draw(t, "gave up")
		}
		if len(op.Steps[0].Cells) > 0 {
			sh.hides = false
		} else if rapid.IntRange(0, 5).Draw(t, "bump") == 0 && s.versioned {
			s.versions[op.Steps[0].Cell]++ // a row that was only read is bumped as well
		}
		s.do(op, sh)
	}
}
