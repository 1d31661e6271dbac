package main

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/targets"
)

// diagrams are schedules as they were really played, one for each anomaly that some server at hand lets through. TestDiagrams
// plays them again; with -update it writes them.
//
//go:embed diagrams
var diagrams embed.FS

func explainCommand(stdout io.Writer) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [NAME]",
		Short: "Explain an anomaly, hazard, level, strategy, lock, fault, verdict or column",
		Example: `  lastseat explain
  lastseat explain P4
  lastseat explain repeatable-read`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			all, err := explanations()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return listExplanations(stdout, all)
			}
			return explainName(stdout, all, args[0])
		},
	}
}

func listExplanations(stdout io.Writer, all []explanation) error {
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	for i := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\n", all[i].name, all[i].kind, all[i].meaning)
	}
	return w.Flush()
}

// explainName writes each explanation of a name: redis can be a lock and something else.
func explainName(stdout io.Writer, all []explanation, name string) error {
	if l, ok := harness.ParseLevel(name); ok {
		name = string(l)
	}
	var names []string
	found := false
	for i := range all {
		names = append(names, all[i].name)
		if !strings.EqualFold(all[i].name, name) {
			continue
		}
		if found {
			fmt.Fprintln(stdout)
		}
		found = true
		if err := all[i].write(stdout); err != nil {
			return err
		}
	}
	if found {
		return nil
	}
	if near := nearest(name, names); near != "" {
		return fmt.Errorf("unknown name %q; did you mean %s? lastseat explain lists all", name, near)
	}
	return fmt.Errorf("unknown name %q; lastseat explain lists all", name)
}

func (e *explanation) write(w io.Writer) error {
	fmt.Fprintf(w, "%s (%s): %s\n", e.name, e.kind, e.meaning)
	picture, err := diagrams.ReadFile(e.diagram())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if e.kind == "anomaly" && len(picture) > 0 {
		fmt.Fprintf(w, "\n%s", picture)
	}
	if e.hazard != nil {
		writePrevented(w, *e.hazard)
		fmt.Fprintf(w, "\nWhat mends it: %s.\n", e.hazard.Advice())
	}
	if e.level != "" {
		writeLevel(w, e.level)
	}
	return nil
}

func (e *explanation) diagram() string { return "diagrams/" + e.name + ".txt" }

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
