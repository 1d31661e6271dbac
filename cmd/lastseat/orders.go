package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/internal/outfiles"
	"github.com/lastseat/lastseat/internal/terminal"
	"github.com/lastseat/lastseat/internal/watch"
	"github.com/lastseat/lastseat/reports"
)

// scheduleExploration are the flags of `lastseat explore` for schedules in files.
var scheduleExploration = []string{"target", "isolation", "dsn", "budget", "random-seed", "full", "first", "lock-timeout", "json", "html", "markdown", "junitfile", "out", "progress", "quiet"}

// isSchedule reports whether arguments name the file of a schedule.
func isSchedule(args []string) bool { return len(args) > 0 && strings.HasSuffix(args[0], ".schedule") }

// exploreSchedule runs a schedule's sessions in every order of their statements.
func exploreSchedule(cmd *cobra.Command, args []string, opt *exploreOptions, r *raw, stdout, stderr io.Writer) (code int, err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if !slices.Contains(scheduleExploration, f.Name) {
			err = cmp.Or(err, fmt.Errorf("--%s is not for schedules in files; of these there are: --%s", f.Name, strings.Join(scheduleExploration, ", --")))
		}
	})
	if err != nil {
		return 0, err
	}
	if len(args) > 1 {
		return 0, errors.New("explore takes one schedule file")
	}
	content, err := os.ReadFile(args[0])
	if err != nil {
		return 0, fmt.Errorf("explore: %w", err)
	}
	played := replayOptions{sqlFlags: sqlFlags{named: []string{"all"}, dsn: r.dsn, timeout: explore.DefaultLimit}}
	if cmd.Flags().Changed("target") {
		played.named = r.targets
	}
	if played.levels = r.levels; !cmd.Flags().Changed("isolation") {
		played.levels = nil
	}
	if err := played.parse(args[0], content); err != nil {
		return 0, err
	}
	if played.schedule.Operations != nil {
		return 0, fmt.Errorf("explore: %s holds operations, which lastseat explore --workload runs in every order; lastseat replay plays this one", args[0])
	}
	files, err := outfiles.Named(cmd.Flags(), reports.OrdersFormats())
	if err != nil {
		return 0, err
	}
	if err := errors.Join(outfiles.Folder(opt.outDir, "."), files.Create()); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, files.Close()) }()
	shown := watch.New(stderr, opt.watch)
	how := isolation.Search{Progress: shown.Case, Budget: opt.Schedules, Seed: opt.Seed, Full: opt.Full, First: opt.First, LockTimeouts: opt.LockTimeouts, Tell: saveOrder(opt.outDir, shown)}
	if !cmd.Flags().Changed("random-seed") {
		how.Seed = uint64(rand.Uint32N(1_000_000))
	}
	all := played.config.Explore(cmd.Context(), played.schedule, how)
	shown.Done()
	if len(all.Places) == 0 {
		return all.ExitCode(), all.Err
	}
	err = errors.Join(all.Err, files.Write(stdout, all, func(w io.Writer, all *isolation.Orders) error {
		return reports.OrdersText(w, terminal.ReportWidth(w), all)
	}))
	return all.ExitCode(), err
}

// saveOrder writes the shortest order that breaks at a place into a folder; empty: nowhere.
func saveOrder(dir string, shown *reports.Progress) func(*isolation.Place) error {
	return func(at *isolation.Place) error {
		shown.Decided(at.Verdict)
		if dir == "" || at.Shortest == nil {
			return nil
		}
		at.Saved = filepath.Join(dir, at.Where+".schedule")
		return outfiles.To("out", at.Saved, nil, func(w io.Writer) error { return schedule.Write(w, at.Shortest) })
	}
}
