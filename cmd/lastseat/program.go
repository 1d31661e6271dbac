package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	pairs "github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/compared"
	"github.com/lastseat/lastseat/internal/interrupt"
	"github.com/lastseat/lastseat/internal/outfiles"
	"github.com/lastseat/lastseat/internal/terminal"
	"github.com/lastseat/lastseat/internal/watch"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/app"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// programOptions are the flags of `lastseat explore` for programs of the user's.
type programOptions struct {
	pairs.Asked
	held compared.Thresholds
}

func (o *programOptions) flags(f *pflag.FlagSet) {
	f.StringSliceVar(&o.Only, "only", nil, "of a program: only these operations, one a client (buy,refund)")
	f.StringVar(&o.Order, "order", "", "of a program: play this one schedule of --only again, as a report names it")
	f.StringSliceVar(&o.Faults, "fault", nil, "of a program: strike at each point instead, one request at a time: all, kinds ("+pairs.FaultNames()+"), or a point of --only, as a report names it")
	f.IntVar(&o.Lanes, "lanes", 0, "schedules to play at once: on a server, in tables of their own (default 2 to 4 by product on one that is started for it, else 1); of a program, on databases and copies of their own (default 1)")
	o.held.Flags(f)
}

// Flags that only one of the two explorations has.
var (
	programExploration = []string{"target", "workload", "strategy", "dsn", "reads", "full"}
	patternExploration = []string{"only", "order", "fault", "fail-if", "baseline"}
	orderExploration   = []string{"clients", "budget", "random-seed", "lock-timeout", "first", "out", "order", "lanes"} // and not --fault
)

// onlyFor refuses the flags that are of the other exploration.
func onlyFor(cmd *cobra.Command, other []string) error {
	for _, name := range other {
		switch {
		case !cmd.Flags().Changed(name):
		case cmd.Flags().Changed("fault") && slices.Contains(orderExploration, name):
			return fmt.Errorf("--%s and --fault do not go together: requests that faults strike run one after the other", name)
		case slices.Contains(programExploration, name):
			return fmt.Errorf("--%s is for lastseat's own workloads; of a program, the file says it", name)
		default:
			return fmt.Errorf("--%s is for programs: name the file of one, as in lastseat explore shop.yaml", name)
		}
	}
	return nil
}

// isProgram reports whether arguments name the file of a program.
func isProgram(args []string) bool {
	return len(args) > 0 && (strings.HasSuffix(args[0], ".yaml") || strings.HasSuffix(args[0], ".yml"))
}

// exploreProgram explores a program at each level, and writes what came of it.
func exploreProgram(cmd *cobra.Command, args []string, opt *exploreOptions, levels []string, stdout, stderr io.Writer) (code int, err error) {
	without := programExploration
	if cmd.Flags().Changed("fault") {
		without = slices.Concat(without, orderExploration)
	}
	if err := onlyFor(cmd, without); err != nil {
		return 0, err
	}
	s, err := readSpec(cmd.Name(), args)
	if err != nil {
		return 0, err
	}
	x, order, err := opt.explorer(s, cmd.Flags().Changed("random-seed"))
	if err != nil {
		return 0, err
	}
	named, err := suite.NamedLevels(levels)
	if err != nil {
		return 0, err
	}
	gate, err := opt.program.held.ProgramGate(s.FailIf, compared.Played(order != nil, cmd.Flags().Changed("fault")))
	if err != nil {
		return 0, err
	}
	files, err := outfiles.Named(cmd.Flags(), reports.ProgramFormats())
	if err != nil {
		return 0, err
	}
	if err := errors.Join(outfiles.Folder(opt.outDir, "."), files.Create()); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, files.Close()) }()
	shown := watch.New(stderr, opt.watch)
	text := shown.Beside(stdout)
	if files.ToStdout != nil {
		text = io.Discard
	}
	tell := watch.Program(text, terminal.ReportWidth(stdout), opt.outDir, shown)
	all, err := app.ExploreLevels(cmd.Context(), s, app.Options{Engines: targets.Programs(), Clients: x.Clients, Lanes: opt.program.Lanes, LockTimeouts: opt.LockTimeouts, Attach: watch.Address(shown.Beside(stderr)), Progress: shown.Case}, named, *x, app.Single{Order: order}, tell)
	shown.Done()
	gate.Program(all)
	err = errors.Join(err, files.Write(stdout, all, func(w io.Writer, all []pairs.Report) error {
		return reports.ProgramEnd(w, terminal.ReportWidth(w), all)
	}))
	return interrupt.Code(cmd.Context(), pairs.Worst(all), pairs.Thresholds(all), "explored", stderr), err
}

// replayProgram plays a saved schedule of a program again.
func replayProgram(cmd *cobra.Command, file string, content []byte, stdout, stderr io.Writer) (code int, err error) {
	for _, name := range []string{"target", "dsn", "timeout", "isolation"} {
		if cmd.Flags().Changed(name) {
			return 0, fmt.Errorf("--%s is for schedules of statements; of a program, %s and the file that it names say it", name, file)
		}
	}
	saved, err := pairs.ParseSaved(file, content)
	if err != nil {
		return 0, err
	}
	files, err := outfiles.Named(cmd.Flags(), reports.ProgramFormats())
	if err != nil {
		return 0, err
	}
	if err := files.Create(); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, files.Close()) }()
	text := stdout
	if files.ToStdout != nil {
		text = io.Discard
	}
	all, err := app.Replay(cmd.Context(), saved, app.Options{Engines: targets.Programs()}, watch.Program(text, terminal.ReportWidth(stdout), "", watch.New(stderr, reports.ProgressOptions{Quiet: true})))
	err = errors.Join(err, files.Write(stdout, all, func(io.Writer, []pairs.Report) error { return nil }))
	return interrupt.Code(cmd.Context(), pairs.Worst(all), nil, "explored", stderr), err
}

// readSpec reads the file of a program, which is the only argument of a command.
func readSpec(command string, args []string) (*spec.Spec, error) {
	if len(args) > 1 {
		return nil, fmt.Errorf("%s takes the file of one program", command)
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", command, err)
	}
	return spec.Parse(args[0], text)
}

// explorer is what the flags want of a program.
func (o *exploreOptions) explorer(s *spec.Spec, seeded bool) (*pairs.Explorer, []int, error) {
	x := &pairs.Explorer{Clients: cmp.Or(max(o.Clients, len(o.program.Only)), 2), Schedules: o.Schedules, Seed: o.Seed, First: o.First}
	if !seeded {
		x.Seed = uint64(rand.Uint32N(1_000_000))
	}
	order, err := x.Choose(s.Names(), &o.program.Asked)
	return x, order, err
}
