package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/internal/render"
	"github.com/lastseat/lastseat/internal/terminal"
	"github.com/lastseat/lastseat/reports"
)

func reportCommand(stdout io.Writer) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report FILE.json|DIR",
		Short: "Render a saved result again, in any form, without a database",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("report what? Name one file that --json wrote, or one folder of --out")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return render.Saved(args[0], render.Options{
				Flag:   func(name string) string { return cmd.Flags().Lookup(name).Value.String() },
				Table:  reports.TableOptions{Width: terminal.ReportWidth(stdout)},
				Stdout: stdout,
			})
		},
	}
	cmd.Flags().SortFlags = false
	for _, f := range render.Flags() {
		cmd.Flags().String(f.Name, "", "file for the result as "+f.About+"; - for standard output instead of the text")
	}
	return cmd
}
