package anomaly

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// planted are the smallest histories of each anomaly, in the notation of parse. Those with an order are told as -process and as
// -realtime: only what their times and processes say makes them wrong.
var planted = []struct {
	want    string
	kind    history.Kind
	ordered bool
	history string
}{
	{"G0", history.Lists, false, "ax1ay1[ ax2ay2[ rx12ry21["},
	{"G1a", history.Lists, false, "!ax1[ rx1["},
	{"G1a", history.Registers, false, "!wx1[ rx1["},
	{"G1a", history.Sets, false, "!ix1[ rx1["},
	{"G1b", history.Lists, false, "ax1ax2[ rx1["},
	{"G1b", history.Registers, false, "wx1wx2[ rx1["},
	{"G1c", history.Lists, false, "ax1ry1[ ay1rx1["},
	{"G1c", history.Registers, false, "wx1ry1[ wy1rx1["},
	{"G1c", history.Sets, false, "ix1ry1[ iy1rx1["},
	{"G-single-item", history.Lists, false, "ax1ay1[ ax2ry[ rx12["},
	{"G-single-item", history.Registers, false, "wx1wy1[ rxry1["},
	{"G-single", history.Sets, false, "ix1iy1[ rxry1["},
	{"G-nonadjacent-item", history.Lists, false, "ax1[ rx1ry[ ay1[ ry1rx["},
	{"G-nonadjacent-item", history.Registers, false, "wx1[ rx1ry[ wy1[ ry1rx["},
	{"G-nonadjacent", history.Sets, false, "ix1[ rx1ry[ iy1[ ry1rx["},
	{"G2-item", history.Lists, false, "ax1ry[ ay1rx["},
	{"G2-item", history.Registers, false, "wx1ry[ wy1rx["},
	{"G2", history.Sets, false, "rxiy1[ ryix1["},
	{"lost-update", history.Lists, false, "ax0[ rx0ax1[ rx0ax2["},
	{"lost-update", history.Registers, false, "wx9[ rx9wx1[ rx9wx2["},
	{"internal", history.Lists, false, "ax1[ ax2[ rx1rx12["},
	{"internal", history.Registers, false, "wx1[ wx2[ rx1rx2["},
	{"internal", history.Sets, false, "ix1[ rx1rx["},
	{"future-read", history.Lists, false, "rx1ax1["},
	{"dirty-update", history.Lists, false, "!ax1[ ax2[ rx12["},
	{"duplicate-elements", history.Lists, false, "ax1[ ax2[ rx121["},
	{"duplicate-elements", history.Sets, false, "ix1[ rx11["},
	{"incompatible-order", history.Lists, false, "ax1[ ax2[ rx12[ rx21["},
	{"cyclic-versions", history.Lists, false, "ax1ax2ax3[ rx213["},
	{"cyclic-versions", history.Lists, false, "ax1ax2[ rx21["},
	{"cyclic-versions", history.Lists, false, "ax1ax2[ rx2["},
	{"cyclic-versions", history.Lists, false, "ax9[ ax1ay5ax2[ rx921["},
	{"cyclic-versions", history.Lists, false, "ax1ax2ax3[ rx132["},
	{"garbage-read", history.Lists, false, "rx7["},
	{"garbage-read", history.Sets, false, "rx7["},
	{"G0", history.Lists, true, "p0:ax1[0-1] p0:ax2[2-3] p1:rx21["},
	{"G1c", history.Lists, true, "p0:ry1[0-1] p0:ax1[2-3] p1:rx1ay1["},
	{"G1c", history.Registers, true, "p0:ry1[0-1] p0:wx1[2-3] p1:rx1wy1["},
	{"G1c", history.Sets, true, "p0:ry1[0-1] p0:ix1[2-3] p1:rx1iy1["},
	{"G-single-item", history.Lists, true, "p0:ax1[0-1] p0:rx[2-3]"},
	{"G-single-item", history.Registers, true, "p0:wx1[0-1] p0:rx[2-3]"},
	{"G-single", history.Sets, true, "p0:ix1[0-1] p0:rx[2-3]"},
	{"G-nonadjacent-item", history.Lists, true, "p0:ax1[0-1] p0:ry[2-3] p1:ay1[ p2:ry1rx["},
	{"G-nonadjacent-item", history.Registers, true, "p0:wx1[0-1] p0:ry[2-3] p1:wy1[ p2:ry1rx["},
	{"G-nonadjacent", history.Sets, true, "p0:ix1[0-1] p0:ry[2-3] p1:iy1[ p2:ry1rx["},
	{"G2-item", history.Lists, true, "p0:ay1[0-1] p0:rx[2-3] p1:ax1ry["},
	{"G2-item", history.Registers, true, "p0:wy1[0-1] p0:rx[2-3] p1:wx1ry["},
	{"G2", history.Sets, true, "p0:iy1[0-1] p0:rx[2-3] p1:ix1ry["},
}

