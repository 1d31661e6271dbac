package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/again"
	"github.com/lastseat/lastseat/internal/around"
	"github.com/lastseat/lastseat/internal/buildinfo"
	"github.com/lastseat/lastseat/internal/compared"
	"github.com/lastseat/lastseat/internal/completion"
	"github.com/lastseat/lastseat/internal/limits"
	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/internal/outfiles"
	"github.com/lastseat/lastseat/internal/runfile"
	"github.com/lastseat/lastseat/internal/terminal"
	"github.com/lastseat/lastseat/internal/watch"
	"github.com/lastseat/lastseat/internal/workers"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// options are the flags of `lastseat run`, read and checked.
type options struct {
	cfg            suite.Config
	shape          workloads.Config
	gap            time.Duration
	strict         bool
	explain        bool // look for the smallest schedule that shows a surprise
	outDir         string
	zstd           bool
	summary        string // file of a CI job's page, which the Markdown is appended to; empty: none
	undecidedFails bool   // in JUnit
	color          bool
	reference      suite.Reference
	held           compared.Thresholds
	gate           *compared.Gate  // what they come to
	only           []string        // rows by name; nil: all
	commands       *again.Commands // that run rows again
	progress       reports.ProgressOptions
	workers        workers.Flags
	flags          *pflag.FlagSet
}

// raw are the flags as they were typed.
type raw struct {
	targets, workloads, strategies, levels []string
	dsn, reads, record, wire               string
	reference, inconclusive                string
	around                                 around.Flags
	workers                                workers.Flags
	load                                   rawLoad
	noColor, printConfig                   bool
}

