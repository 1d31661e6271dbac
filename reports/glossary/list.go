package glossary

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/targets"
)

// list is a list of terms that users ask for by a name.
type list struct {
	name string
	kind Kind
}

// lists are all lists, in the order in which they are shown.
func lists() []list {
	all := []list{{"targets", Target}, {"strategies", Strategy}, {"workloads", Workload}, {"isolation", Level}, {"anomalies", Anomaly}}
	for _, axis := range targets.Axes() {
		all = append(all, list{axis.Name, Kind(axis.Name)})
	}
	return all
}

// Lists are the names of all lists.
func Lists() []string {
	var all []string
	for _, l := range lists() {
		all = append(all, l.name)
	}
	return all
}

// List writes each term of a list with its meaning.
func List(w io.Writer, name string) error {
	for _, l := range lists() {
		if l.name != name {
			continue
		}
		terms, err := Of(l.kind)
		if err != nil {
			return err
		}
		return table(w, terms, func(t *Term) []string {
			if t.Note != "" {
				return []string{t.Name, t.Note, t.Meaning}
			}
			return []string{t.Name, t.Meaning}
		})
	}
	return names.Unknown("list", name, Lists())
}

// ListNames writes each list with the names that are in it.
func ListNames(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range lists() {
		terms, err := Of(l.kind)
		if err != nil {
			return err
		}
		var all []string
		for i := range terms {
			all = append(all, terms[i].Name)
		}
		fmt.Fprintf(tw, "%s\t%s\n", l.name, strings.Join(all, ", "))
	}
	fmt.Fprintln(tw, "\nlastseat list KIND says each in a sentence, lastseat explain NAME says all of it.")
	return tw.Flush()
}

// ListAll writes every term with its kind and its meaning.
func ListAll(w io.Writer) error {
	all, err := Terms()
	if err != nil {
		return err
	}
	return table(w, all, func(t *Term) []string { return []string{t.Name, string(t.Kind), t.Meaning} })
}

// table writes a line for each term, in columns.
func table(w io.Writer, terms []Term, columns func(*Term) []string) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i := range terms {
		fmt.Fprintln(tw, strings.Join(columns(&terms[i]), "\t"))
	}
	return tw.Flush()
}
