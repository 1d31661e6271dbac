package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/targets"
)

func serversCommand(stdout io.Writer) *cobra.Command {
	return &cobra.Command{
		Use:   "servers",
		Short: "List the servers that could be used on this machine",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
			for _, f := range targets.Find(cmd.Context()) {
				fmt.Fprintf(w, "%s\t%s\t%s\n", f.Name, f.Is, f.Note)
			}
			return w.Flush()
		},
	}
}
