package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/reports"
)

// replayOptions are the flags of `lastseat replay`, read and checked.
type replayOptions struct {
	axes     axes
	schedule *schedule.Schedule
	timeout  time.Duration
}

func replayCommand(stdout, stderr io.Writer, code *int) *cobra.Command {
	opt := &replayOptions{}
	var targets, levels []string
	var dsn string
	cmd := &cobra.Command{
		Use:   "replay FILE",
		Short: "Play a schedule of your own, statement by statement, and compare what servers make of it",
		Long: `replay plays a schedule file (docs/isolation.md has the format): a few sessions, and the order in which their statements
take turns. It shows what each statement returned, where it waited and until when, on each target and level, and whether what the
file expects is so. lastseat explore saves what it finds as such files.

Exit codes: 0 as the file expects, 1 something else came out, 2 usage or set-up error, 3 nothing could be played, 130 interrupted.`,
		Example: `  lastseat replay transfer.schedule --target postgres,mysql
  lastseat replay transfer.schedule --target postgres --isolation rc,rr,ser`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("replay what? Name one schedule file; docs/isolation.md has the format")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := opt.parse(args[0], targets, levels, dsn); err != nil {
				return err
			}
			c, err := replay(cmd.Context(), opt, stdout, stderr)
			*code = c
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringSliceVar(&targets, "target", []string{all}, "SQL targets, or name=DSN, or all")
	f.StringSliceVar(&levels, "isolation", nil, "isolation levels (ru, rc, rr, ser), all, or default, each engine's own (default: what the file says)")
	f.StringVar(&dsn, "dsn", "", "the server of the single --target: a URL or a driver's DSN")
	f.DurationVar(&opt.timeout, "timeout", explore.DefaultLimit, "longest time for one statement")
	completePlaces(cmd)
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return []cobra.Completion{"schedule"}, cobra.ShellCompDirectiveFilterFileExt
	}
	return cmd
}

// parse reads the file, and checks the flags.
func (o *replayOptions) parse(file string, targets, levels []string, dsn string) (err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	if o.schedule, err = schedule.Parse(file, text); err != nil {
		return err
	}
	if err := checkOperations(o.schedule); err != nil {
		return err
	}
	if err := o.schedule.CheckProducts(sqlEngines()); err != nil {
		return err
	}
	if o.axes.targets, err = sqlTargets(targets, dsn); err != nil {
		return err
	}
	if o.axes.levels, o.axes.allLevels, err = parseLevels(levels); err != nil {
		return err
	}
	if len(levels) == 0 && o.schedule.Level != "" {
		o.axes.levels = []harness.Level{o.schedule.Level}
	}
	if o.timeout <= 0 {
		return fmt.Errorf("--timeout is %v, must be positive", o.timeout)
	}
	return nil
}

// replay plays the schedule everywhere, and writes what came of it.
func replay(ctx context.Context, opt *replayOptions, stdout, stderr io.Writer) (int, error) {
	var result reports.Replay
	p := places{axes: &opt.axes, limit: opt.timeout}
	play := playAll
	if opt.schedule.Operations != nil {
		play, p.connections = playOperations, exploreClients
	}
	missing, err := p.each(ctx, func(ctx context.Context, at place) error {
		plays, err := play(ctx, at, opt.schedule)
		result.Plays = append(result.Plays, plays...)
		return err
	})
	for i := range missing {
		result.Plays = append(result.Plays, reports.Play{Where: missing[i].Target, Skip: missing[i].Missing})
	}
	result.Interrupted, result.Failed = ctx.Err() != nil, err != nil
	if err != nil {
		for _, err := range joined(err) {
			fmt.Fprintln(stderr, "lastseat:", err)
		}
	}
	return result.ExitCode(), reports.ReplayText(stdout, &result)
}

// playAll plays the schedule at each level of a place.
func playAll(ctx context.Context, at place, s *schedule.Schedule) (plays []reports.Play, err error) {
	for _, level := range at.levels {
		at.Level = level
		m, err := schedule.Measure(ctx, s, at.Place)
		if err != nil {
			return plays, err
		}
		play := reports.Play{Where: at.target + "@" + string(level), Skip: m.Skip}
		if m.Skip != "" {
			plays = append(plays, play)
			continue
		}
		play.Short = m.Outcome.Short()
		outcome := ""
		if len(s.Allowed) > 0 {
			outcome = fmt.Sprintf("%s: %s (%s)", s.Title(), outcomeWord(m.Through), m.How)
		}
		play.Shown = transcript(at, m.Outcome, outcome)
		for _, err := range m.Outcome.Unmet() {
			play.Unmet = append(play.Unmet, err.Error())
		}
		if !m.AsDeclared() {
			play.Anomaly = fmt.Sprintf("%s is %s, and declared %s", s.Hazard, outcomeWord(m.Through), outcomeWord(!m.Prevents))
		}
		plays = append(plays, play)
		if err := m.Outcome.Mistake(); err != nil {
			return plays, err
		}
	}
	return plays, nil
}
