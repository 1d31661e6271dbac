package anomaly

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// TestContradictionsProveNoOrder: a read that contradicts the longest one, or shows an element twice, is named for that, and nothing else
// rests on it.
func TestContradictionsProveNoOrder(t *testing.T) {
	for text, want := range map[string]string{
		"p1:ax1[ p2:ax2[ p3:ax3ay1[ p4:rx123[ p5:rx21ry1[":  IncompatibleOrder,          // no read skew by 2, which is no version
		"p1:ax1ry1[ p2:ax2ay1[ p3:rx12[ p4:rx2[":            "G1c " + IncompatibleOrder, // the cycle stands without it
		"p1:ax1[ p2:ax2[ p3:rx123[ p4:rx21ax3[ p5:rx21ax4[": IncompatibleOrder,          // no lost update of 2 and 1
		"p1:ax1ax2[ p2:rx21[":                               CyclicVersions,             // and not the middle of the transaction
		"p1:ax1ax2[ p2:ax3[ p3:rx23[":                       CyclicVersions,             // 1 was lost, and not written upon 3
		"p1:ax1[ p2:ax2[ p3:rx121[":                         DuplicateElements,          // nobody read 1 and missed 2
		"p1:ax1[ p2:ax2ay2[ p3:ax3[ p4:rx1123ry2[":          DuplicateElements,          // what came after 1 is not known
		"p1:ax1ax3[ p2:ax2[ p3:rx132[ p4:rx21[":             "G1b " + IncompatibleOrder, // whatever the order, 3 is missing
		"!p1:ax1[ p2:ax2[ p3:ax3[ p4:rx23[ p5:rx31[":        "G1a " + IncompatibleOrder, // whatever the order, 1 was taken back
		"p1:ax1[ p2:ax2[ p3:rx12[ p4:rx9[":                  GarbageRead + " " + IncompatibleOrder,
	} {
		h := parse(t, strings.ReplaceAll(text, "!p1:", "p1:!"))
		r, err := Judge(t.Context(), h, "serializable")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(r.Anomalies, " "); got != want {
			t.Errorf("%s shows %s, want %s\n%s", text, got, want, show(h, r))
		}
	}
}

// TestCyclesRestOnVersions: without the reads that contradict the longest one there are the same cycles.
func TestCyclesRestOnVersions(t *testing.T) {
	contradictory := 0
	rapid.Check(t, func(t *rapid.T) {
		h := tiny(t, history.Lists, false)
		spoil(t, h)
		before, err := Judge(t.Context(), h, "")
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(before.Anomalies, DuplicateElements) {
			return
		}
		x := newIndex(h)
		for k := range int32(len(x.keys)) {
			longest := x.longest(x.of(k))
			for _, s := range x.of(k) {
				op := &h.Ops[s]
				if list := h.List(op); !op.Write && h.Outcome[x.txnOf[s]] == harness.OK && !slices.Equal(list, longest[:min(len(list), len(longest))]) {
					op.Len = history.NotRead
					contradictory++
				}
			}
		}
		after, err := Judge(t.Context(), h, "")
		if err != nil {
			t.Fatal(err)
		}
		cycle := func(w Witness) bool { return w.Cycle != nil }
		for _, w := range before.Witnesses {
			same := func(o Witness) bool { return o.Anomaly == w.Anomaly && cycle(o) }
			if cycle(w) && !slices.ContainsFunc(after.Witnesses, same) {
				t.Fatalf("%s rests on a read that contradicts another\n%s", w.Anomaly, show(h, before))
			}
		}
	})
	if contradictory == 0 {
		t.Error("no read contradicted another")
	}
}

// TestAppendedTwiceAndRead: that matters if it is read, and if both may have happened.
func TestAppendedTwiceAndRead(t *testing.T) {
	for text, want := range map[string]harness.Verdict{
		"p1:ax1[ p1:!ax1[ p2:ax2[ p3:rx2[": harness.Safe,
		"p1:ax1[ p2:ax1[ p3:ax2[ p4:rx2[":  harness.Safe,
		"p1:ax1[ p2:ax1ry[ p3:ay1[ p4:rx[": harness.Safe,
		"ax1 !ax1 ax2 rx12":                harness.Safe,
		"!ax1 ax1 rx1":                     harness.Safe,
		"!ax1ax2 ax1 rx1":                  harness.Safe,   // not the middle of the one that failed
		"ax1 p2:ax1[ ax2 p3:rx2[":          harness.Unsafe, // neither 1 is there, and one was acknowledged
		"ax1 ax1 rx":                       harness.Unsafe,
		"p1:rxay1[ p2:ryax1[ p3:ax1[":      harness.Unsafe, // write skew, with another append of 1
		"p1:ax1[ p2:ax1[ p3:rx1[":          harness.Inconclusive,
		"ax1ax1 rx11":                      harness.Inconclusive,
		"ax1 ?ax1 rx1":                     harness.Inconclusive,
		"ax1 !ax1 rx11":                    harness.Inconclusive,
		"!ax1 !ax1 rx1":                    harness.Unsafe,
		"!ax1 !ax1 rx11":                   harness.Unsafe,
	} {
		for _, kind := range []history.Kind{history.Lists, history.Sets} {
			h := parse(t, text)
			if of(h, kind); kind == history.Sets && strings.HasPrefix(text, "!ax1ax2") {
				continue // a range has no order
			}
			r, err := Judge(t.Context(), h, "")
			if err != nil || r.Verdict != want {
				t.Errorf("%s of %s is %s, want %s: %s %v", text, kindNames[kind], r.Verdict, want, r.Reason, err)
			}
			if slices.Contains(r.Anomalies, DuplicateElements) {
				t.Errorf("%s shows an element that was appended twice: %s", text, r.Reason)
			}
		}
	}
}
