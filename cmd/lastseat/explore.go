package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/workloads"
)

// exploreOptions are the flags of `lastseat explore`, read and checked.
type exploreOptions struct {
	axes    axes
	shape   workloads.Config
	clients int // of the scenarios; 0: as many as each has
	budget  int // schedules of a scenario
	seed    uint64
	full    bool // equivalent schedules too
	first   bool // stop at the first that breaks
	json    string
	outDir  string
	program programOptions
}

func exploreCommand(stdout, stderr io.Writer, code *int) *cobra.Command {
	var opt exploreOptions
	var r raw
	cmd := &cobra.Command{
		Use:   "explore [FILE.yaml]",
		Short: "Run all interleavings of a few operations, and show the simplest that breaks a rule",
		Long: `explore runs small scenarios of a workload (two buyers, one seat) under a strategy, one statement at a time, in every order that
matters: those with the fewest interruptions first, and of orders that differ only in statements that commute, one. It says how
many schedules break, shows the simplest step by step, and says what would prevent it. Where none breaks and all were run, that
is proof for these operations in memory and on SQLite; servers can have two statements under way at once, which is not tried.
Throwaway servers do not wait for the disk here.

With a file that describes your own program (docs/program.md), in whatever language, explore starts it on a database of lastseat's
own, holds its statements one by one, and runs each pair of its requests in every order: unsafe is what no serial order gives.

Exit codes: 0 each row is as promised, 1 a row is not, 2 usage or set-up error, 3 some row was not decided (a row that should
break did not, and there are more schedules than --budget), 130 interrupted.`,
		Example: `  lastseat explore --strategy naive-autocommit --target sqlite
  lastseat explore --target postgres --workload seats --strategy naive-tx --isolation read-committed
  lastseat explore --target postgres,mysql,mariadb --workload all --strategy all --isolation all --first
  lastseat explore shop.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if isProgram(args) {
				return nil
			}
			return targetArgs(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if isProgram(args) {
				c, err := exploreProgram(cmd, args, &opt, r.levels, stdout, stderr)
				*code = c
				return err
			}
			if err := onlyFor(cmd, patternExploration); err != nil {
				return err
			}
			if err := opt.parse(&r, cmd.Flags().Changed("random-seed")); err != nil {
				return err
			}
			c, err := exploreRows(cmd.Context(), &opt, stdout, stderr)
			*code = c
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringSliceVar(&r.targets, "target", embedded(), "targets, or name=DSN, or all")
	f.StringSliceVar(&r.workloads, "workload", []string{"seats"}, "workloads, or all")
	f.StringSliceVar(&r.strategies, "strategy", []string{all}, "strategies, or all")
	f.StringSliceVar(&r.levels, "isolation", []string{"default"}, "isolation levels (ru, rc, rr, ser), all, or each engine's default")
	f.StringVar(&r.dsn, "dsn", "", "the server of the single --target: a URL or a driver's DSN")
	f.StringVar(&r.reads, "reads", "one", "transfer: read all balances by one SELECT, or by many in one transaction")
	f.IntVar(&opt.clients, "clients", 0, "only scenarios with so many clients (default: all)")
	f.IntVar(&opt.budget, "budget", suite.DefaultSchedules, "schedules of a scenario; where there are more, a quarter of them is drawn at random")
	f.Uint64Var(&opt.seed, "random-seed", 0, "seed of the draws (default: a new one, printed)")
	f.BoolVar(&opt.full, "full", false, "run schedules that differ only in statements that commute, too")
	f.BoolVar(&opt.first, "first", false, "stop a row at the first schedule that breaks")
	f.StringVar(&opt.json, "json", "", "file for the result as JSON; - for standard output instead of the text")
	f.StringVar(&opt.outDir, "out", "", "folder to make for the schedules that break, to replay them")
	opt.program.flags(f)
	completeFlags(cmd)
	return cmd
}

func (o *exploreOptions) parse(r *raw, seeded bool) (err error) {
	if err := o.axes.parse(r); err != nil {
		return err
	}
	o.shape.ManyReads = r.reads == "many"
	if o.clients < 0 || o.clients == 1 {
		return fmt.Errorf("--clients is %d, must be 2 or more: one client alone has one schedule", o.clients)
	}
	if o.budget < 1 {
		return fmt.Errorf("--budget is %d, must be at least 1", o.budget)
	}
	if !seeded {
		o.seed = uint64(rand.Uint32N(1_000_000))
	}
	return nil
}

// exploreClients is how many connections a scenario needs at most, its bystander included.
const exploreClients = 4

// exploreRows explores every row, and writes what came of it.
func exploreRows(ctx context.Context, opt *exploreOptions, stdout, stderr io.Writer) (code int, err error) {
	text := stdout
	if opt.json == "-" {
		text = io.Discard
	}
	cfg := store.OpenConfig{Connections: exploreClients, Volatile: true, PipeBegin: true}
	servers, all, err := suite.OpenServers(ctx, opt.axes.targets, cfg)
	defer func() {
		for _, s := range servers {
			err = errors.Join(err, s.Close())
		}
	}()
	if err != nil {
		return 0, err
	}
	for _, s := range all {
		if s.Missing != "" {
			fmt.Fprintf(stderr, "skipped: %s: %s\n", s.Target, s.Missing)
		}
	}
	saver, err := newSaver(opt.outDir)
	if err != nil {
		return 0, err
	}
	x := opt.explorer(saver)
	var rows []suite.Explored
	var failed error
	for _, s := range servers {
		got, err := exploreServer(ctx, x, s, func(e *suite.Explored, many bool) error {
			if many {
				return reports.ExploredLine(text, e)
			}
			return reports.ExploredText(text, e)
		})
		rows = append(rows, got...)
		if ctx.Err() != nil {
			break
		}
		failed = errors.Join(failed, err) // other targets have their turn, and what was explored is written
	}
	reports.ExploredSum(text, rows)
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "lastseat: INTERRUPTED: what was explored until then is above")
	}
	err = toFile("json", opt.json, stdout, func(w io.Writer) error { return reports.ExploredJSON(w, rows) })
	return exploredExit(ctx, rows), errors.Join(failed, err)
}

// explorer is what the flags ask for.
func (o *exploreOptions) explorer(save *saver) *suite.Explorer {
	return &suite.Explorer{
		Config: suite.Config{
			Targets: o.axes.targets, Workloads: o.axes.workloadsOf(o.shape), Strategies: o.axes.strategies, Levels: o.axes.levels,
			AllLevels: o.axes.allLevels,
		},
		Clients: o.clients, Schedules: o.budget, Seed: o.seed, Full: o.full, First: o.first, Save: save.schedule,
	}
}

// exploreServer explores a server's rows, and hands on each as soon as it is there; many says whether there are several in all.
func exploreServer(ctx context.Context, x *suite.Explorer, s *suite.Opened, tell func(e *suite.Explored, many bool) error) ([]suite.Explored, error) {
	planned, err := x.Rows(ctx, s)
	if err != nil {
		return nil, err
	}
	var rows []suite.Explored
	for _, row := range planned {
		e, err := x.Row(ctx, row)
		if err != nil {
			return rows, err
		}
		rows = append(rows, *e)
		if err := tell(e, len(planned) > 1 || len(x.Config.Targets) > 1); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// exploredExit is the exit code for what came of all rows.
func exploredExit(ctx context.Context, rows []suite.Explored) int {
	code, ran := 0, 0
	for i := range rows {
		e := &rows[i]
		switch {
		case e.Verdict == harness.Skipped:
			continue
		case e.Verdict == harness.Inconclusive:
			code = max(code, suite.ExitInconclusive)
		case !e.AsExpected:
			return suite.ExitBroken
		}
		ran++
	}
	switch {
	case ctx.Err() != nil:
		return suite.ExitInterrupted
	case ran == 0:
		return suite.ExitInconclusive
	}
	return code
}
