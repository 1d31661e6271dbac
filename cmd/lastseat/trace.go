package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/suite"
	races "github.com/lastseat/lastseat/harness/trace"
	"github.com/lastseat/lastseat/internal/completion"
	"github.com/lastseat/lastseat/internal/interrupt"
	"github.com/lastseat/lastseat/internal/outfiles"
	"github.com/lastseat/lastseat/internal/terminal"
	"github.com/lastseat/lastseat/internal/watch"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/app"
)

func traceCommand(stdout, stderr io.Writer, code *int) *cobra.Command {
	var levels []string
	cmd := &cobra.Command{
		Use:   "trace FILE.yaml|FILE.jsonl",
		Short: "What each operation of your program does in its database, and which could race",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("trace what? Name the file of one program, or a recording of lastseat proxy --record")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			files, err := outfiles.Named(cmd.Flags(), reports.TraceFormats())
			if err != nil {
				return err
			}
			all, err := traced(cmd, args, levels, stderr)
			if err != nil {
				return err
			}
			if err := files.Create(); err != nil {
				return err
			}
			*code = interrupt.Code(cmd.Context(), harness.Safe, nil, "traced", stderr)
			return errors.Join(files.Write(stdout, all, func(w io.Writer, all []races.Report) error {
				return reports.TraceText(w, terminal.ReportWidth(w), all)
			}), files.Close())
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringSliceVar(&levels, "isolation", []string{"default"}, "isolation levels (ru, rc, rr, ser) of a program's sessions, all, or default: its own")
	outfiles.Flags(cmd.Flags(), reports.TraceFormats())
	completion.Flags(cmd, nil)
	return cmd
}

// traced is what the file of a program comes to, or a recording.
func traced(cmd *cobra.Command, args, asked []string, stderr io.Writer) ([]races.Report, error) {
	if !isProgram(args) {
		if cmd.Flags().Changed("isolation") {
			return nil, fmt.Errorf("--isolation is for the file of a program; %s says at which level it was recorded", args[0])
		}
		return app.TraceRecording(targets.Programs(), args[0])
	}
	s, err := readSpec(cmd.Name(), args)
	if err != nil {
		return nil, err
	}
	levels, err := suite.NamedLevels(asked)
	if err != nil {
		return nil, err
	}
	return app.Trace(cmd.Context(), s, app.Options{Engines: targets.Programs(), Attach: watch.Address(stderr)}, levels)
}
