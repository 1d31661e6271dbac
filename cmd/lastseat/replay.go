package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness"
	pairs "github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/completion"
	"github.com/lastseat/lastseat/internal/outfiles"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
)

// replayOptions are the flags of `lastseat replay`, read and checked.
type replayOptions struct {
	sqlFlags
	schedule *schedule.Schedule
}

func replayCommand(stdout, stderr io.Writer, code *int) *cobra.Command {
	opt := &replayOptions{}
	cmd := &cobra.Command{
		Use:   "replay FILE",
		Short: "Play a schedule of your own, statement by statement, and compare what servers make of it",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("replay what? Name one schedule file; docs/isolation.md has the format")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			content, err := os.ReadFile(args[0])
			if err != nil {
				return fmt.Errorf("replay: %w", err)
			}
			if pairs.IsSaved(content) {
				*code, err = replayProgram(cmd, args[0], content, stdout, stderr)
				return err
			}
			if err := opt.parse(args[0], content); err != nil {
				return err
			}
			files, err := outfiles.Named(cmd.Flags(), reports.ReplayFormats())
			if err != nil {
				return err
			}
			if err := files.Create(); err != nil {
				return err
			}
			r := opt.config.Replay(cmd.Context(), opt.schedule)
			for _, err := range suite.Separate(r.Err) {
				fmt.Fprintln(stderr, "lastseat:", err)
			}
			*code = r.ExitCode()
			return errors.Join(files.Write(stdout, r, reports.ReplayText), files.Close())
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	opt.add(f)
	f.StringSliceVar(&opt.levels, "isolation", nil, "isolation levels (ru, rc, rr, ser), all, or default, each engine's own (default: what the file says)")
	outfiles.Flags(f, reports.ReplayFormats())
	completion.Flags(cmd, targets.SQL())
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return []cobra.Completion{"schedule"}, cobra.ShellCompDirectiveFilterFileExt
	}
	return cmd
}

// parse reads a schedule of statements, and checks the flags.
func (o *replayOptions) parse(file string, text []byte) (err error) {
	if o.schedule, err = schedule.Parse(file, text); err != nil {
		return err
	}
	if err := o.sqlFlags.parse(); err != nil {
		return err
	}
	if len(o.levels) == 0 && o.schedule.Level != "" {
		o.config.Levels = []harness.Level{o.schedule.Level}
	}
	return o.config.Check(o.schedule)
}
