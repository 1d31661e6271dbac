package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
)

func cleanCommand(stdout io.Writer, code *int) *cobra.Command {
	var names []string
	var dsn string
	var dry bool
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "Drop what killed runs have left on your server",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			specs, err := cleanTargets(names, dsn)
			if err != nil {
				return err
			}
			err = suite.Clean(cmd.Context(), specs, dry, func(target string, left []store.Leftover) error {
				return reports.Leftovers(stdout, target, left, dry)
			})
			if cmd.Context().Err() != nil {
				*code = suite.ExitInterrupted
				return nil
			}
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringSliceVar(&names, "target", nil, "servers, as name=DSN; or one engine's name, with --dsn")
	f.StringVar(&dsn, "dsn", "", "the server: a URL, or with --target a driver's DSN")
	f.BoolVar(&dry, "dry-run", false, "only list, and drop nothing")
	return cmd
}

// cleanTargets are the servers to look at. A DSN alone tells its engine.
func cleanTargets(named []string, dsn string) ([]suite.TargetSpec, error) {
	if len(named) == 0 {
		engine := suite.EngineOf(targets.Table(), "", dsn)
		if engine == nil {
			return nil, errors.New("clean which server? Name it: --dsn postgres://…, or --target NAME=DSN, or --target mysql --dsn DSN")
		}
		named = []string{engine.Name}
	}
	return suite.ParseTargets(targets.Table(), named, dsn)
}
