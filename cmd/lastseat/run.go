package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// options are the flags of `lastseat run`, read and checked.
type options struct {
	axes           axes
	shape          workloads.Config
	config         engine.Config
	open           store.OpenConfig
	gap            time.Duration
	budget         time.Duration // of the whole run; 0: each row its own
	runs           int           // of each row
	strict         bool
	explain        bool // look for the smallest schedule that shows a surprise
	outDir         string
	zstd           bool
	summary        string // file of a CI job's page, which the Markdown is appended to; empty: none
	undecidedFails bool   // in JUnit
	color          bool
	reference      suite.Reference
	only           []string // rows by name; nil: all
	command        string   // that runs all of this again, without the axes' values
	flags          *pflag.FlagSet
}

// raw are the flags as they were typed.
type raw struct {
	targets, workloads, strategies, levels []string
	dsn, reads, record                     string
	reference, inconclusive                string
	around                                 [][]string // by targets.Axes
	servers                                []int
	pauseHolder                            bool
	load                                   rawLoad
	noColor                                bool
}

func runCommand(stdout, stderr io.Writer, code *int) *cobra.Command {
	opt := &options{config: engine.DefaultConfig()}
	var r raw
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run workloads on targets under strategies and isolation levels, and print the table",
		Long: `run fires concurrent operations at every row: a strategy at an isolation level on a target. Each row runs until its
verdict is decided or its time is up (0.5 s embedded, 2 s on servers and where models are judged, 4 s with a lock, a fault and the like
around the store, 10 s where servers are killed), or for just as long as -d, -n or --runs say. Rows that are decided early leave their
time to those that are not; where some stay undecided, the last line is the command that gives them more. Every axis takes a comma list; those of names take all. Several numbers of clients are a sweep, which is judged as a whole and drawn.

Exit codes: 0 as expected; 1 an invariant or promise broke; 2 usage or set-up error, or a row ended by an error;
3 some row, or all there was, was not decided; 130 interrupted. Where several hold: the first of 2, 1, 130, 3.

Where GITHUB_STEP_SUMMARY names a file, the Markdown report is appended to it.`,
		Example: `  lastseat run
  lastseat run --workload seats --cells 1 --stock 1 -c 2 --target sqlite
  lastseat run --target postgres,mysql,mariadb --isolation all
  lastseat run --target postgres --workload seats --cells 1 -c 1,2,4,8,16,32 --strategy naive-tx,for-update,optimistic
  lastseat run --target postgres --runs 6 --reference for-update
  lastseat run --target postgres --lock redis,zookeeper --fault none,kill-server
  lastseat run --target pg15=postgres://me@db15/shop,pg18=postgres://me@db18/shop --workload transfer`,
		Args: targetArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
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
	f.IntSliceVarP(&opt.axes.clients, "concurrency", "c", []int{opt.config.Concurrency}, "clients; several are a sweep")
	f.IntSliceVar(&opt.axes.cells, "cells", nil, "items or accounts; several are steps too (default 10)")
	f.IntVar(&opt.runs, "runs", 1, "times that each row is run, all rows in turn; from 6 on with an interval")
	f.StringVar(&r.reference, "reference", "", "row that others are compared with, as the table writes it (default: the fastest safe one)")
	f.StringSliceVar(&opt.only, "only", nil, "rows to run, of those that the other flags make: for-update@rc, or seats:postgres/for-update@rc (default: all)")
	f.Int64VarP(&opt.config.Ops, "ops", "n", 0, "operations per row, across clients")
	f.DurationVarP(&opt.config.Duration, "duration", "d", 0, "length of each row, instead of until decided")
	f.DurationVar(&opt.budget, "budget", 0, "total time for all rows, shared among them")
	f.Int64Var(&opt.shape.Stock, "stock", 0, "what each starts with (default: seats 20, transfer 100, joint 100, checkout 20)")
	f.StringVar(&r.reads, "reads", "one", "transfer: read all balances by one SELECT, or by many in one transaction")
	f.DurationVar(&opt.gap, "gap", 0, "thinking time between a client's last read and its first write")
	aroundFlags(f, &r)
	loadFlags(f, opt, &r.load)
	f.IntVar(&opt.config.MaxTries, "max-tries", opt.config.MaxTries, "attempts before an operation counts as failed")
	f.DurationVar(&opt.config.Timeout, "timeout", opt.config.Timeout, "longest time for one attempt")
	f.IntVar(&opt.open.Connections, "connections", 0, "connections that the clients share (default: one each, as far as the server allows)")
	f.Int64Var(&opt.config.MinTrials, "min-trials", opt.config.MinTrials, "contended operations that a green needs")
	f.Uint64Var(&opt.config.Seed, "random-seed", 0, "seed of all random choices (default: a new one, printed)")
	f.StringVar(&r.record, "record", "full", "full: every operation, or counts: only how many")
	f.StringVar(&opt.outDir, "out", "", "folder to make for the result and the recorded histories")
	f.BoolVar(&opt.zstd, "compress", false, "with --out: write histories as .jsonl.zst")
	formatFlags(f, opt.formats())
	f.StringVar(&r.inconclusive, "inconclusive", "skip", "undecided rows in --junitfile: skip or fail; the exit code is 3 all the same")
	f.BoolVar(&opt.strict, "strict", false, "any violation is exit code 1, expected or not")
	f.BoolVar(&opt.explain, "explain", false, "where a row breaks that should not, look for the smallest schedule that shows it (lastseat explore)")
	f.BoolVar(&r.noColor, "no-color", false, "no colour on a terminal (NO_COLOR does the same)")
	completeFlags(cmd, targets.Names())
	return cmd
}

