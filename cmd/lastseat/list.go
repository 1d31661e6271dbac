package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// listable is what list can be asked for.
func listable() []string {
	kinds := []string{"targets", "strategies", "workloads", "isolation", "anomalies"}
	for _, axis := range targets.Axes() {
		kinds = append(kinds, axis.Name)
	}
	return kinds
}

func listCommand(stdout io.Writer) *cobra.Command {
	return &cobra.Command{
		Use:       "list " + strings.Join(listable(), "|"),
		Short:     "Explain each target, strategy, workload, isolation level, lock, fault… in a sentence",
		ValidArgs: listable(),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("list takes one of %s, and %d are named", strings.Join(listable(), ", "), len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listAll(stdout)
			}
			w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
			switch args[0] {
			case "targets":
				for _, e := range targets.Table() {
					fmt.Fprintf(w, "%s\t%s\n", e.Name, e.Explain)
				}
			case "strategies":
				listStrategies(w)
			case "workloads":
				for _, k := range workloads.Table() {
					fmt.Fprintf(w, "%s\t%s\n", k.Name, k.Explain)
				}
			case "isolation":
				for _, l := range harness.Levels() {
					fmt.Fprintf(w, "%s\t%s\t%s\n", l, l.Short(), levelTexts[l])
				}
			case "anomalies":
				if err := listAnomalies(w); err != nil {
					return err
				}
			default:
				if listAround(w, args[0]) {
					break
				}
				return unknownOf("list", args[0], listable(), strings.Join(listable(), ", "))
			}
			return w.Flush()
		},
	}
}

// listAll lists each list with what is in it.
func listAll(stdout io.Writer) error {
	values := axisValues()
	anomalies, err := schedule.Anomalies()
	if err != nil {
		return err
	}
	for _, s := range anomalies {
		values["anomalies"] = append(values["anomalies"], s.Name)
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	for _, kind := range listable() {
		flag := map[string]string{"targets": "target", "strategies": "strategy", "workloads": "workload"}[kind]
		var names []string
		for _, v := range values[cmp.Or(flag, kind)] {
			name, _, _ := strings.Cut(v, "\t")
			names = append(names, name)
		}
		fmt.Fprintf(w, "%s\t%s\n", kind, strings.Join(names, ", "))
	}
	fmt.Fprintln(w, "\nlastseat list KIND says each in a sentence, lastseat explain NAME says all of it.")
	return w.Flush()
}

// listAnomalies lists the anomalies that isolation plays, weakest first.
func listAnomalies(w io.Writer) error {
	all, err := schedule.Anomalies()
	for _, s := range all {
		fmt.Fprintf(w, "%s\t%s\n", s.Name, s.About)
	}
	return err
}

// listAround lists the values of an axis of components, if there is such an axis.
func listAround(w io.Writer, kind string) bool {
	for _, axis := range targets.Axes() {
		if axis.Name != kind {
			continue
		}
		for _, d := range axis.Components {
			fmt.Fprintf(w, "%s\t%s\n", d.Name, d.Explain)
		}
		return true
	}
	return false
}

var levelTexts = map[harness.Level]string{
	harness.ReadUncommitted: "sees what others have not committed (PostgreSQL has no such level: it is read committed there)",
	harness.ReadCommitted:   "each statement sees what was committed before it; lost updates go through",
	harness.RepeatableRead:  "a transaction sees one snapshot; PostgreSQL then refuses lost updates, MySQL lets them through",
	harness.Serializable:    "transactions behave as if they ran one after the other; PostgreSQL aborts, MySQL locks",
}

// listStrategies lists each strategy once, with the targets that know it.
func listStrategies(w io.Writer) {
	var order []string
	explain, known := map[string]string{}, map[string][]string{}
	for _, e := range targets.Table() {
		for _, s := range e.Strategies {
			if known[s.Name] == nil {
				order = append(order, s.Name)
				explain[s.Name] = s.Explain
			}
			known[s.Name] = append(known[s.Name], e.Name)
		}
	}
	for _, name := range order {
		where := "SQL targets"
		if e, _ := engineNamed(known[name][0]); !e.SQL {
			where = strings.Join(known[name], ", ")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", name, where, explain[name])
	}
}
