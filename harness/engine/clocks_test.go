package engine

import (
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// twoWorkers is a history of two sales by two workers: from 100 to 200, and one that is answered at the given time, ten later than it began.
func twoWorkers(answered int64, slack ...int64) *harness.History {
	h := &harness.History{Names: []string{"buy"}, Start: harness.NewState(harness.Group{Table: "stock", Len: 1}, "", 9)}
	sold := harness.Access{Kind: harness.Writes, Delta: -1, Value: harness.NotSeen, Version: harness.NotSeen}
	first, second := &harness.Log{Process: 0}, &harness.Log{Process: 1, Clock: len(slack) / 2}
	first.Append(harness.Record{Invoke: 100, Begin: 100, End: 200, Tries: 1, Outcome: harness.OK}, sold)
	second.Append(harness.Record{Invoke: answered - 10, Begin: answered - 10, End: answered, Tries: 1, Outcome: harness.OK}, sold)
	h.Logs = []*harness.Log{first, second}
	for i, s := range slack {
		h.Clocks = append(h.Clocks, harness.Clock{Name: []string{"w1", "w2"}[i], Slack: s})
	}
	return h
}

// TestClocksAreToldOf: how many orders between workers are known, and how far the clocks may be apart.
func TestClocksAreToldOf(t *testing.T) {
	for _, c := range []struct {
		answered int64
		slack    []int64
		want     string
	}{
		{300, []int64{0, 80_000}, "2 workers, times agree within ±0.08 ms; 1 of 1 orders between workers are left out"},
		{300, []int64{40, 49}, "2 workers, times agree within ±0.000049 ms; 0 of 1 orders between workers are left out"},
		{300, []int64{40, 50}, "2 workers, times agree within ±0.00005 ms; 1 of 1 orders between workers are left out"},
		{150, []int64{0, 12_345_678}, "2 workers, times agree within ±13 ms; 0 of 0 orders between workers are left out"},
		{300, []int64{5, harness.Incomparable}, "2 workers, times agree within ±0.000005 ms, but for those of w2, which cannot be compared; 1 of 1 orders between workers are left out"},
		{300, []int64{harness.Incomparable, harness.Incomparable}, "2 workers, whose times cannot be compared; 1 of 1 orders between workers are left out"},
	} {
		if got := ClocksOf(twoWorkers(c.answered, c.slack...)).String(); got != c.want {
			t.Errorf("answered at %d, slack %d:\n%s\nwant\n%s", c.answered, c.slack, got, c.want)
		}
	}
	if ClocksOf(twoWorkers(300)) != nil {
		t.Error("one clock timed all")
	}
	one, two := ClocksOf(twoWorkers(300, 0, 80_000)), ClocksOf(twoWorkers(300, 5, harness.Incomparable))
	if got, want := one.and(two).String(), "2 workers, times agree within ±0.08 ms, but for those of w2, which cannot be compared; 2 of 2 orders between workers are left out"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if (*Clocks)(nil).and(one) != one || one.and(nil) != one {
		t.Error("what one history says is lost")
	}
}

// TestTrialsOfTwoClocks: what only may have met is no trial.
func TestTrialsOfTwoClocks(t *testing.T) {
	for _, c := range []struct {
		answered int64
		slack    []int64
		want     int64
	}{
		{150, nil, 1},
		{150, []int64{0, 0}, 1},
		{150, []int64{20, 30}, 1},
		{150, []int64{21, 30}, 0},
		{150, []int64{0, harness.Incomparable}, 0},
		{190, []int64{0, 10}, 1},
		{190, []int64{0, 11}, 0},
		{300, nil, 0},
	} {
		if got := Trials(twoWorkers(c.answered, c.slack...)); got != c.want {
			t.Errorf("answered at %d, slack %d: %d trials, want %d", c.answered, c.slack, got, c.want)
		}
	}
}
