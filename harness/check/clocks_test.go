package check

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/linear"
)

// timedBy has clocks record the history: that of a process by its number, each off by as much as is given, within its slack.
func timedBy(h *harness.History, clocks []harness.Clock, off []int64) {
	h.Clocks = clocks
	for _, l := range h.Logs {
		l.Clock = int(l.Process) % len(clocks)
		for i := range l.Len() {
			r := l.At(i)
			r.Invoke, r.Begin, r.End = r.Invoke+off[l.Clock], r.Begin+off[l.Clock], r.End+off[l.Clock]
		}
	}
}

// TestClocksNeverAccuse: what a serial store did is right, whatever three clocks show of it within their slack.
func TestClocksNeverAccuse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		world := rapid.SampledFrom(worlds).Draw(t, "world")
		w := newWorld(world, 2)
		s := drawSim(t, w)
		drawOps(t, w, s, rapid.IntRange(0, 40).Draw(t, "ops"))
		h := s.done()
		right, err := anomaly.JudgeCells(h, "") // wrong where the store hides what it did
		if err != nil {
			t.Fatal(err)
		}
		var clocks []harness.Clock
		var off []int64
		for _, name := range []string{"w1", "w2", "w3"} {
			slack := rapid.SampledFrom([]int64{0, 1, 20, 90, 900, harness.Incomparable - 1, harness.Incomparable}).Draw(t, "slack")
			most := min(slack, 900)
			clocks, off = append(clocks, harness.Clock{Name: name, Slack: slack}), append(off, rapid.Int64Range(-most, most).Draw(t, "off"))
		}
		timedBy(h, clocks, off)
		for _, c := range w.checks {
			if f := check(c, h); f.Violations > 0 {
				t.Fatalf("%s: %+v", c.Name, f)
			}
		}
		if f := progress(h); f.Violations > 0 {
			t.Fatalf("progress: %+v", f)
		}
		if r, err := anomaly.JudgeCells(h, ""); err != nil || r.Verdict == harness.Unsafe && right.Verdict != harness.Unsafe {
			t.Fatalf("%v %+v", err, r)
		}
		if v := Stock(context.Background(), h, stocksIn(h), linear.Limits{}); world == "seats" && v.Verdict == harness.Unsafe {
			t.Fatalf("stock: %s", v.Reason)
		}
	})
}

func stocksIn(h *harness.History) (all []Limit) {
	for c := range harness.Cell(len(h.Start.Values)) {
		all = append(all, Limit{Cells: []harness.Cell{c}})
	}
	return all
}

// late is a history of one seat, of which one operation, by worker two, is recorded late by so much: a read of the seat before it was sold, or
// the cancellation between two sales. Clients 0 and 2 are of worker one.
func late(read bool, by int64, clocks []harness.Clock) *harness.History {
	s := newSim(3, 1)
	s.simple(buy(0), 0)
	if read {
		s = newSim(3, 1)
		s.simple(readAll(1), 1)
		s.simple(buy(0), 0)
	} else {
		s.simple(cancel(0), 1)
		s.simple(buy(0), 2)
	}
	h := s.done()
	timedBy(h, []harness.Clock{{Name: "w1"}, {Name: "w2"}}, []int64{0, by})
	if h.Clocks = clocks; len(clocks) < 2 {
		for _, l := range h.Logs {
			l.Clock = 0
		}
	}
	return h
}

