package glossary

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/targets"
)

// diagrams are schedules as they were really played, one for each anomaly that some server at hand lets through. TestDiagrams
// plays them again; with -update it writes them.
//
//go:embed diagrams
var diagrams embed.FS

// Explain writes all that is known of a name. A name of several kinds is explained for each: redis can be a lock and something else.
func Explain(w io.Writer, name string) error {
	all, err := Terms()
	if err != nil {
		return err
	}
	if l, ok := harness.ParseLevel(name); ok {
		name = string(l)
	}
	var known []string
	found := false
	for i := range all {
		known = append(known, all[i].Name)
		if !strings.EqualFold(all[i].Name, name) {
			continue
		}
		if found {
			fmt.Fprintln(w)
		}
		found = true
		if err := all[i].explain(w); err != nil {
			return err
		}
	}
	if found {
		return nil
	}
	if near := names.Nearest(name, known); near != "" {
		return fmt.Errorf("unknown name %q; did you mean %s? lastseat explain lists all", name, near)
	}
	return fmt.Errorf("unknown name %q; lastseat explain lists all", name)
}

func (t *Term) explain(w io.Writer) error {
	fmt.Fprintf(w, "%s (%s): %s\n", t.Name, t.Kind, t.Meaning)
	picture, err := diagrams.ReadFile(diagramOf(t.Name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if t.Kind == Anomaly && len(picture) > 0 {
		fmt.Fprintf(w, "\n%s", picture)
	}
	switch {
	case t.hazard != nil:
		writePrevented(w, func(has promise.Isolation) bool { return has.Prevents.Has(*t.hazard) })
		fmt.Fprintf(w, "\nWhat mends it: %s.\n", t.hazard.Advice())
	case t.level != "":
		writeLevel(w, t.level)
	case t.plan != nil:
		writeStrategy(w, t.plan)
	case t.component != nil:
		writeMends(w, "What it can let through, and what makes up for it", t.component.Endangers)
	}
	return nil
}

// diagramOf is the file of an anomaly's diagram.
func diagramOf(anomaly string) string { return "diagrams/" + anomaly + ".txt" }

// writePrevented writes which levels of which servers suffice.
func writePrevented(w io.Writer, suffices func(promise.Isolation) bool) {
	var lines strings.Builder
	somewhere := false
	for _, e := range targets.Table() {
		for _, d := range e.Declared {
			levels := slices.DeleteFunc(slices.Clone(d.Levels), func(l harness.Level) bool { return !suffices(d.Isolation(l)) })
			text := "no level"
			if len(levels) > 0 {
				somewhere, text = true, strings.Trim(fmt.Sprint(levels), "[]")
				text = strings.ReplaceAll(text, " ", ", ")
			}
			fmt.Fprintf(&lines, "  %s: %s\n", d.Servers, text)
		}
	}
	if !somewhere {
		fmt.Fprintln(w, "\nNo level of any server prevents that.")
		return
	}
	fmt.Fprintf(w, "\nPrevented by:\n%s", lines.String())
}

// writeLevel writes what a level prevents on each server, and what mends what it lets through on one of them at least.
func writeLevel(w io.Writer, l harness.Level) {
	fmt.Fprintln(w, "\nIt prevents:")
	var through promise.Hazards
	for _, e := range targets.Table() {
		for _, d := range e.Declared {
			if slices.Contains(d.Levels, l) {
				prevents := d.Isolation(l).Prevents
				through |= promise.Serialized(true) &^ promise.HazardSet(promise.Split) &^ prevents
				fmt.Fprintf(w, "  %s: %s\n", d.Servers, prevents)
			}
		}
	}
	writeMends(w, "What some of them let through, and what mends it", through)
}

// writeStrategy writes what a strategy needs prevented, which levels do that, and what to do instead.
func writeStrategy(w io.Writer, p *promise.Plan) {
	alone := writeNeeds(w, p, "To take one of what is left it needs", 0)
	if together := writeNeeds(w, p, "Where the check reads other rows, too, it needs", alone, 1); alone|together != 0 {
		fmt.Fprintf(w, "\nWhat mends it elsewhere: %s.\n", (alone | together).Main().Advice())
	}
}

// writeNeeds writes what a strategy needs prevented to take from cell 0, with a check that reads other cells as well; nothing, where
// that is what is known already.
func writeNeeds(w io.Writer, p *promise.Plan, first string, known promise.Hazards, others ...harness.Cell) promise.Hazards {
	guard := harness.Guard{Cells: append([]harness.Cell{0}, others...)}
	take := []harness.Op{{Name: "buy", Steps: []harness.Step{{Kind: harness.Add, Delta: -1, Guard: guard}}}}
	needs := p.Needs(take, true)
	switch {
	case needs == known && len(others) > 0:
	case needs == 0:
		fmt.Fprintf(w, "\n%s nothing prevented: %s.\n", first, p.Cover)
	default:
		fmt.Fprintf(w, "\n%s prevented: %s.\n", first, needs.Several())
		writePrevented(w, func(has promise.Isolation) bool { return p.Needs(take, has.TxSnapshot)&^has.Prevents == 0 })
	}
	return needs
}

// writeMends writes what mends each hazard of a set.
func writeMends(w io.Writer, heading string, hazards promise.Hazards) {
	if hazards == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s:\n", heading)
	for _, h := range hazards.List() {
		fmt.Fprintf(w, "  %s: %s\n", h.Named(), h.Advice())
	}
}
