package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/reports"
)

// isolationOptions are the flags of `lastseat isolation`, read and checked.
type isolationOptions struct {
	axes      axes
	anomalies []*schedule.Schedule
	show      bool
	timeout   time.Duration
	color     bool

	files [3]string // of isolationFormats
}

// rawIsolation are the flags as they were typed.
type rawIsolation struct {
	targets, levels, anomalies, show []string
	dsn                              string
	noColor                          bool
}

func isolationCommand(stdout, stderr io.Writer, code *int) *cobra.Command {
	opt := &isolationOptions{}
	var r rawIsolation
	cmd := &cobra.Command{
		Use:   "isolation",
		Short: "Measure which anomalies each isolation level of each server lets through",
		Long: `isolation plays a small schedule for each anomaly (G0 … G2, lost update, read skew, write skew, phantoms) on every isolation
level of every SQL server that is to be had, statement by statement, and prints what happened: let through, or prevented, and how.
What run promises rests on what each level is declared to prevent; whatever is measured otherwise is a surprise.

Exit codes: 0 as declared, 1 a surprise, 2 usage or set-up error, 3 nothing could be measured, 130 interrupted.`,
		Example: `  lastseat isolation
  lastseat isolation --target postgres --isolation rc,rr
  lastseat isolation --target postgres,mysql --isolation rr --show P4
  lastseat isolation --json isolation.json --markdown isolation.md`,
		Args: targetArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := opt.parse(&r, stdout); err != nil {
				return err
			}
			c, err := isolation(cmd.Context(), opt, stdout, stderr)
			*code = c
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringSliceVar(&r.targets, "target", []string{all}, "SQL targets, or name=DSN, or all")
	f.StringSliceVar(&r.levels, "isolation", []string{all}, "isolation levels (ru, rc, rr, ser), all, or each engine's default")
	f.StringSliceVar(&r.anomalies, "anomaly", []string{all}, "anomalies by name, or all")
	f.StringSliceVar(&r.show, "show", nil, "anomalies to show statement by statement, instead of the matrix; or all")
	f.StringVar(&r.dsn, "dsn", "", "the server of the single --target: a URL or a driver's DSN")
	f.DurationVar(&opt.timeout, "timeout", explore.DefaultLimit, "longest time for one statement")
	for i, form := range isolationFormats() {
		f.StringVar(&opt.files[i], form.flag, "", form.help)
	}
	f.BoolVar(&r.noColor, "no-color", false, "no colour on a terminal (NO_COLOR does the same)")
	completeIsolation(cmd)
	return cmd
}

// parse checks the flags.
func (o *isolationOptions) parse(r *rawIsolation, stdout io.Writer) (err error) {
	if o.axes.targets, err = sqlTargets(r.targets, r.dsn); err != nil {
		return err
	}
	if o.axes.levels, o.axes.allLevels, err = parseLevels(r.levels); err != nil {
		return err
	}
	if o.timeout <= 0 {
		return fmt.Errorf("--timeout is %v, must be positive", o.timeout)
	}
	known, err := schedule.Anomalies()
	if err != nil {
		return err
	}
	var names []string
	for _, s := range known {
		names = append(names, s.Name)
	}
	wanted := r.anomalies
	if o.show = len(r.show) > 0; o.show {
		wanted = r.show
	}
	if wanted, err = pick("anomaly", wanted, names); err != nil {
		return err
	}
	for _, s := range known {
		if slices.Contains(wanted, s.Name) {
			o.anomalies = append(o.anomalies, s)
		}
	}
	for i, form := range isolationFormats() {
		for j := range i {
			if o.files[i] != "" && o.files[i] == o.files[j] {
				return fmt.Errorf("--%s and --%s both go to %s; name a file for one of them", isolationFormats()[j].flag, form.flag, o.files[i])
			}
		}
	}
	o.color = !r.noColor && os.Getenv("NO_COLOR") == "" && isTerminal(stdout)
	return nil
}

// isolation measures, and writes what was measured.
func isolation(ctx context.Context, opt *isolationOptions, stdout, stderr io.Writer) (code int, err error) {
	files, err := opt.create()
	defer func() {
		for _, f := range files {
			if f != nil {
				err = errors.Join(err, f.Close())
			}
		}
	}()
	if err != nil {
		return 0, err
	}
	var result reports.Isolation
	var shown []reports.Transcript
	progress := reports.NewProgress(stderr, reports.ProgressOptions{Terminal: isTerminal(stderr), Width: terminalWidth(stderr)})
	defer progress.Done()
	p := places{axes: &opt.axes, limit: opt.timeout, variants: true}
	missing, broke := p.each(ctx, func(ctx context.Context, at place) error {
		rows, transcripts, err := measure(ctx, at, opt.anomalies, progress)
		result.Rows, shown = append(result.Rows, rows...), append(shown, transcripts...)
		return err
	})
	progress.Done()
	result.Missing, result.Interrupted = missing, ctx.Err() != nil
	if broke != nil {
		for _, err := range joined(broke) {
			result.Errors = append(result.Errors, err.Error())
		}
	}
	for _, text := range result.Errors {
		fmt.Fprintln(stderr, "lastseat:", text)
	}
	if !opt.show {
		shown = nil
	}
	return result.ExitCode(), opt.write(&result, shown, files, stdout)
}

// measure plays each anomaly at each level of a place.
func measure(ctx context.Context, at place, anomalies []*schedule.Schedule, progress *reports.Progress) (rows []reports.Measured, shown []reports.Transcript, err error) {
	for _, level := range at.levels {
		at.Level = level
		for _, s := range anomalies {
			progress.Say(fmt.Sprintf("%s at %s: %s", at.title, level, s.Name))
			m, err := schedule.Measure(ctx, s, at.Place)
			if err != nil {
				return rows, shown, err
			}
			row := measured(at, s, &m)
			rows = append(rows, row)
			if m.Outcome != nil {
				shown = append(shown, transcript(at, m.Outcome, fmt.Sprintf("%s: %s (%s)", row.Anomaly, row.Outcome, row.How)))
			}
		}
	}
	return rows, shown, nil
}

// measured is a measurement as reports have it.
func measured(at place, s *schedule.Schedule, m *schedule.Measured) reports.Measured {
	row := reports.Measured{
		Target: at.target, Server: at.title, Isolation: at.Level, Anomaly: s.Name, About: s.About,
		Outcome: outcomeWord(m.Through), Expected: outcomeWord(!m.Prevents), How: m.How, AsExpected: m.AsDeclared(),
	}
	if m.Skip != "" {
		row.Outcome, row.Expected, row.How = reports.NotMeasured, "", m.Skip
	}
	return row
}

func outcomeWord(through bool) string {
	if through {
		return reports.LetThrough
	}
	return reports.Prevented
}

// transcript is what happened, as reports show it.
func transcript(at place, o *schedule.Outcome, outcome string) reports.Transcript {
	t := reports.Transcript{
		Title:    fmt.Sprintf("%s on %s (%s) at %s", o.Schedule.Title(), at.target, at.title, at.Level),
		Sessions: o.Sessions(), Outcome: outcome,
	}
	for i := range o.Played {
		p := &o.Played[i]
		t.Lines = append(t.Lines, reports.TranscriptLine{
			Session: slices.Index(t.Sessions, p.Step.Session), Text: p.Text(), Result: p.Result(), Waited: p.Waited, Until: p.Until,
		})
	}
	return t
}
