package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// completeFlags tells the shell (`lastseat completion`) what the values of a command's flags can be, those of the flags it has.
func completeFlags(cmd *cobra.Command) {
	has := func(flag string) bool { return cmd.Flags().Lookup(flag) != nil }
	// Numbers and times have no completion, and are no files.
	cmd.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	err := cmd.MarkFlagDirname("out")
	for _, format := range formats(nil) {
		if !has(format.flag) {
			continue
		}
		err = errors.Join(err, cmd.MarkFlagFilename(format.flag, format.ext))
	}
	for flag, values := range map[string][]cobra.Completion{
		"reads": {"one", "many"}, "record": {"full", "counts"}, "inconclusive": {"skip", "fail"},
		"arrivals": {"poisson", "uniform"}, "rand-type": {"uniform", "zipfian", "hotspot"},
	} {
		if !has(flag) {
			continue
		}
		err = errors.Join(err, cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
	}
	for flag, values := range axisValues() {
		if !has(flag) {
			continue
		}
		err = errors.Join(err, cmd.RegisterFlagCompletionFunc(flag, completeList(values)))
	}
	if err != nil {
		panic(err) // a flag is named here that there is not
	}
}

// axisValues are what each axis can be made of, besides all, with a sentence on each.
func axisValues() map[string][]cobra.Completion {
	values := map[string][]cobra.Completion{"isolation": {cobra.CompletionWithDesc("default", "each engine's own")}}
	add := func(flag, name, explain string) {
		values[flag] = append(values[flag], cobra.CompletionWithDesc(name, explain))
	}
	for _, e := range targets.Table() {
		add("target", e.Name, e.Explain)
	}
	for _, k := range workloads.Table() {
		add("workload", k.Name, k.Explain)
	}
	for _, s := range strategies() {
		add("strategy", s.Name, s.Explain)
	}
	for _, axis := range targets.Axes() {
		add(axis.Name, none, "nothing")
		for _, d := range axis.Components {
			add(axis.Name, d.Name, d.Explain)
		}
	}
	for _, l := range harness.Levels() {
		add("isolation", string(l), levelTexts[l])
	}
	return values
}

// completeList completes the last element of a comma list by what is not in it yet.
func completeList(values []cobra.Completion) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		at := strings.LastIndexByte(typed, ',') + 1
		before, last := typed[:at], typed[at:]
		named := strings.Split(before, ",")
		var found []cobra.Completion
		for _, v := range values {
			if name, _, _ := strings.Cut(v, "\t"); strings.HasPrefix(name, last) && !slices.Contains(named, name) {
				found = append(found, before+v)
			}
		}
		if before == "" && strings.HasPrefix(all, last) {
			found = append(found, cobra.CompletionWithDesc(all, "everything there is"))
		}
		return found, cobra.ShellCompDirectiveNoFileComp
	}
}
