package completion

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/reports/glossary"
	"github.com/lastseat/lastseat/targets"
)

// Flags tells the shell (`lastseat completion`) what the values of a command's flags can be, those of the flags it has; of the
// targets, those that are named.
func Flags(cmd *cobra.Command, engines []string) {
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
		"reads": {"one", "many"}, "wire": {"own", "driver"}, "record": {"full", "counts"}, "inconclusive": {"skip", "fail"},
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
		kinds[axis.Name], first[axis.Name] = glossary.Kind(axis.Name), cobra.CompletionWithDesc(suite.None, "nothing")
	}
	for flag, kind := range kinds {
		ifThere(flag, func() error {
			return cmd.RegisterFlagCompletionFunc(flag, Terms(first[flag], kind, func(t *glossary.Term) bool {
				return kind != glossary.Target || slices.Contains(engines, t.Name)
			}))
		})
	}
	if err != nil {
		panic(err) // a flag has two completions
	}
}
