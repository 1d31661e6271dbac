package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
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
lacks lastseat's marker (a table lastseat_run), is never dropped. With PostgreSQL, clean looks at the database that the DSN names.

Exit codes: 0 looked at all and dropped what is dead, 2 usage or set-up error, or something could not be dropped, 130 interrupted.`,
		Example: `  lastseat clean --dsn postgres://user:password@host:5432/database
  lastseat clean --dry-run --target mariadb --dsn 'user:password@tcp(host:3306)/'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			specs, err := cleanTargets(names, dsn)
			if err != nil {
				return err
			}
			err = cleanAll(cmd.Context(), stdout, specs, dry)
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

// cleanTargets are the servers to look at: those of the user's own.
func cleanTargets(named []string, dsn string) ([]suite.TargetSpec, error) {
	if len(named) == 0 {
		engine := suite.EngineOf(targets.Table(), "", dsn)
		if engine == nil {
			return nil, errors.New("clean which server? Name it: --dsn postgres://…, or --target NAME=DSN, or --target mysql --dsn DSN")
		}
		named = []string{engine.Name}
	}
	specs, err := suite.ParseTargets(targets.Table(), named, dsn)
	if err != nil {
		return nil, err
	}
	for _, s := range specs {
		if s.Engine.Clean == nil {
			return nil, fmt.Errorf("target %s: there is no server to clean: its runs leave nothing on one", s.Name)
		}
		if s.DSN == "" {
			return nil, fmt.Errorf("target %s: name the server with --dsn or --target %s=DSN: throwaway servers leave nothing behind", s.Name, s.Name)
		}
	}
	return specs, nil
}

// cleanAll cleans one server after the other. One that fails does not keep the others from their turn.
func cleanAll(ctx context.Context, stdout io.Writer, specs []suite.TargetSpec, dry bool) error {
	var errs []error
	for _, s := range specs {
		all, err := s.Engine.Clean(ctx, s.DSN, dry)
		if err != nil {
			errs = append(errs, fmt.Errorf("target %s: %w", s.Name, err))
		}
		if len(all) == 0 && err == nil {
			fmt.Fprintf(stdout, "%s: nothing is left\n", s.Name)
		}
		w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
		for i := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.Name, all[i].Name, fate(&all[i], dry), origin(&all[i]))
			if all[i].Err != nil {
				errs = append(errs, fmt.Errorf("target %s: %s: %w", s.Name, all[i].Name, all[i].Err))
			}
		}
		errs = append(errs, w.Flush())
	}
	return errors.Join(errs...)
}

// fate is what became of a leftover.
func fate(l *store.Leftover, dry bool) string {
	switch {
	case l.Dropped:
		return "dropped"
	case l.Err != nil:
		return "failed"
	case l.State == store.DeadRun && dry:
		return "dead, would be dropped"
	case l.State == store.Alive:
		return "left alone: its run is alive"
	}
	return "left alone: no marker of lastseat's in it"
}

// origin is where a leftover comes from.
func origin(l *store.Leftover) string {
	if l.Started.IsZero() {
		return ""
	}
	return fmt.Sprintf("made %s by process %d on %s, lastseat %s", l.Started.Format(time.DateTime), l.PID, l.Host, l.Version)
}
