package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// Involved is an operation that a violation is about.
type Involved struct {
	Client    int32  `json:"client"`
	Operation string `json:"operation"`
	Did       string `json:"did"`     // to cells, as far as the client learned it
	Answer    string `json:"answer"`  // ok, rejected, failed, unknown
	From      int64  `json:"from_ns"` // since the row's start: the client wanted it
	To        int64  `json:"to_ns"`   // it was answered
}

// mostInvolved are as many as eyes can follow.
const mostInvolved = 12

// involved are the operations with these IDs, in the order in which they began. Those of a schedule are shown by its turns.
func involved(h *harness.History, ids []int64) (all []Involved) {
	if len(ids) == 0 || h.Turn > 0 {
		return nil
	}
	find := h.Finder()
	seen := map[int64]bool{}
	for _, id := range ids {
		r, ok := find(id)
		if !ok || seen[id] || len(all) == mostInvolved {
			continue
		}
		seen[id] = true
		op := Involved{Client: r.Process(), Operation: "operation", Did: did(h, &r), Answer: r.Outcome.String(), From: r.Invoke, To: r.End}
		if int(r.Name) < len(h.Names) {
			op.Operation = h.Names[r.Name]
		}
		all = append(all, op)
	}
	slices.SortStableFunc(all, func(a, b Involved) int { return cmp.Compare(a.From, b.From) })
	return all
}

// did is what an operation did to cells that hold numbers: found 20 in stock 0 (version 0), -1.
func did(h *harness.History, r *harness.Recorded) string {
	if content, _ := h.Start.Content(); content != harness.Numbers {
		return ""
	}
	var parts []string
	for i := range r.Accesses {
		a := &r.Accesses[i]
		text := h.Start.CellName(a.Cell)
		if a.Value != harness.NotSeen {
			text = fmt.Sprintf("found %d in %s", a.Value, text)
			if a.Version != harness.NotSeen {
				text += fmt.Sprintf(" (version %d)", a.Version)
			}
		}
		if a.Kind == harness.Writes {
			text += fmt.Sprintf(", %+d", a.Delta)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}
