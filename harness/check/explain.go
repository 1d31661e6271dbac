package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
)

// who is an operation as a human would call it: "client 4's buy".
func who(h *harness.History, r *harness.Recorded) string {
	return fmt.Sprintf("client %d's %s", r.Process(), opName(h, r))
}

// whoWhen is who with the time from invocation to answer: "client 4's buy (0.2121–0.2130 s)".
func whoWhen(h *harness.History, r *harness.Recorded) string {
	return who(h, r) + " (" + span(r) + ")"
}

func opName(h *harness.History, r *harness.Recorded) string {
	if int(r.Name) < len(h.Names) {
		return h.Names[r.Name]
	}
	return "operation"
}

// span is from invocation to answer, in seconds, with as many digits as tell the two apart.
func span(r *harness.Recorded) string {
	digits := 4
	for unit := int64(100_000); digits < 9 && r.End-r.Invoke < 5*unit; unit /= 10 {
		digits++
	}
	return fmt.Sprintf("%.*f–%.*f s", digits, float64(r.Invoke)/1e9, digits, float64(r.End)/1e9)
}

// at is a moment in seconds since the row began.
func at(nanoseconds int64) string { return fmt.Sprintf("%.6f s", float64(nanoseconds)/1e9) }

func ordinal(n int64) string {
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			return fmt.Sprintf("%dst", n)
		case 2:
			return fmt.Sprintf("%dnd", n)
		case 3:
			return fmt.Sprintf("%drd", n)
		}
	}
	return fmt.Sprintf("%dth", n)
}

// sighting is a version of a cell, as an acknowledged operation found it before it wrote.
type sighting struct {
	harness.Access
	op int64
}

// rivals says which two acknowledged operations found the same version of the cell and both wrote it, out of the accesses
// that wanted picks (by the operation's end, too): those with the highest such version. Empty: none did.
func rivals(h *harness.History, cell harness.Cell, did string, wanted func(end int64, a *harness.Access) bool) string {
	var seen []sighting
	for r := range h.Ops() {
		if r.Outcome != harness.OK {
			continue
		}
		for i := range r.Accesses {
			a := &r.Accesses[i]
			if a.Cell == cell && a.Kind != harness.Reads && a.Value != harness.NotSeen && a.Version != harness.NotSeen && wanted(r.End, a) {
				seen = append(seen, sighting{*a, r.ID})
			}
		}
	}
	slices.SortFunc(seen, func(a, b sighting) int { return cmp.Or(cmp.Compare(b.Version, a.Version), cmp.Compare(a.op, b.op)) })
	find := h.Finder()
	for i := 1; i < len(seen); i++ {
		a, b := &seen[i-1], &seen[i]
		if a.Version != b.Version || a.Value != b.Value || a.op == b.op {
			continue
		}
		x, _ := find(a.op)
		y, _ := find(b.op)
		if x.Invoke > y.Invoke {
			x, y = y, x
		}
		return fmt.Sprintf("client %d (%s) and client %d (%s) both found %d in %s (version %d) and both %s",
			x.Process(), span(&x), y.Process(), span(&y), a.Value, h.Start.CellName(cell), a.Version, did)
	}
	return ""
}
