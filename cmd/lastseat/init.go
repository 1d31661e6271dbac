package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/app/scaffold"
)

func initCommand(stdout io.Writer) *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Write a shop.yaml that describes your own program, for lastseat explore",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			p, err := scaffold.Write(".", targets.Programs())
			if err != nil {
				return fmt.Errorf("init: %w", err)
			}
			_, err = fmt.Fprintln(stdout, harness.VisibleLine(p.Summary()))
			return err
		},
	}
}
