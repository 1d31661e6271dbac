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
		Long: `clean lists the schemas (PostgreSQL) and databases (MySQL, MariaDB) that runs have left on a server of yours, and drops those
whose run is dead. A run that still goes on is left alone: it holds a lock on the server. Behind a pooler, where no session is a
run's own, it writes down every two minutes that it is alive, and is taken for dead after an hour. What merely has such a name, and
lacks lastseat's marker (a table lastseat_run), is never dropped. With PostgreSQL, clean looks for schemas in the database that the DSN names.
Databases that explore has made for a program (lastseat_app_…) are found on the whole server, and treated in the same way.

Exit codes: 0 looked at all and dropped what is dead, 2 usage or set-up error, or something could not be dropped, 130 interrupted.`,
		Example: `  lastseat clean --dsn postgres://user:password@host:5432/database
  lastseat clean --dry-run --target mariadb --dsn 'user:password@tcp(host:3306)/'`,
		Args: noArgs,
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
