// Command lastseat tells whether buy() oversells: it fires concurrent operations at databases under every strategy and
// isolation level, checks what they left behind, and prints what is broken, why, and what safety costs.
//
// This package wires the others together: it alone imports the CLI library, prints, and exits. Start at run.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/reports"
)

func main() { os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr)) }

// Main runs the command line and answers the exit code.
func Main(args []string, stdout, stderr io.Writer) int {
	if err := checkLimits(); err != nil {
		fmt.Fprintln(stderr, "lastseat:", err)
		return reports.ExitSetup
	}
	ctx, stop := untilSignal(context.Background())
	defer stop()
	code := 0
	root := rootCommand(stdout, stderr, &code)
	root.SetArgs(args)
	if err := root.ExecuteContext(ctx); err != nil {
		for _, err := range joined(err) {
			fmt.Fprintln(stderr, "lastseat:", err)
		}
		return reports.ExitSetup
	}
	return code
}

// joined takes apart what errors.Join has joined: each error is a line of its own.
func joined(err error) []error {
	all, ok := err.(interface{ Unwrap() []error })
	if !ok || err.Error() != errors.Join(all.Unwrap()...).Error() {
		return []error{err}
	}
	var lines []error
	for _, e := range all.Unwrap() {
		lines = append(lines, joined(e)...)
	}
	return lines
}

func rootCommand(stdout, stderr io.Writer, code *int) *cobra.Command {
	root := &cobra.Command{
		Use:   "lastseat",
		Short: "Does your buy() oversell? Under which isolation level, and what does it cost to make it safe?",
		Long: `lastseat fires thousands of concurrent operations at a database under every strategy and isolation level, checks that
nothing was oversold, no money appeared or vanished and nothing acknowledged was lost, and prints one table.

  lastseat run                                  the embedded targets, needs nothing
  lastseat run --target postgres --isolation all
  lastseat run --workload seats --strategy naive-tx,atomic --target mysql --dsn 'user:password@tcp(host:3306)/'
  lastseat check history.edn                    what a recorded history shows: its anomalies, explained
  lastseat explore --target sqlite              every order of a few statements, and the simplest that breaks
  lastseat isolation                            which anomalies each level of each server lets through
  lastseat replay deadlock.schedule             your own schedule, statement by statement, on each server
  lastseat list strategies                      what each of them is
  lastseat servers                              which servers could be used here

Exit codes: 0 as expected, 1 an invariant or promise broke, 2 usage or set-up error, 3 inconclusive, 130 interrupted.`,
		SilenceUsage: true, SilenceErrors: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			var names []string
			for _, c := range cmd.Commands() {
				names = append(names, c.Name())
			}
			return unknownOf("command", args[0], names, strings.Join(names, ", "))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(runCommand(stdout, stderr, code), listCommand(stdout), serversCommand(stdout), checkCommand(stdout, code),
		isolationCommand(stdout, stderr, code), exploreCommand(stdout, stderr, code), replayCommand(stdout, stderr, code))
	return root
}

// noArgs refuses arguments where there is nothing to name.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("%s takes flags only, and %q is none; see %s --help", cmd.CommandPath(), args[0], cmd.CommandPath())
}

// flagError names the flag that was probably meant, or what a flag's value must be.
func flagError(cmd *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &missing):
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near := nearest(missing.GetSpecifiedName(), names); near != "" {
			return fmt.Errorf("%w; did you mean --%s? See %s --help", err, near, cmd.CommandPath())
		}
	case errors.As(err, &invalid):
		if want := valueTexts[invalid.GetFlag().Value.Type()]; want != "" {
			return fmt.Errorf("--%s is %q, must be %s", invalid.GetFlag().Name, invalid.GetValue(), want)
		}
	}
	return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
}

// valueTexts say what a flag takes, by pflag's name for its type.
var valueTexts = map[string]string{
	"int": "a whole number", "intSlice": "a whole number, or several: 1,10,100", "int64": "a whole number", "uint64": "a whole number that is not negative",
	"duration": "a time with its unit, like 300ms or 2s", "bool": "true or false",
}
