package check

import (
	"context"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/history"
)

// mostTransactions is how many transactions are judged: what relates them lies in memory, 200 to 400 bytes for each that has two or three steps.
const mostTransactions = 2_000_000

// Model demands that transactions over registers, lists or rows are as isolated as the history's Model says; where it says nothing,
// strictly serializable. The measure is how many kinds of anomaly were found that the model forbids. It also says which models
// are left standing, orders in real time considered. Of a history of more than two million transactions it judges the beginning: what that shows
// counts, and where it shows nothing the check is unable to say more.
func Model() harness.Checker { return modelOf(mostTransactions) }

func modelOf(most int) harness.Checker {
	return harness.Checker{
		Name: "model", Rule: "transactions show no anomaly that the promised isolation model forbids", Unit: "kinds of anomaly",
		NeedsOps:         true,
		Check:            func(ctx context.Context, h *harness.History) harness.Finding { return model(ctx, h, most) },
		Plant:            func(h *harness.History) (*harness.History, bool) { return plantModel(h, most) },
		ConsistentInBoth: anomaly.ConsistentInBoth, Familiar: anomaly.Familiar,
	}
}

func model(ctx context.Context, h *harness.History, most int) harness.Finding {
	recorded := h.Len()
	h, all, why := beginning(h, most)
	if why != "" {
		return harness.Finding{Unable: why}
	}
	t, err := history.TransactionsOf(h)
	if err != nil {
		return harness.Finding{Unable: err.Error()}
	}
	promised, err := anomaly.JudgeChains(ctx, t, h.Model)
	if err != nil {
		return harness.Finding{Unable: err.Error()}
	}
	if promised.Verdict == harness.Inconclusive {
		return harness.Finding{Unable: promised.Reason}
	}
	var f harness.Finding
	if promised.Verdict == harness.Unsafe {
		f.Violations = int64(len(promised.Anomalies))
		f.Measure = f.Violations
		for _, w := range promised.Witnesses[:min(len(promised.Witnesses), harness.MaxTexts)] {
			f.Texts = append(f.Texts, w.Anomaly+": "+w.Text)
		}
	}
	if !all {
		if promised.Verdict == harness.Safe {
			f.Unable = fmt.Sprintf("the first %d of %d transactions were judged, in which nothing contradicts %s: more do not fit into memory, so run fewer (-n, -d)",
				t.Len(), recorded, promised.Model)
		}
		return f
	}
	if h.Cut() != "" {
		return f // what stands is not known
	}
	// The model that was promised need not speak of real time; what stands does.
	strict, err := anomaly.JudgeChains(ctx, t, "")
	if err != nil {
		return harness.Finding{Unable: err.Error()}
	}
	f.ConsistentWith = strict.ConsistentWith
	return f
}

// beginning is as much of a history as can be judged, and whether that is all; or why none of it can.
func beginning(h *harness.History, most int) (b *harness.History, all bool, why string) {
	if n := h.Len(); n > most && len(h.Clocks) > 1 {
		return nil, false, fmt.Sprintf("%d transactions are more than the %d that fit into memory, and where their beginning ends %d clocks do not say: run fewer (-n, -d)",
			n, most, len(h.Clocks))
	}
	b, all = h.Beginning(most)
	return b, all, ""
}

// plantModel breaks what every model demands: a read finds the same value twice in a list or a range, or a register's values
// overwrite each other in a circle.
func plantModel(h *harness.History, most int) (*harness.History, bool) {
	h, _, why := beginning(h, most)
	if why != "" {
		return nil, false
	}
	if content, _ := h.Start.Content(); content == harness.Registers {
		return plantCircle(h)
	}
	for r := range h.Ops() {
		i := slices.IndexFunc(r.Accesses, func(a harness.Access) bool { return a.Kind == harness.Finds && a.Value > 1 })
		if r.Outcome == harness.OK && i >= 0 {
			return h.Edited(r.ID, func(_ *harness.Record, accesses []harness.Access) {
				accesses[i+2].Value = accesses[i+1].Value
			}), true
		}
	}
	return nil, false
}

// update is an acknowledged operation that read a value of a register and wrote another.
type update struct {
	id     int64
	access int // of what it read
	wrote  int64
}

// plantCircle makes an operation, whose value another one read and overwrote, have read what that one wrote.
func plantCircle(h *harness.History) (*harness.History, bool) {
	byRead, byWrote := map[int64]update{}, map[int64]update{}
	bad := func(first, second update) (*harness.History, bool) {
		return h.Edited(first.id, func(_ *harness.Record, accesses []harness.Access) {
			accesses[first.access].Value = second.wrote
		}), true
	}
	for r := range h.Ops() {
		if r.Outcome != harness.OK {
			continue
		}
		for _, u := range updates(&r) {
			read := r.Accesses[u.access].Value
			if first, ok := byWrote[read]; ok && first.id != u.id {
				return bad(first, u)
			}
			if second, ok := byRead[u.wrote]; ok && second.id != u.id {
				return bad(u, second)
			}
			byRead[read], byWrote[u.wrote] = u, u
		}
	}
	return nil, false
}

// updates are the registers that an operation read before it wrote them, if they were not empty.
func updates(r *harness.Recorded) []update {
	var all []update
	for i := range r.Accesses {
		write := &r.Accesses[i]
		if write.Kind != harness.Sets {
			continue
		}
		for j := range i {
			if a := &r.Accesses[j]; a.Kind == harness.Holds && a.Cell == write.Cell {
				all = append(all, update{id: r.ID, access: j, wrote: write.Value})
				break
			}
		}
	}
	return all
}
