package check

import (
	"fmt"

	"github.com/lastseat/lastseat/harness"
)

// toldConserved holds what each cell ends with against what clients were told, where no journal says more: its start, what was
// acknowledged, and any part of what is unknown.
func ackedConserved(h *harness.History) harness.Finding {
	var f harness.Finding
	if h.Counts {
		f.Unable = "the store keeps no journal, and operations were counted, not recorded"
		return f
	}
	if f.Unable = h.Cut(); f.Unable != "" {
		return f
	}
	least, most := ackedBounds(h)
	for c, value := range h.Final.Values {
		cell := harness.Cell(c)
		off := max(least[c]-value, value-most[c])
		if off <= 0 {
			continue
		}
		f.Measure += off
		f.Add(func() string {
			return fmt.Sprintf("%s ends with %d. Its start of %d and what clients were told make %s",
				sentence(h.Start.CellName(cell)), value, h.Start.Values[cell], between(least[cell], most[cell])) +
				lostEver(h, &f, cell)
		})
	}
	return f
}

// toldBounds are the least and the most that each cell can end with by what clients were told.
func ackedBounds(h *harness.History) (least, most []int64) {
	least, most = append([]int64(nil), h.Start.Values...), append([]int64(nil), h.Start.Values...)
	for r := range h.Ops() {
		for i := range r.Accesses {
			a := &r.Accesses[i]
			switch {
			case !a.Kind.Changes():
			case r.Outcome == harness.OK:
				least[a.Cell] += a.Delta
				most[a.Cell] += a.Delta
			case r.Outcome == harness.Unknown:
				least[a.Cell] += min(a.Delta, 0)
				most[a.Cell] += max(a.Delta, 0)
			}
		}
	}
	return least, most
}

// between is a range in words.
func between(least, most int64) string {
	if least == most {
		return fmt.Sprint(least)
	}
	return fmt.Sprintf("%d to %d", least, most)
}
