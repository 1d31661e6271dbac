package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/interrupt"
	"github.com/lastseat/lastseat/internal/outfiles"
	"github.com/lastseat/lastseat/internal/terminal"
	"github.com/lastseat/lastseat/internal/watch"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/app"
)

// programRun are the flags of run that programs have too.
var programRun = []string{
	"concurrency", "duration", "rate", "arrivals", "isolation", "fault", "only", "budget", "min-trials", "random-seed", "json", "csv", "html", "markdown", "junitfile", "fail-if", "baseline", "progress", "quiet",
}

// loadOf is the load that the flags describe, on a program.
func (o *options) loadOf(f *pflag.FlagSet, r *raw) (how app.Load, err error) {
	f.Visit(func(f *pflag.Flag) {
		if !slices.Contains(programRun, f.Name) {
			err = cmp.Or(err, fmt.Errorf("--%s is for lastseat's own workloads; of a program there are: --%s", f.Name, strings.Join(programRun, ", --")))
		}
	})
	if len(r.load.rates) > 1 {
		err = cmp.Or(err, errors.New("--rate has several values, and programs are run at one"))
	}
	rate := 0.0
	if len(r.load.rates) > 0 {
		rate = r.load.rates[0]
	}
	faults, failed := rounds.ParseFaults(r.around.Faults(f))
	how = app.Load{
		Faults:   faults,
		Duration: o.cfg.Each.Duration, Rate: rate, Uniform: r.load.arrivals == string(engine.Uniform), Seed: o.cfg.Each.Seed,
		Only: o.only, MinTrials: int(o.cfg.Each.MinTrials), Limit: o.cfg.Budget,
	}
	if f.Changed("concurrency") {
		how.Clients = steps(o.cfg.Clients)
	}
	if !f.Changed("random-seed") {
		how.Seed = uint64(rand.Uint32N(1_000_000))
	}
	return how, cmp.Or(err, failed)
}

// runProgram puts a program under load at each level, and writes what came of it.
func runProgram(cmd *cobra.Command, args []string, opt *options, r *raw, stdout, stderr io.Writer) (code int, err error) {
	how, err := opt.loadOf(cmd.Flags(), r)
	if err != nil {
		return 0, err
	}
	s, err := readSpec(cmd.Name(), args)
	if err != nil {
		return 0, err
	}
	levels, err := suite.NamedLevels(r.levels)
	if err != nil {
		return 0, err
	}
	gate, err := opt.held.RoundsGate(s.FailIf, app.Planned(s, &how))
	if err != nil {
		return 0, err
	}
	files, err := outfiles.Named(cmd.Flags(), reports.RoundsFormats())
	if err != nil {
		return 0, err
	}
	if err := files.Create(); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, files.Close()) }()
	shown := watch.New(stderr, opt.progress)
	out, width := shown.Beside(stdout), terminal.ReportWidth(stdout)
	if files.ToStdout != nil {
		out = io.Discard
	}
	all, err := app.LoadLevels(cmd.Context(), s, app.Options{Engines: targets.Programs(), Attach: watch.Address(shown.Beside(stderr)), Progress: shown.Case}, levels, how, app.LoadTelling{
		Head: func(r *rounds.Report) error { return reports.RoundsHead(out, width, r, how.Duration > 0) },
		Case: func(r *rounds.Report, c *rounds.Case) error {
			shown.Decided(c.Verdict)
			return reports.RoundsCase(out, width, r, c)
		},
		Step: func(r *rounds.Report, s *rounds.Step) error {
			shown.Decided(s.Verdict)
			return reports.StepLine(out, r, s)
		},
		End: func(r *rounds.Report) error { return reports.RoundsSum(out, width, r) },
	})
	shown.Done()
	gate.Rounds(all)
	err = errors.Join(err, files.Write(stdout, all, func(w io.Writer, all []rounds.Report) error {
		return reports.ThresholdsText(w, width, rounds.Thresholds(all))
	}))
	return interrupt.Code(cmd.Context(), rounds.Worst(all), rounds.Thresholds(all), "run", stderr), err
}
