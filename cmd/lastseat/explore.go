package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/completion"
	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/internal/outfiles"
	"github.com/lastseat/lastseat/internal/watch"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// exploreOptions are the flags of `lastseat explore`, read and checked.
type exploreOptions struct {
	suite.Explorer
	shape   workloads.Config
	files   *outfiles.Files[[]suite.Explored]
	outDir  string
	program programOptions
	watch   reports.ProgressOptions
}

func exploreCommand(stdout, stderr io.Writer, code *int) *cobra.Command {
	var opt exploreOptions
	var r raw
	cmd := &cobra.Command{
		Use:   "explore [FILE.yaml | FILE.schedule]",
		Short: "Run all interleavings of a few operations, and show the simplest that breaks a rule",
		Args:  fileOrTargets,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if isProgram(args) {
				*code, err = exploreProgram(cmd, args, &opt, r.levels, stdout, stderr)
				return err
			}
			if isSchedule(args) {
				*code, err = exploreSchedule(cmd, args, &opt, &r, stdout, stderr)
				return err
			}
			if err := onlyFor(cmd, patternExploration); err != nil {
				return err
			}
			if err := opt.parse(cmd.Flags(), &r); err != nil {
				return err
			}
			*code, err = exploreRows(cmd.Context(), &opt, stdout, stderr)
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringSliceVar(&r.targets, "target", targets.Embedded(), "targets, or name=DSN, or all")
	f.StringSliceVar(&r.workloads, "workload", []string{"seats"}, "workloads, or all")
	f.StringSliceVar(&r.strategies, "strategy", []string{names.All}, "strategies, or all")
	f.StringSliceVar(&r.levels, "isolation", []string{"default"}, "isolation levels (ru, rc, rr, ser), all, or each engine's default")
	f.StringVar(&r.dsn, "dsn", "", "the server of the single --target: a URL or a driver's DSN")
	f.StringVar(&r.reads, "reads", "one", "transfer: read all balances by one SELECT, or by many in one transaction")
	f.IntVar(&opt.Clients, "clients", 0, "only scenarios with so many clients (default: all)")
	f.IntVar(&opt.Schedules, "budget", suite.DefaultSchedules, "schedules of a scenario; where there are more, a quarter of them is drawn at random")
	f.Uint64Var(&opt.Seed, "random-seed", 0, "seed of the draws (default: a new one, printed)")
	f.BoolVar(&opt.Full, "full", false, "run schedules that differ only in statements that commute, too")
	f.BoolVar(&opt.LockTimeouts, "lock-timeout", false, "let each statement that waits run into its lock time-out once: a second each on a server")
	f.BoolVar(&opt.First, "first", false, "stop a row at the first schedule that breaks")
	outfiles.Flags(f, reports.ExploredFormats())
	f.StringVar(&opt.outDir, "out", "", "folder to make for the schedules that break, to replay them")
	opt.program.flags(f)
	watch.Flags(f, &opt.watch)
	completion.Flags(cmd, targets.Names())
	return cmd
}

func (o *exploreOptions) parse(flags *pflag.FlagSet, r *raw) (err error) {
	if err := parseAxes(&o.Config, &o.shape, r); err != nil {
		return err
	}
	if o.Clients < 0 || o.Clients == 1 {
		return fmt.Errorf("--clients is %d, must be 2 or more: one client alone has one schedule", o.Clients)
	}
	if o.program.Lanes < 0 {
		return fmt.Errorf("--lanes is %d, must be at least 1", o.program.Lanes)
	}
	if o.Schedules < 1 {
		return fmt.Errorf("--budget is %d, must be at least 1", o.Schedules)
	}
	if !flags.Changed("random-seed") {
		o.Seed = uint64(rand.Uint32N(1_000_000))
	}
	o.Save = o.saveSchedule
	o.files, err = outfiles.Named(flags, reports.ExploredFormats())
	return err
}

// exploreRows explores every row, and writes what came of it.
func exploreRows(ctx context.Context, opt *exploreOptions, stdout, stderr io.Writer) (code int, err error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // one acts at a time: to pass work from thread to thread takes longer than most of it
	shown := watch.New(stderr, opt.watch)
	opt.Progress = shown.Case
	text := shown.Beside(stdout)
	if opt.files.ToStdout != nil {
		text = io.Discard
	}
	cfg := store.OpenConfig{Connections: suite.ExploreConnections, Volatile: true, Socket: true, PipeBegin: true, BriefWaits: opt.LockTimeouts}
	servers, all, err := suite.OpenServers(ctx, opt.Config.Targets, cfg)
	defer func() {
		for _, s := range servers {
			err = errors.Join(err, s.Close())
		}
	}()
	if err != nil {
		return 0, err
	}
	for _, s := range servers {
		if err := s.OpenLanes(ctx, opt.program.Lanes, cfg); err != nil {
			return 0, err
		}
	}
	for _, s := range all {
		if s.Missing != "" {
			fmt.Fprintf(stderr, "skipped: %s: %s\n", s.Target, s.Missing)
		}
	}
	if err := errors.Join(outfiles.Folder(opt.outDir, "."), opt.files.Create()); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, opt.files.Close()) }()
	rows, failed := opt.All(ctx, servers, func(e *suite.Explored, many bool) error {
		shown.Decided(e.Verdict)
		if many {
			return reports.ExploredLine(text, e)
		}
		return reports.ExploredText(text, e)
	})
	shown.Done()
	err = opt.files.Write(stdout, rows, func(w io.Writer, rows []suite.Explored) error {
		reports.ExploredSum(w, rows)
		return nil
	})
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "lastseat: INTERRUPTED: what was explored until then is above")
	}
	return suite.ExploredExitCode(rows, ctx.Err() != nil), errors.Join(failed, err)
}

// saveSchedule writes a schedule that breaks a row into the folder of --out, and answers the files.
func (o *exploreOptions) saveSchedule(r *suite.Row, target harness.Target, sc store.Scenario, b *explore.Broken) ([]string, error) {
	if o.outDir == "" {
		return nil, nil
	}
	var files []string
	var errs []error
	for _, f := range r.ScheduleFiles(target, sc, b) {
		path := filepath.Join(o.outDir, f.Name)
		files, errs = append(files, path), append(errs, outfiles.To("out", path, nil, f.Write))
	}
	return files, errors.Join(errs...)
}
