package engine

import (
	"context"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// TestSharesTakeTheirParts: the shares of a row have all of its clients, operations and arrivals between them, and none twice.
func TestSharesTakeTheirParts(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Concurrency, cfg.Ops, cfg.Rate = 7, 100, 70
	var ops int64
	var rate float64
	for from := 0; from < 7; {
		to := min(from+3, 7)
		s := NewShare(Row{Target: nothing{}}, cfg, from, to)
		ops, rate, from = ops+s.cfg.Ops, rate+s.cfg.Rate, to
	}
	if ops != 100 || rate < 69.9 || rate > 70.1 {
		t.Errorf("%d operations at %v a second, want 100 at 70", ops, rate)
	}
}

// drawn is a workload of one client that adds 1 to a cell.
type drawn struct{ op harness.Op }

func (d *drawn) Next(harness.Answer) *harness.Op {
	d.op = harness.Op{Name: "add", Steps: []harness.Step{{Kind: harness.Add, Delta: 1}}}
	return &d.op
}

// TestCollectFindsWhatWasBegun: what a client has sent and not been answered is collected, as unknown, before its answer is.
func TestCollectFindsWhatWasBegun(t *testing.T) {
	s := NewShare(Row{Target: nothing{}}, DefaultConfig(), 0, 1)
	s.begun = time.Now()
	c := &client{share: s, ops: &drawn{}, names: map[string]uint8{}, log: &harness.Log{}, shelf: &shelf{}}
	c.logs = []*harness.Log{c.log}
	s.clients = []*client{c}
	var answered, open []int64
	collect := func(most int) bool {
		answered, open = nil, nil
		return s.Collect(most, func(r *Collected) {
			if r.Open {
				open = append(open, r.ID)
			} else {
				answered = append(answered, r.ID)
			}
			if len(r.Accesses) != 1 || r.Accesses[0].Delta != 1 || (r.Outcome == harness.Unknown) != r.Open {
				t.Errorf("collected %+v %+v", *r.Record, r.Accesses)
			}
		})
	}
	c.session = asked(func() harness.Result {
		collect(10)
		if len(open) != 1 || open[0] != harness.OpID(0, c.seq) {
			t.Errorf("while operation %d was under way, %v were open", c.seq, open)
		}
		return harness.Result{Outcome: harness.OK}
	})
	for range 3 {
		c.one(t.Context(), atOnce)
	}
	if collect(10); len(answered) != 1 || answered[0] != harness.OpID(0, 3) || len(open) != 0 {
		t.Errorf("the last Collect found %v, open %v", answered, open)
	}
	c.session = asked(func() harness.Result { return harness.Result{Outcome: harness.OK} })
	for range 3 {
		c.one(t.Context(), atOnce)
	}
	c.newProcess()
	c.one(t.Context(), atOnce)
	if !collect(2) || len(answered) != 2 {
		t.Errorf("at most 2 were asked for, and %v came", answered)
	}
	if collect(10) || len(answered) != 2 || answered[1] != harness.OpID(c.process, 1) {
		t.Errorf("the rest is %v", answered)
	}
}

// asked is a session that answers what a function does.
type asked func() harness.Result

func (a asked) Do(_ context.Context, _ *harness.Op) harness.Result { return a() }
func (a asked) Close() error                                       { return nil }
