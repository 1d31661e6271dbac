package check

import (
	"context"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/linear"
)

func stockOf(t interface{ Context() context.Context }, h *harness.History, w *world) RecordedVerdict {
	return Stock(t.Context(), h, w.limits, linear.Limits{})
}

// TestStockIsNeverAccused: what a serial store sells and refuses fits an order, unknown operations and late ones included.
func TestStockIsNeverAccused(t *testing.T) {
	judged := 0
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld("seats", 2)
		s := drawSim(t, w)
		drawOps(t, w, s, rapid.IntRange(0, 40).Draw(t, "ops"))
		v := stockOf(t, s.done(), w)
		if v.Verdict == harness.Unsafe {
			t.Fatalf("%+v", v)
		}
		if v.Verdict == harness.Safe {
			judged++
		}
	})
	if judged == 0 {
		t.Error("no history was judged")
	}
}

// TestStockSeesWrongAnswers: a sale of what is not there, and a refusal of what is.
func TestStockSeesWrongAnswers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld("seats", 2)
		s := newSim(4, 20, 20) // more than can be sold
		drawOps(t, w, s, rapid.IntRange(0, 15).Draw(t, "before"))
		client := s.addClient(77)
		s.now += 100
		wrong := rapid.SampledFrom([]harness.Outcome{harness.OK, harness.Rejected}).Draw(t, "wrong")
		log, says := s.log(client), "had at most"
		r := harness.Record{Tries: 1, Outcome: wrong}
		a := harness.Access{Cell: 0, Kind: harness.Writes, Delta: -1, Value: harness.NotSeen, Version: harness.NotSeen}
		if wrong == harness.Rejected {
			says = "had at least"
		} else {
			a.Delta = -100
		}
		r.Invoke, r.Begin, r.End = s.now, s.now, s.now+5
		log.Append(r, a)
		s.free[client], s.now = s.now+5, s.now+100
		drawOps(t, w, s, rapid.IntRange(0, 15).Draw(t, "after"))
		v := stockOf(t, s.done(), w)
		if v.Verdict != harness.Unsafe || !strings.Contains(v.Reason, says) || !strings.Contains(v.Reason, "Client 77") {
			t.Fatalf("%+v, want client 77 told of, in %q", v, says)
		}
	})
}

// TestStockLeavesOthersAlone: what is not a stock by itself has no verdict.
func TestStockLeavesOthersAlone(t *testing.T) {
	for _, kind := range []string{"transfer", "joint"} {
		w := newWorld(kind, 2)
		s := newSim(2, 5, 5)
		s.simple(move2(0, 1, 1), 0)
		if v := stockOf(t, s.done(), w); v.Verdict != harness.Inconclusive || v.Reason == "" {
			t.Errorf("%s: %+v", kind, v)
		}
	}
}
