// Command lastseat tells whether buy() oversells: it fires concurrent operations at databases under every strategy and
// isolation level, checks what they left behind, and prints what is broken, why, and what safety costs.
//
// This package wires the others together: it alone prints and exits. Start at run.go.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/buildinfo"
	"github.com/lastseat/lastseat/internal/completion"
	"github.com/lastseat/lastseat/internal/flagerror"
	"github.com/lastseat/lastseat/internal/interrupt"
	"github.com/lastseat/lastseat/internal/limits"
	"github.com/lastseat/lastseat/internal/names"
)

// version and commit are what a release says of itself: -ldflags "-X main.version=1.2.3 -X main.commit=0123abc". Without them the
// build says.
var version, commit string

func main() { os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr)) }

// Main runs the command line and answers the exit code.
func Main(args []string, stdout, stderr io.Writer) int {
	if err := limits.Check(); err != nil {
		fmt.Fprintln(stderr, "lastseat:", err)
		return suite.ExitSetup
	}
	ctx, stop := interrupt.Context(args, stderr)
	defer stop()
	code := 0
	root := rootCommand(stdout, stderr, &code)
	root.SetArgs(args)
	if err := root.ExecuteContext(ctx); err != nil {
		for _, err := range suite.Separate(err) {
			fmt.Fprintln(stderr, "lastseat:", harness.Visible(err.Error())) // it may hold what a server or a file said
		}
		return suite.ExitSetup
	}
	return code
}

func rootCommand(stdout, stderr io.Writer, code *int) *cobra.Command {
	root := &cobra.Command{
		Use:          "lastseat",
		Short:        "Does your buy() oversell? Under which isolation level, and what does it cost to make it safe?",
		SilenceUsage: true, SilenceErrors: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			var known []string
			for _, c := range cmd.Commands() {
				known = append(known, c.Name())
			}
			return names.Unknown("command", args[0], known)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.Version = buildinfo.Text(version, commit)
	root.SetVersionTemplate("{{.Version}}")
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(flagerror.Explain)
	root.AddCommand(runCommand(stdout, stderr, code), listCommand(stdout), serversCommand(stdout), checkCommand(stdout, stderr, code), verifyCommand(stdout, code),
		isolationCommand(stdout, stderr, code), exploreCommand(stdout, stderr, code), replayCommand(stdout, stderr, code), cleanCommand(stdout, code),
		reportCommand(stdout), compareCommand(stdout, code), initCommand(stdout), proxyCommand(stdout), workerCommand(stderr), traceCommand(stdout, stderr, code), explainCommand(stdout), versionCommand(stdout))
	withHelp(root)
	completion.Bash(root, stdout)
	for _, c := range root.Commands() {
		c.Flags().VisitAll(flagerror.OneLine)
	}
	return root
}

func versionCommand(stdout io.Writer) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit, Go's version and the drivers' versions",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(stdout, buildinfo.Text(version, commit))
			return err
		},
	}
}

// noArgs refuses arguments where there is nothing to name.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("%s takes flags only, and %s is none; see %s --help", cmd.CommandPath(), names.Quote(args[0]), cmd.CommandPath())
}

// fileOrTargets takes the file of a program, or arguments for targets.
func fileOrTargets(cmd *cobra.Command, args []string) error {
	if isProgram(args) || isSchedule(args) {
		return nil
	}
	return targetArgs(cmd, args)
}

// targetArgs takes arguments for targets: `run postgres` is `run --target postgres`.
func targetArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.Flags().Changed("target") {
		return fmt.Errorf("%s: targets are named behind --target and without it; write all of them behind --target", cmd.CommandPath())
	}
	for _, arg := range args {
		if err := cmd.Flags().Set("target", arg); err != nil {
			return flagerror.Explain(cmd, err)
		}
	}
	return nil
}