func runCommand(stdout, stderr io.Writer, code *int) *cobra.Command {
	opt := &options{cfg: suite.Config{Each: engine.DefaultConfig()}}
	var r raw
	cmd := &cobra.Command{
		Use:   "run [FILE.yaml]",
		Short: "Run workloads on targets under strategies and isolation levels, and print the table",
		Args:  fileOrTargets,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			program, err := runfile.Arguments(cmd, args)
			if err != nil {
				return err
			}
			if r.printConfig {
				return runfile.Print(stdout, cmd.Flags())
			}
			if program {
				*code, err = runProgram(cmd, args, opt, &r, stdout, stderr)
				return err
			}
			opt.flags = cmd.Flags()
			if err := opt.parse(&r, stdout); err != nil {
				return err
			}
			c, err := run(cmd.Context(), opt, stdout, stderr)
			*code = c
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringSliceVar(&r.targets, "target", targets.Embedded(), "targets, or name=DSN, or all")
	f.StringSliceVar(&r.workloads, "workload", []string{"seats", "transfer"}, "workloads, or all")
	f.StringSliceVar(&r.strategies, "strategy", []string{names.All}, "strategies, or all")
	f.StringSliceVar(&r.levels, "isolation", []string{"default"}, "isolation levels (ru, rc, rr, ser), all, or each engine's default")
	f.StringVar(&r.dsn, "dsn", "", "the server of the single --target: a URL or a driver's DSN")
	f.IntSliceVarP(&opt.cfg.Clients, "concurrency", "c", []int{opt.cfg.Each.Concurrency}, "clients; several are a sweep")
	f.IntSliceVar(&opt.cfg.Cells, "cells", nil, "items or accounts; several are steps too (default 10)")
	f.IntVar(&opt.cfg.Runs, "runs", 1, "times that each row is run, all rows in turn; from 6 on with an interval")
	f.StringVar(&r.reference, "reference", "", "row that others are compared with, as the table writes it (default: the fastest safe one)")
	f.StringSliceVar(&opt.only, "only", nil, "rows to run, of those that the other flags make: for-update@rc, or seats:postgres/for-update@rc (default: all)")
	f.Int64VarP(&opt.cfg.Each.Ops, "ops", "n", 0, "operations per row, across clients")
	f.DurationVarP(&opt.cfg.Each.Duration, "duration", "d", 0, "length of each row, instead of until decided")
	f.DurationVar(&opt.cfg.Budget, "budget", 0, "total time for all rows, shared among them")
	f.Int64Var(&opt.shape.Stock, "stock", 0, "what each starts with (default: seats 20, transfer 100, joint 100, checkout 20)")
	f.StringVar(&r.reads, "reads", "one", "transfer: read all balances by one SELECT, or by many in one transaction")
	f.DurationVar(&opt.gap, "gap", 0, "thinking time between a client's last read and its first write")
	r.around.Add(f)
	r.workers.Add(f)
	loadFlags(f, opt, &r.load)
	f.IntVar(&opt.cfg.Each.MaxTries, "max-tries", opt.cfg.Each.MaxTries, "attempts before an operation counts as failed")
	f.DurationVar(&opt.cfg.Each.Timeout, "timeout", opt.cfg.Each.Timeout, "longest time for one attempt")
	f.IntVar(&opt.cfg.Open.Connections, "connections", 0, "connections that the clients share (default: one each, as far as the server allows)")
	f.Int64Var(&opt.cfg.Each.MinTrials, "min-trials", opt.cfg.Each.MinTrials, "contended operations that a green needs")
	f.Uint64Var(&opt.cfg.Each.Seed, "random-seed", 0, "seed of all random choices (default: a new one, printed)")
	f.StringVar(&r.wire, "wire", "own", "own: as fast as lastseat can, or driver: pgx, and go-sql-driver with database/sql, as programs use them")
	f.StringVar(&r.record, "record", "full", "full: every operation, or counts: only how many")
	f.StringVar(&opt.outDir, "out", "", "folder to make for the result and the recorded histories")
	f.BoolVar(&opt.zstd, "compress", false, "with --out: write histories as .jsonl.zst")
	outfiles.Flags(f, opt.formats())
	f.StringVar(&r.inconclusive, "inconclusive", "skip", "undecided rows in --junitfile: skip or fail; the exit code is 3 all the same")
	opt.held.Flags(f)
	f.BoolVar(&opt.strict, "strict", false, "any violation is exit code 1, expected or not")
	f.BoolVar(&opt.explain, "explain", false, "where a row breaks that should not, look for the smallest schedule that shows it (lastseat explore)")
	watch.Flags(f, &opt.progress)
	f.BoolVar(&r.printConfig, "print-config", false, "print these flags, and those of FILE.yaml, as such a file, and run nothing")
	f.BoolVar(&r.noColor, "no-color", false, "no colour on a terminal (NO_COLOR does the same)")
	completion.Flags(cmd, targets.Names())
	return cmd
}

// parseAround reads the axes of components, and chooses what goes well with them where nothing was chosen.
func (o *options) parseAround(r *raw) (err error) {
	if o.cfg.Environments, err = r.around.Environments(o.flags, &r.workers.N); err != nil {
		return err
	}
	if o.cfg.Backends, err = r.around.Backends(o.flags, o.cfg.Environments); err != nil {
		return err
	}
	workload, strategies, beside := suite.Suited(targets.Axes(), o.cfg.Environments)
	if !o.flags.Changed("workload") && slices.ContainsFunc(o.cfg.Environments, func(e suite.Environment) bool { return e.Any() }) {
		r.workloads = []string{cmp.Or(workload, workloads.Names()[0])}
	}
	if !o.flags.Changed("strategy") && strategies != nil {
		r.strategies, o.cfg.Beside, o.cfg.OnlyKnown = strategies, beside, true
	}
	return nil
}

// parse checks the flags against each other, and fills in what depends on several.
func (o *options) parse(r *raw, stdout io.Writer) (err error) {
	if err := o.parseAround(r); err != nil {
		return err
	}
	if err := parseAxes(&o.cfg, &o.shape, r); err != nil {
		return err
	}
	if r.record != "full" && r.record != "counts" {
		return fmt.Errorf("--record is %q, must be full or counts", r.record)
	}
	if o.cfg.Open.Driver = r.wire == "driver"; r.wire != "own" && r.wire != "driver" {
		return fmt.Errorf("--wire is %q, must be own or driver", r.wire)
	}
	if r.inconclusive != "skip" && r.inconclusive != "fail" {
		return fmt.Errorf("--inconclusive is %q, must be skip or fail", r.inconclusive)
	}
	for name, d := range map[string]time.Duration{"gap": o.gap, "budget": o.cfg.Budget} {
		if d < 0 {
			return fmt.Errorf("--%s is %v, must not be negative", name, d)
		}
	}
	if slices.Contains(o.cfg.Cells, 0) {
		return errors.New("--cells is 0, must be at least 1")
	}
	if o.cfg.Runs < 1 {
		return fmt.Errorf("--runs is %d, must be at least 1", o.cfg.Runs)
	}
	if o.reference, err = suite.ParseReference(r.reference); err != nil {
		return fmt.Errorf("--reference %q: %w; write a row as the table does: for-update@read-committed", r.reference, err)
	}
	if o.cfg.Open.Connections < 0 {
		return fmt.Errorf("--connections is %d, must be at least 1", o.cfg.Open.Connections)
	}
	o.workers, o.cfg.Open.Workers = r.workers, r.workers.N
	if err := errors.Join(o.workers.Check(), o.parseLoad(&r.load)); err != nil {
		return err
	}
	o.cfg.Each.Counts = r.record == "counts"
	o.undecidedFails = r.inconclusive == "fail"
	o.summary = os.Getenv("GITHUB_STEP_SUMMARY")
	if !o.flags.Changed("random-seed") {
		o.cfg.Each.Seed = uint64(rand.Uint32N(1_000_000))
	}
	o.cfg.Clients, o.cfg.Cells = steps(o.cfg.Clients), steps(o.cfg.Cells)
	most := slices.Max(o.cfg.Clients)
	o.cfg.Open.Strict = o.cfg.Open.Connections > 0
	if !o.cfg.Open.Strict {
		o.cfg.Open.Connections = most
	}
	o.cfg.Open.Connections = min(o.cfg.Open.Connections, most)
	o.color = !r.noColor && os.Getenv("NO_COLOR") == "" && terminal.Is(stdout)
	o.commands = again.New(again.Commands{Flags: o.flags, Config: &o.cfg, Only: o.only, Reference: o.reference, Around: around.Names(), Backends: around.BackendVariables(), Files: outfiles.FlagsOf(o.formats())})
	if o.gap > 0 {
		o.cfg.Hook = harness.PauseInGap(o.gap)
	}
	if len(o.only) > 0 {
		o.cfg.Only = func(l harness.Label) bool { return suite.Named(l, o.only) }
	}
	if o.outDir != "" {
		o.cfg.HistoriesIn(filepath.Join(o.outDir, outfiles.HistoryDir), o.zstd, o.settings)
	}
	o.cfg.Command = o.commands.Row
	if o.gate, err = o.held.RunGate(o.commands.Whole()); err != nil {
		return err
	}
	return o.cfg.Validate()
}

// formats are the forms of a run's result, as the flags want them.
func (o *options) formats() []reports.Format[*suite.Result] {
	return reports.Formats(reports.JUnitOptions{FailInconclusive: o.undecidedFails, Strict: o.strict})
}

// settings are the flags that shape a row, by name.
func (o *options) settings(r *suite.Row) map[string]string {
	m := map[string]string{"concurrency": strconv.Itoa(r.Clients), "cells": strconv.Itoa(r.Cells)}
	if r.Environment.Spreads() {
		m["servers"] = strconv.Itoa(r.Environment.Servers)
	}
	shape := []string{"ops", "duration", "stock", "reads", "gap", "max-tries", "timeout", "connections", "min-trials", "wire"}
	for _, name := range append(shape, loadNames...) {
		m[name] = o.flags.Lookup(name).Value.String()
	}
	m["rate"], m["zipfian-constant"] = fmt.Sprint(r.Rate), fmt.Sprint(cmp.Or(r.Skew, o.shape.ZipfianConstant))
	return m
}

// run opens the servers, runs the rows, and writes the reports.
func run(ctx context.Context, opt *options, stdout, stderr io.Writer) (code int, err error) {
	started := time.Now()
	asked, err := outfiles.Named(opt.flags, opt.formats())
	if err != nil {
		return 0, err
	}
	out := outfiles.Run{Files: asked, Dir: opt.outDir, Summary: opt.summary, Color: opt.color, Stdout: stdout, Stderr: stderr}
	if err := out.Create(); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, asked.Close()) }()
	progress := watch.New(stderr, opt.progress)
	opt.cfg.Done = progress.RowDone
	opt.cfg.Progress = func(n, of int, p engine.Progress) {
		if progress.Update(n, of, p); !opt.cfg.Each.Counts {
			progress.Memory(p)
		}
	}
	hired, err := opt.workers.Hire(ctx, buildinfo.Text(version, commit), stderr)
	defer func() { err = errors.Join(err, hired.Close()) }()
	var table *suite.Table
	if opt.cfg.Elsewhere = hired.Elsewhere(opt.cfg.Open, opt.shape, opt.gap); err == nil {
		table, err = suite.Open(ctx, opt.cfg)
	}
	if err != nil && ctx.Err() != nil {
		_, err = fmt.Fprintln(stderr, "lastseat: interrupted before the first row")
		return suite.ExitInterrupted, err
	}
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, table.Close()) }()
	if err := limits.EnoughFiles(table); err != nil {
		return 0, err
	}
	if err := suite.CheckOnly(opt.only, table.Rows); err != nil {
		return 0, err
	}
	if err := opt.reference.Check(table.Rows); err != nil {
		return 0, err
	}
	if !opt.progress.Quiet {
		if err := reports.PlanOf(&opt.cfg, table).Write(stderr, terminal.ReportWidth(stderr)); err != nil {
			return 0, err
		}
	}
	result := table.Run(ctx)
	progress.Done()
	if opt.explain {
		x := suite.Explorer{Schedules: suite.DefaultSchedules, Seed: opt.cfg.Each.Seed, First: true}
		err = x.Explain(ctx, result) // the result is written all the same
	}
	result.Reference, result.Load, result.Command, result.Decide = opt.reference, opt.load(), opt.commands.Whole(), opt.commands.Decide(result)
	if w := suite.MixedDurability(opt.cfg.Environments); w != "" {
		result.Warnings = append(result.Warnings, w)
	}
	result.Strict, result.Started, result.Elapsed = opt.strict, started, time.Since(started)
	opt.gate.Run(result)
	return result.ExitCode(), errors.Join(err, out.Write(result))
}