// parse checks the flags against each other, and fills in what depends on several.
func (o *options) parse(r *raw, stdout io.Writer) (err error) {
	if err := o.parseAround(r); err != nil {
		return err
	}
	if err := o.axes.parse(r); err != nil {
		return err
	}
	if r.record != "full" && r.record != "counts" {
		return fmt.Errorf("--record is %q, must be full or counts", r.record)
	}
	if r.inconclusive != "skip" && r.inconclusive != "fail" {
		return fmt.Errorf("--inconclusive is %q, must be skip or fail", r.inconclusive)
	}
	for name, d := range map[string]time.Duration{"gap": o.gap, "budget": o.budget} {
		if d < 0 {
			return fmt.Errorf("--%s is %v, must not be negative", name, d)
		}
	}
	if slices.Contains(o.axes.cells, 0) {
		return errors.New("--cells is 0, must be at least 1")
	}
	if o.runs < 1 {
		return fmt.Errorf("--runs is %d, must be at least 1", o.runs)
	}
	if o.reference, err = parseReference(r.reference); err != nil {
		return err
	}
	if o.open.Connections < 0 {
		return fmt.Errorf("--connections is %d, must be at least 1", o.open.Connections)
	}
	o.shape.ManyReads = r.reads == "many"
	if err := o.parseLoad(&r.load); err != nil {
		return err
	}
	o.config.Counts = r.record == "counts"
	o.undecidedFails = r.inconclusive == "fail"
	o.summary = os.Getenv("GITHUB_STEP_SUMMARY")
	if !o.flags.Changed("random-seed") {
		o.config.Seed = uint64(rand.Uint32N(1_000_000))
	}
	o.axes.clients, o.axes.cells = steps(o.axes.clients), steps(o.axes.cells)
	most := slices.Max(o.axes.clients)
	o.open.Strict = o.open.Connections > 0
	if !o.open.Strict {
		o.open.Connections = most
	}
	o.open.Connections = min(o.open.Connections, most)
	o.color = !r.noColor && os.Getenv("NO_COLOR") == "" && isTerminal(stdout)
	o.command = o.baseCommand()
	cfg := o.suite()
	return cfg.Validate()
}