// TestPlantedAnomaliesAreNamed: each anomaly, spread over transactions of a history that is right otherwise, is found by its name
// or by a worse one.
func TestPlantedAnomaliesAreNamed(t *testing.T) {
	for _, p := range planted {
		names := map[string]string{p.want: "serializable"}
		if p.ordered {
			names = map[string]string{p.want + "-process": "strong-session-serializable", p.want + "-realtime": StrictSerializable}
		}
		for want, model := range names {
			t.Run(want+"/"+kindNames[p.kind], func(t *testing.T) {
				gadget := parse(t, p.history)
				if p.kind == history.Registers {
					gadget = parseRegisters(t, p.history)
				}
				of(gadget, p.kind)
				if r, err := Judge(t.Context(), gadget, model); err != nil || !slices.Contains(r.Anomalies, want) {
					t.Fatalf("alone: %v %s\n%s", err, r.Reason, show(gadget, r))
				}
				rapid.Check(t, func(t *rapid.T) {
					s := newStore(t, levels[0], p.kind, 3, 3)
					base := s.run(rapid.IntRange(12, 20).Draw(t, "transactions"))
					h := graft(t, base, gadget, strings.HasSuffix(want, "-process"))
					r, err := Judge(t.Context(), h, model)
					if err != nil || !says(r, want) {
						t.Fatalf("%v %s\n%s", err, r.Reason, show(h, r))
					}
				})
			})
		}
	}
}

// says reports whether one of the anomalies is the wanted one, or implies it, or rules out as much.
func says(r *Result, want string) bool {
	if implied(r.Anomalies)[want] {
		return true
	}
	l := newLattice()
	out := l.ruledOut(r.Anomalies)
	for model := range l.ruledOut([]string{want}) {
		if !out[model] {
			return false
		}
	}
	return strings.HasPrefix(want, "G")
}

// graft lets acknowledged transactions of base do what those of the gadget do as well, in the order that it asks for: of time, or
// of each process if sessions is true. What failed in the gadget is added.
func graft(t *rapid.T, base, gadget *history.Transactions, sessions bool) *history.Transactions {
	on := make([]int32, gadget.Len())
	for i := range on {
		var may []int32
		for c := range int32(base.Len()) {
			if base.Outcome[c] == harness.OK && !slices.Contains(on[:i], c) && ordered(base, gadget, on[:i], c, sessions) {
				may = append(may, c)
			}
		}
		switch {
		case gadget.Outcome[i] == harness.Failed:
			on[i] = -1
		case len(may) == 0:
			t.Skip("no place")
		default:
			on[i] = rapid.SampledFrom(may).Draw(t, "on")
		}
	}
	h := &history.Transactions{First: []int32{0}, Keys: gadget.Keys}
	add := func(from *history.Transactions, i int32) {
		for _, op := range from.Steps(i) {
			found := from.List(&op)
			known := op.Len != history.NotRead && op.Value != history.NotRead
			if op.Kind == history.Registers && op.Value >= 0 {
				found = []int32{op.Value}
			}
			if !op.Write {
				answer(h, &op, found, known)
			}
			h.Ops = append(h.Ops, op)
		}
	}
	for i := range int32(base.Len()) {
		add(base, i)
		if g := slices.Index(on, i); g >= 0 {
			add(gadget, int32(g))
		}
		h.First = append(h.First, int32(len(h.Ops)))
	}
	h.Outcome, h.Process = slices.Clone(base.Outcome), slices.Clone(base.Process)
	h.Invoke, h.Complete = slices.Clone(base.Invoke), slices.Clone(base.Complete)
	for g, i := range on {
		if i < 0 {
			add(gadget, int32(g))
			h.First = append(h.First, int32(len(h.Ops)))
			h.Outcome, h.Process = append(h.Outcome, gadget.Outcome[g]), append(h.Process, history.NoProcess)
			h.Invoke, h.Complete = append(h.Invoke, -1), append(h.Complete, -1)
		}
	}
	return h
}

// ordered reports whether the next transaction of the gadget may be c, where those before it are on others.
func ordered(base, gadget *history.Transactions, on []int32, c int32, sessions bool) bool {
	i := len(on)
	for j, before := range on {
		if before < 0 || gadget.Invoke[i] < 0 || gadget.Invoke[j] < 0 {
			continue
		}
		if base.Complete[before] > base.Invoke[c] || sessions && base.Process[before] != base.Process[c] {
			return false
		}
	}
	return true
}
