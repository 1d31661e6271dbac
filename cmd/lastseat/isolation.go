package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/internal/completion"
	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/internal/outfiles"
	"github.com/lastseat/lastseat/internal/terminal"
	"github.com/lastseat/lastseat/internal/watch"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
)

// isolationOptions are the flags of `lastseat isolation`, read and checked.
type isolationOptions struct {
	sqlFlags
	anomalies []*schedule.Schedule
	show      bool
	color     bool
	progress  reports.ProgressOptions
	files     *outfiles.Files[*isolation.Result]
}

// rawIsolation are the flags as they were typed.
type rawIsolation struct {
	anomalies, show []string
	noColor         bool
}

func isolationCommand(stdout, stderr io.Writer, code *int) *cobra.Command {
	opt := &isolationOptions{}
	var r rawIsolation
	cmd := &cobra.Command{
		Use:   "isolation",
		Short: "Measure which anomalies each isolation level of each server lets through",
		Args:  targetArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := opt.parse(cmd.Flags(), &r, stdout); err != nil {
				return err
			}
			c, err := measureIsolation(cmd.Context(), opt, stdout, stderr)
			*code = c
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	opt.add(f)
	f.StringSliceVar(&opt.levels, "isolation", []string{names.All}, "isolation levels (ru, rc, rr, ser), all, or each engine's default")
	f.StringSliceVar(&r.anomalies, "anomaly", []string{names.All}, "anomalies by name, or all")
	f.StringSliceVar(&r.show, "show", nil, "anomalies to show statement by statement, instead of the matrix; or all")
	outfiles.Flags(f, reports.IsolationFormats())
	watch.Flags(f, &opt.progress)
	f.BoolVar(&r.noColor, "no-color", false, "no colour on a terminal (NO_COLOR does the same)")
	completion.Flags(cmd, targets.SQL())
	return cmd
}

// parse checks the flags.
func (o *isolationOptions) parse(flags *pflag.FlagSet, r *rawIsolation, stdout io.Writer) (err error) {
	if err := o.sqlFlags.parse(); err != nil {
		return err
	}
	known, err := schedule.Anomalies()
	if err != nil {
		return err
	}
	wanted := r.anomalies
	if o.show = len(r.show) > 0; o.show {
		wanted = r.show
	}
	if wanted, err = names.Pick("anomaly", wanted, schedule.AnomalyNames()); err != nil {
		return err
	}
	o.anomalies = slices.DeleteFunc(known, func(s *schedule.Schedule) bool { return !slices.Contains(wanted, s.Name) })
	o.color = !r.noColor && os.Getenv("NO_COLOR") == "" && terminal.Is(stdout)
	o.files, err = outfiles.Named(flags, reports.IsolationFormats())
	return err
}

// measureIsolation measures, and writes what was measured.
func measureIsolation(ctx context.Context, opt *isolationOptions, stdout, stderr io.Writer) (code int, err error) {
	if err := opt.files.Create(); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, opt.files.Close()) }()
	progress := watch.New(stderr, opt.progress)
	opt.config.Progress = progress.Say
	result := opt.config.Measure(ctx, opt.anomalies)
	progress.Done()
	for _, text := range result.Errors {
		fmt.Fprintln(stderr, "lastseat:", text)
	}
	return result.ExitCode(), opt.files.Write(stdout, result, func(w io.Writer, r *isolation.Result) error {
		if opt.show {
			return reports.Transcripts(w, terminal.ReportWidth(w), r.Transcripts()...)
		}
		return reports.IsolationText(w, r, opt.color)
	})
}