// suite is the table that the flags ask for.
func (o *options) suite() suite.Config {
	cfg := suite.Config{
		Targets: o.axes.targets, Workloads: workloadsOf(o.axes.workloads, o.shape), Strategies: o.axes.strategies, OnlyKnown: o.axes.implied,
		Beside: o.axes.beside, Levels: o.axes.levels, AllLevels: o.axes.allLevels, Clients: o.axes.clients, Cells: o.axes.cells,
		Environments: o.axes.around, Each: o.config, Open: o.open, Hook: o.hook(), Budget: o.budget, Runs: o.runs, Command: o.rowCommand,
	}
	if len(o.only) > 0 {
		cfg.Only = func(l harness.Label) bool { return suite.Named(l, o.only) }
	}
	if o.outDir != "" {
		cfg.HistoriesIn(o.historyDir(), o.zstd, o.settings)
	}
	return cfg
}

// historyDir is the folder of --out that holds the histories.
func (o *options) historyDir() string { return filepath.Join(o.outDir, "histories") }

// settings are the flags that shape a row, by name.
func (o *options) settings(r *suite.Row) map[string]string {
	m := map[string]string{"concurrency": strconv.Itoa(r.Clients), "cells": strconv.Itoa(r.Cells)}
	if r.Environment.Spreads() {
		m["servers"] = strconv.Itoa(r.Environment.Servers)
	}
	shape := []string{"ops", "duration", "stock", "reads", "gap", "max-tries", "timeout", "connections", "min-trials"}
	for _, name := range append(shape, loadNames...) {
		m[name] = o.flags.Lookup(name).Value.String()
	}
	return m
}

// axisFlags make up the table's rows; outputs say where results go. Neither is part of a row's own command.
var (
	axisFlags   = []string{"target", "workload", "strategy", "isolation", "concurrency", "cells", "only", "reference"}
	outputFlags = []string{"json", "csv", "markdown", "junitfile", "benchfmt", "inconclusive", "out", "compress", "no-color", "random-seed", "dsn", "budget"}
)

// baseCommand is the command line without the axes, without some more flags, and without anything secret.
func (o *options) baseCommand(without ...string) string {
	var b strings.Builder
	b.WriteString("lastseat run")
	o.flags.Visit(func(f *pflag.Flag) {
		for _, skip := range slices.Concat(axisFlags, aroundNames(), outputFlags, without) {
			if f.Name == skip {
				return
			}
		}
		b.WriteString(" " + reports.ShellWord("--"+f.Name+"="+flagText(f)))
	})
	return b.String()
}

// rowCommand runs one row again. The DSN stays with the user: it can hold a password.
func (o *options) rowCommand(row *suite.Row) string {
	l := row.Label
	s := fmt.Sprintf("%s --target %s --workload %s --strategy %s", o.command, reports.ShellWord(l.Target), reports.ShellWord(l.Workload), reports.ShellWord(l.Strategy))
	if l.Isolation != harness.NoLevel {
		s += " --isolation " + string(l.Isolation)
	}
	s += row.Environment.Flags()
	if o.flags.Changed("concurrency") {
		s += " -c " + strconv.Itoa(row.Clients)
	}
	if len(o.axes.cells) > 0 {
		s += " --cells " + strconv.Itoa(row.Cells)
	}
	return fmt.Sprintf("%s --random-seed %d", s, o.config.Seed)
}

// wholeCommand runs everything again.
func (o *options) wholeCommand() string {
	var on []string
	for _, t := range o.axes.targets {
		on = append(on, t.Name)
	}
	s := fmt.Sprintf("%s --target %s --workload %s", o.command, reports.ShellWord(strings.Join(on, ",")), reports.ShellWord(strings.Join(o.axes.workloads, ",")))
	if o.axes.strategies != nil && !o.axes.implied {
		s += " --strategy " + strings.Join(o.axes.strategies, ",")
	}
	s += o.otherAxes()
	if len(o.only) > 0 {
		s += " --only " + reports.ShellWord(strings.Join(o.only, ","))
	}
	if o.reference != (suite.Reference{}) {
		s += " --reference " + o.reference.String()
	}
	return fmt.Sprintf("%s --random-seed %d", s, o.config.Seed)
}

