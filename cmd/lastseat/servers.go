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
		Long: `servers lists what --target would use: a running server that an environment variable names (LASTSEAT_POSTGRES_DSN,
LASTSEAT_MYSQL_DSN, LASTSEAT_MARIADB_DSN), and the server programs from which throwaway servers can be started: databases, and
the Redis and ZooKeeper that keep locks. To run one of the databases by name: --target pg18=PATH.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
			for _, f := range targets.Find(cmd.Context()) {
				fmt.Fprintf(w, "%s\t%s\t%s\n", f.Name, f.Is, f.Note)
			}
			return w.Flush()
		},
	}
}
