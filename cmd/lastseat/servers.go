package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/env/lock"
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
			for _, e := range targets.Table() {
				if e.Installed == nil {
					fmt.Fprintf(w, "%s\tembedded\tneeds no server\n", e.Name)
					continue
				}
				if os.Getenv(e.DSNEnv) != "" {
					fmt.Fprintf(w, "%s\tyours\tnamed by %s\n", e.Name, e.DSNEnv)
				}
				programs(cmd.Context(), w, e.Name, e.Installed)
			}
			for _, p := range lock.Programs() {
				programs(cmd.Context(), w, p.Name, p.Installed)
			}
			return w.Flush()
		},
	}
}

// programs lists the server programs of a name that are installed.
func programs(ctx context.Context, w io.Writer, name string, installed func(context.Context) ([]store.Program, error)) {
	found, err := installed(ctx)
	if err != nil {
		fmt.Fprintf(w, "%s\tmissing\t%v\n", name, err)
	}
	for i, p := range found {
		text := "program"
		if i == 0 && err == nil {
			text = "program, the default"
		}
		fmt.Fprintf(w, "%s %s\t%s\t%s\n", name, p.Version, text, p.Path)
	}
}