// otherAxes are the flags of levels, environments and numbers, as they were given.
func (o *options) otherAxes() string {
	s := ""
	var levels []string
	if o.axes.allLevels {
		levels = append(levels, names.All)
	}
	for _, l := range o.axes.levels {
		levels = append(levels, string(l))
	}
	if len(levels) > 0 {
		s += " --isolation " + strings.Join(levels, ",")
	}
	for _, name := range aroundNames() {
		if f := o.flags.Lookup(name); f.Changed {
			s += " " + reports.ShellWord("--"+name+"="+flagText(f))
		}
	}
	if o.flags.Changed("concurrency") {
		s += " -c " + numbers(o.axes.clients)
	}
	if len(o.axes.cells) > 0 {
		s += " --cells " + numbers(o.axes.cells)
	}
	return s
}

// flagText is a flag's value as it is typed: of a list, pflag has it in brackets.
func flagText(f *pflag.Flag) string {
	if strings.HasSuffix(f.Value.Type(), "Slice") {
		return strings.TrimSuffix(strings.TrimPrefix(f.Value.String(), "["), "]")
	}
	return f.Value.String()
}

// numbers are the values of an axis as its flag takes them.
func numbers(values []int) string {
	var all []string
	for _, v := range values {
		all = append(all, strconv.Itoa(v))
	}
	return strings.Join(all, ",")
}

// hook pauses in the gap.
func (o *options) hook() harness.Hook {
	if o.gap == 0 {
		return nil
	}
	return harness.PauseInGap(o.gap)
}

// run opens the servers, runs the rows, and writes the reports.
func run(ctx context.Context, opt *options, stdout, stderr io.Writer) (code int, err error) {
	started := time.Now()
	out, err := newOutputs(opt, stdout, stderr)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.close()) }()
	progress := reports.NewProgress(stderr, reports.ProgressOptions{Terminal: isTerminal(stderr), Width: terminalWidth(stderr)})
	cfg := opt.suite()
	cfg.Progress = func(n, of int, p engine.Progress) {
		if progress.Update(n, of, p); !opt.config.Counts {
			progress.Memory(p)
		}
	}
	table, err := suite.Open(ctx, cfg)
	if err != nil && ctx.Err() != nil {
		_, err = fmt.Fprintln(stderr, "lastseat: interrupted before the first row")
		return suite.ExitInterrupted, err
	}
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, table.Close()) }()
	if err := enoughFiles(table, filesLimit()); err != nil {
		return 0, err
	}
	if err := checkOnly(opt.only, table.Rows); err != nil {
		return 0, err
	}
	if err := checkReference(opt.reference, table.Rows); err != nil {
		return 0, err
	}
	if err := opt.plan(table, reportWidth(stderr)).Write(stderr); err != nil {
		return 0, err
	}
	result := table.Run(ctx)
	progress.Done()
	if opt.explain {
		err = opt.explorer().Explain(ctx, result) // the result is written all the same
	}
	result.Reference, result.Load, result.Command, result.Decide = opt.reference, opt.load(), opt.wholeCommand(), opt.decideCommand(result)
	if w := suite.MixedDurability(opt.axes.around); w != "" {
		result.Warnings = append(result.Warnings, w)
	}
	result.Strict, result.Started, result.Elapsed = opt.strict, started, time.Since(started)
	return result.ExitCode(), errors.Join(err, out.writeAll(result))
}

// plan says what run is about to do.
func (o *options) plan(t *suite.Table, width int) reports.Plan {
	p := reports.Plan{
		Rows: t.Count(), Skipped: len(t.Rows) - t.Count(), Workloads: o.axes.workloads, Clients: o.axes.clients, Cells: o.axes.cells,
		Runs: o.runs, Seed: o.config.Seed, AtMost: t.AtMost(), Width: width,
	}
	for _, s := range o.axes.targets {
		p.Targets = append(p.Targets, s.Name)
	}
	return p
}

// explorer looks for the smallest schedule that shows a surprise.
func (o *options) explorer() *suite.Explorer {
	return &suite.Explorer{Schedules: suite.DefaultSchedules, Seed: o.config.Seed, First: true}
}
