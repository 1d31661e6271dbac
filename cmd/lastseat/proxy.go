package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/app"
)

func proxyCommand(stdout io.Writer) *cobra.Command {
	var database, listen string
	var rec app.Recording
	cmd := &cobra.Command{
		Use:   "proxy",
		Short: "Stand between a program and a new database, and hold nothing: whether it works there",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return app.Proxy(cmd.Context(), targets.Programs(), database, listen, rec, stdout)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&database, "database", targets.Programs()[0].Name, "an engine, for a throwaway server, or the URL of a server")
	f.StringVar(&listen, "listen", "127.0.0.1:0", "address to listen at; port 0: a free one")
	f.StringVar(&rec.File, "record", "", "file for the statements that pass, without their values: JSON, a line each, for lastseat trace")
	f.BoolVar(&rec.Parameters, "record-parameters", false, "keep parameters and literals in the file of --record")
	return cmd
}
