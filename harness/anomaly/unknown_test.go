package anomaly

import (
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// TestUnknownWritesAccuseNobody are histories that a store of the model may have.
func TestUnknownWritesAccuseNobody(t *testing.T) {
	for _, c := range []struct{ name, history, model string }{
		{"read, and rolled back all the same", "ax1 ?ax2ay1 rx12ryay2ax3 ry2", "read-uncommitted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := parse(t, c.history)
			if r, err := Judge(t.Context(), h, c.model); err != nil || r.Verdict != harness.Safe {
				t.Errorf("%v %s\n%s", err, r.Reason, show(h, r))
			}
		})
	}
}

// TestWrittenTwice: where a value has several writers, the one that makes sense may have been read.
func TestWrittenTwice(t *testing.T) {
	for name, text := range map[string]string{
		"failed, and tried again":        "?wx1 !wx1 rx1",
		"the middle of another":          "?wx1wx2 ?wx1 rx1",
		"written again at the end":       "wx1wx2wx1 rx1",
		"by one that is unknown as well": "?wx1 wx1ry2 rx1wy2",
	} {
		t.Run(name, func(t *testing.T) {
			h := parseRegisters(t, text)
			for _, judge := range []judgement{Judge, JudgeChains} {
				if r, err := judge(t.Context(), h, "serializable"); err != nil || r.Verdict == harness.Unsafe {
					t.Errorf("%v %s\n%s", err, r.Reason, show(h, r))
				}
			}
		})
	}
}

// TestUnansweredReadsTellNothing: an acknowledged transaction may leave open what a read of it found.
func TestUnansweredReadsTellNothing(t *testing.T) {
	for _, c := range []struct {
		history string
		kind    history.Kind
	}{
		{"ax1 rxrx1", history.Lists},
		{"ax1 ax2rxrx12", history.Lists},
		{"wx1wx2rx wx3", history.Registers},
		{"ix1 rxrx1", history.Sets},
	} {
		h := parse(t, c.history)
		if c.kind == history.Registers {
			h = parseRegisters(t, c.history)
		}
		of(h, c.kind)
		for i := range h.Ops {
			switch op := &h.Ops[i]; {
			case op.Write:
			case c.kind == history.Registers && op.Value == history.Initial:
				op.Value = history.NotRead
			case c.kind != history.Registers && op.Len == 0:
				op.Len = history.NotRead
			}
		}
		for _, judge := range []judgement{Judge, JudgeChains} {
			if r, err := judge(t.Context(), h, ""); err != nil || r.Verdict != harness.Safe {
				t.Errorf("%v %s\n%s", err, r.Reason, show(h, r))
			}
		}
	}
}

// TestNoProcessIsNoSession: where a file names no processes, nothing is known of the order in which they did things.
func TestNoProcessIsNoSession(t *testing.T) {
	h := parse(t, "ax1 ax2 rx1 rx12")
	r, err := Judge(t.Context(), h, "strong-session-serializable")
	if err != nil || r.Verdict != harness.Unsafe {
		t.Fatalf("%v %s", err, r.Reason)
	}
	for i := range h.Process {
		h.Process[i] = history.NoProcess
	}
	if r, err := Judge(t.Context(), h, "strong-session-serializable"); err != nil || r.Verdict != harness.Safe {
		t.Errorf("%v %s\n%s", err, r.Reason, show(h, r))
	}
}