// TestClocksProve: what times of one clock show, or of two that are farther apart than both may be off, is found, and nothing else.
func TestClocksProve(t *testing.T) {
	slack := func(two int64) []harness.Clock { return []harness.Clock{{Name: "w1"}, {Name: "w2", Slack: two}} }
	one := []harness.Clock{{Name: "w1", Slack: harness.Incomparable}}
	judges := map[string]func(by int64, clocks []harness.Clock) bool{
		"strict serializability": func(by int64, clocks []harness.Clock) bool {
			r, err := anomaly.JudgeCells(late(true, by, clocks), "strict-serializable")
			if err != nil {
				t.Fatal(err)
			}
			return r.Verdict == harness.Unsafe
		},
		"oversold": func(by int64, clocks []harness.Clock) bool {
			h := late(false, by, clocks)
			h.Final = harness.State{}
			return check(Oversold("oversold", "seats", stocksIn(h)), h).Violations > 0
		},
		"stock": func(by int64, clocks []harness.Clock) bool {
			h := late(false, by, clocks)
			return Stock(context.Background(), h, stocksIn(h), linear.Limits{}).Verdict == harness.Unsafe
		},
	}
	for name, found := range judges {
		for _, c := range []struct {
			by     int64
			clocks []harness.Clock
			want   bool
		}{
			{0, nil, false},
			{40, nil, true}, // the same times by one clock
			{40, one, true},
			{40, slack(40), false},
			{40, slack(1), true},
			{40, slack(harness.Incomparable), false},
			{4000, slack(40), true},
			{4000, slack(harness.Incomparable), false},
		} {
			if got := found(c.by, c.clocks); got != c.want {
				t.Errorf("%s: late by %d, clocks %v: found %t", name, c.by, c.clocks, got)
			}
		}
	}
}

// TestWithinOneWorker: a clock that cannot be compared with others still orders what it timed itself, among operations of others.
func TestWithinOneWorker(t *testing.T) {
	clocks := []harness.Clock{{Name: "w1", Slack: harness.Incomparable}, {Name: "w2", Slack: harness.Incomparable}}
	h := late(false, 40, clocks)
	for _, l := range h.Logs {
		l.Clock = 0
	}
	other := &harness.Log{Process: 7, Clock: 1}
	other.Append(harness.Record{Invoke: 1, Begin: 1, End: 2, Tries: 1, Outcome: harness.Rejected},
		harness.Access{Kind: harness.Writes, Delta: -5, Value: harness.NotSeen, Version: harness.NotSeen})
	h.Logs = append(h.Logs, other)
	if v := Stock(context.Background(), h, stocksIn(h), linear.Limits{}); v.Verdict != harness.Unsafe {
		t.Errorf("stock: %s %s", v.Verdict, v.Reason)
	}
	h.Final = harness.State{}
	mustSay(t, Oversold("oversold", "seats", stocksIn(h)), h, "Client 2 was told ok", "Stock 0 had 1 seat")
}

// TestLostSaleBetweenClocks: a refusal is wrong only if what came back had come back for certain.
func TestLostSaleBetweenClocks(t *testing.T) {
	for slack, want := range map[int64]int64{0: 1, 50: 0, harness.Incomparable: 0} {
		s := newSim(2, 0)
		s.simple(cancel(0), 0) // 115 to 125
		h := s.done()
		refused := &harness.Log{Process: 1, Clock: 1}
		refused.Append(harness.Record{Invoke: 160, Begin: 160, End: 170, Tries: 1, Outcome: harness.Rejected},
			harness.Access{Kind: harness.Writes, Delta: -1, Value: harness.NotSeen, Version: harness.NotSeen})
		h.Logs = append(h.Logs, refused)
		h.Clocks = []harness.Clock{{Name: "w1"}, {Name: "w2", Slack: slack}}
		if f := check(LostSales(stocksIn(h)), h); f.Violations != want {
			t.Errorf("slack %d: %+v", slack, f)
		}
	}
}

// TestStuckBetweenClocks: a cell is stuck only if the tries that failed were later than its last answer for certain.
func TestStuckBetweenClocks(t *testing.T) {
	for slack, want := range map[int64]int64{0: 1, 1_000_000: 1, harness.Incomparable: 0} {
		s := newSim(2, 1)
		s.simple(buy(0), 0)
		h, _ := stopped(s.done())
		h.Clocks = []harness.Clock{{Name: "w1"}, {Name: "w2", Slack: slack}}
		h.Logs[len(h.Logs)-1].Clock = 1
		if f := progress(h); f.Violations != want {
			t.Errorf("slack %d: %+v", slack, f)
		}
	}
}
