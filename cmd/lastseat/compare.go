package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	comparison "github.com/lastseat/lastseat/harness/compare"
	"github.com/lastseat/lastseat/internal/compared"
	"github.com/lastseat/lastseat/internal/completion"
	"github.com/lastseat/lastseat/internal/outfiles"
	"github.com/lastseat/lastseat/internal/terminal"
	"github.com/lastseat/lastseat/reports"
)

func compareCommand(stdout io.Writer, code *int) *cobra.Command {
	var failIf []string
	cmd := &cobra.Command{
		Use:   "compare OLD NEW | OLD... -- NEW...",
		Short: "Compare results of two nights, branches, servers or versions: verdicts that changed, figures that differ",
		Args: func(cmd *cobra.Command, args []string) error {
			_, _, err := compared.Split(args, cmd.ArgsLenAtDash())
			return err
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			old, now, err := compared.Split(args, cmd.ArgsLenAtDash())
			if err != nil {
				return err
			}
			r, err := compared.Sides(old, now, failIf)
			if err != nil {
				return err
			}
			files, err := outfiles.Named(cmd.Flags(), reports.CompareFormats())
			if err != nil {
				return err
			}
			if err := files.Create(); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, files.Close()) }()
			*code = r.ExitCode()
			return files.Write(stdout, r, func(w io.Writer, r *comparison.Result) error {
				return reports.CompareText(w, r, reports.TableOptions{Width: terminal.ReportWidth(stdout)})
			})
		},
	}
	cmd.Flags().SortFlags = false
	compared.FailIfFlag(cmd.Flags(), &failIf)
	outfiles.Flags(cmd.Flags(), reports.CompareFormats())
	completion.Flags(cmd, nil)
	return cmd
}
