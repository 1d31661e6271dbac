package glossary

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	if t.hazard != nil {
		writePrevented(w, *t.hazard)
		fmt.Fprintf(w, "\nWhat mends it: %s.\n", t.hazard.Advice())
	}
	if t.level != "" {
		writeLevel(w, t.level)
	}
	return nil
}

// diagramOf is the file of an anomaly's diagram.
func diagramOf(anomaly string) string { return "diagrams/" + anomaly + ".txt" }

// writePrevented writes which levels of which servers prevent a hazard.
func writePrevented(w io.Writer, h promise.Hazard) {
	fmt.Fprintln(w, "\nPrevented by:")
	for _, e := range targets.Table() {
		for _, d := range e.Declared {
			var levels []string
			for _, l := range d.Levels {
				if d.Isolation(l).Prevents.Has(h) {
					levels = append(levels, string(l))
				}
			}
			text := strings.Join(levels, ", ")
			if text == "" {
				text = "no level"
			}
			fmt.Fprintf(w, "  %s: %s\n", d.Servers, text)
		}
	}
}

// writeLevel writes what a level prevents on each server.
func writeLevel(w io.Writer, l harness.Level) {
	fmt.Fprintln(w, "\nIt prevents:")
	for _, e := range targets.Table() {
		for _, d := range e.Declared {
			for _, has := range d.Levels {
				if has == l {
					fmt.Fprintf(w, "  %s: %s\n", d.Servers, d.Isolation(l).Prevents)
				}
			}
		}
	}
}
