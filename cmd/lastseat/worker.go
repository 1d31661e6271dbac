package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/internal/buildinfo"
	"github.com/lastseat/lastseat/internal/workers"
)

func workerCommand(stderr io.Writer) *cobra.Command {
	var join workers.JoinFlags
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Be one of the processes that lastseat run --workers shares its clients among",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := join.Check(); err != nil {
				return err
			}
			return workers.Serve(cmd.Context(), &join, buildinfo.Text(version, commit), stderr)
		},
	}
	cmd.Flags().SortFlags = false
	join.Add(cmd.Flags())
	return cmd
}
