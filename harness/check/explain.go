package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// opOf is an operation as a human would call it: "client 4's buy".
func opOf(h *harness.History, r *harness.Recorded) string {
	name := "operation"
	if int(r.Name) < len(h.Names) {
		name = h.Names[r.Name]
	}
	return fmt.Sprintf("client %d's %s", r.Process(), name)
}

// opWhen is opOf with its times: "client 4's buy (2.132–2.156 ms)".
func opWhen(h *harness.History, r *harness.Recorded) string {
	return opOf(h, r) + " (" + h.Span(r) + ")"
}

// opNamed is opWhen of the operation with the ID, be it recorded or not.
func opNamed(h *harness.History, id int64) string {
	if r, ok := h.Finder()(id); ok {
		return opWhen(h, &r)
	}
	return fmt.Sprintf("operation %d of client %d", harness.OpSeq(id), harness.OpProcess(id))
}

// answers are what clients were told.
var answers = [harness.Outcomes]string{
	harness.OK: "was told ok", harness.Rejected: "was told that it was rejected", harness.Failed: "was told that it failed",
	harness.Unknown: "got no answer",
}

// toldOf is the sentence about what the operation's client was told; empty if the operation is not recorded.
func toldOf(h *harness.History, id int64) string {
	r, ok := h.Finder()(id)
	switch {
	case !ok:
		return ""
	case r.Declined:
		return "The client was told that it was declined"
	}
	return "The client " + answers[r.Outcome]
}

// sentence is a text with a capital letter at its beginning.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// list is "a", "a and b", "a, b and c".
func list(parts []string) string {
	if n := len(parts); n > 1 {
		return strings.Join(parts[:n-1], ", ") + " and " + parts[n-1]
	}
	return strings.Join(parts, "")
}

// plural is "1 read", "2 reads".
func plural(n int, of string) string {
	if n != 1 {
		of += "s"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", n, of))
}

// units is so many of a plural unit: "1 seat", "20 units of money".
func units(n int64, unit string) string {
	if n == 1 {
		first, rest, _ := strings.Cut(unit, " ")
		unit = strings.TrimSuffix(first, "s") + " " + rest
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", n, unit))
}

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

// sightings are what acknowledged operations found of the cell before they wrote it, out of what wanted picks (by the operation's end, too) among those
// that were wanted until a time: the highest version first.
func sightings(h *harness.History, cell harness.Cell, until int64, wanted func(end int64, a *harness.Access) bool) []sighting {
	var seen []sighting
	for r := range h.OpsUntil(until) {
		if r.Outcome != harness.OK {
			continue
		}
		for i := range r.Accesses {
			a := &r.Accesses[i]
			if a.Cell == cell && a.Kind != harness.Reads && a.Value != harness.NotSeen && a.Version != harness.NotSeen && wanted(r.End, a) {
				seen = spool.Append(h.Spool, seen, sighting{*a, r.ID})
			}
		}
	}
	slices.SortFunc(seen, harness.Asking(h, func(a, b sighting) int { return cmp.Or(cmp.Compare(b.Version, a.Version), cmp.Compare(a.op, b.op)) }))
	return seen
}

// rivals says which two acknowledged operations read the same version of the cell and both wrote it: of those with the highest such version. Empty:
// none did.
func rivals(h *harness.History, f *harness.Finding, cell harness.Cell, did string, seen []sighting) string {
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
		f.Involve(x.ID, y.ID)
		who, each := fmt.Sprintf("Clients %d and %d both", x.Process(), y.Process()), "both "
		if x.Process() == y.Process() {
			who, each = fmt.Sprintf("Client %d twice", x.Process()), "twice "
		}
		return fmt.Sprintf("%s read %d in %s (version %d) and %s%s, %s and %s", who, a.Value, h.Start.CellName(cell), a.Version, each, did,
			h.When(&x), h.When(&y))
	}
	return ""
}
