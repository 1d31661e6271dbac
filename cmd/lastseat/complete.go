package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/reports/glossary"
	"github.com/lastseat/lastseat/targets"
)

// completeFlags tells the shell (`lastseat completion`) what the values of a command's flags can be, those of the flags it has; of the
// targets, those that are named.
func completeFlags(cmd *cobra.Command, engines []string) {
	// Numbers and times have no completion, and are no files.
	cmd.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	var err error
	ifThere := func(flag string, tell func() error) {
		if cmd.Flags().Lookup(flag) != nil {
			err = errors.Join(err, tell())
		}
	}
	ifThere("out", func() error { return cmd.MarkFlagDirname("out") })
	for _, f := range reports.Formats(reports.JUnitOptions{}) {
		ifThere(f.Flag, func() error { return cmd.MarkFlagFilename(f.Flag, f.Ext) })
	}
	for flag, values := range map[string][]cobra.Completion{
		"reads": {"one", "many"}, "record": {"full", "counts"}, "inconclusive": {"skip", "fail"},
		"arrivals": {"poisson", "uniform"}, "rand-type": {"uniform", "zipfian", "hotspot"},
	} {
		ifThere(flag, func() error {
			return cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
		})
	}
	kinds := map[string]glossary.Kind{
		"target": glossary.Target, "workload": glossary.Workload, "strategy": glossary.Strategy, "isolation": glossary.Level,
		"anomaly": glossary.Anomaly, "show": glossary.Anomaly,
	}
	first := map[string]cobra.Completion{"isolation": cobra.CompletionWithDesc("default", "each engine's own")}
	for _, axis := range targets.Axes() {
		kinds[axis.Name], first[axis.Name] = glossary.Kind(axis.Name), cobra.CompletionWithDesc(none, "nothing")
	}
	for flag, kind := range kinds {
		ifThere(flag, func() error {
			return cmd.RegisterFlagCompletionFunc(flag, completeTerms(first[flag], kind, func(t *glossary.Term) bool {
				return kind != glossary.Target || slices.Contains(engines, t.Name)
			}))
		})
	}
	if err != nil {
		panic(err) // a flag has two completions
	}
}

// completeTerms completes a comma list of wanted terms of a kind, with a sentence on each; one more stands before them, unless it is empty.
func completeTerms(first cobra.Completion, kind glossary.Kind, wanted func(*glossary.Term) bool) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		terms, err := glossary.Of(kind)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var values []cobra.Completion
		if first != "" {
			values = append(values, first)
		}
		for i := range terms {
			if wanted(&terms[i]) {
				values = append(values, cobra.CompletionWithDesc(terms[i].Name, terms[i].Meaning))
			}
		}
		return completeList(values, typed), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeList completes the last element of a comma list by what is not in it yet.
func completeList(values []cobra.Completion, typed string) []cobra.Completion {
	at := strings.LastIndexByte(typed, ',') + 1
	before, last := typed[:at], typed[at:]
	named := strings.Split(before, ",")
	var found []cobra.Completion
	for _, v := range values {
		if name, _, _ := strings.Cut(v, "\t"); strings.HasPrefix(name, last) && !slices.Contains(named, name) {
			found = append(found, before+v)
		}
	}
	if every := names.All; before == "" && strings.HasPrefix(every, last) {
		found = append(found, cobra.CompletionWithDesc(every, "everything there is"))
	}
	return found
}
