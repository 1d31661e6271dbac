package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/local"
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
			found := local.All(cmd.Context())
			for _, e := range targets.Table() {
				if e.Embedded {
					fmt.Fprintf(w, "%s\tembedded\tneeds no server\n", e.Name)
					continue
				}
				if os.Getenv(e.DSNEnv) != "" {
					fmt.Fprintf(w, "%s\tyours\tnamed by %s\n", e.Name, e.DSNEnv)
				}
				programs(cmd.Context(), w, local.Engine(e.Name), found)
			}
			for _, e := range []local.Engine{local.Redis, local.ZooKeeper} {
				programs(cmd.Context(), w, e, found)
			}
			return w.Flush()
		},
	}
}

// programs lists an engine's programs among those found.
func programs(ctx context.Context, w io.Writer, engine local.Engine, found []local.Binary) {
	def, err := local.Find(ctx, engine)
	if err != nil {
		fmt.Fprintf(w, "%s\tmissing\t%v\n", engine, err)
	}
	for _, b := range found {
		if b.Engine != engine {
			continue
		}
		text := "program"
		if b.Path == def.Path {
			text = "program, the default"
		}
		fmt.Fprintf(w, "%s %s\t%s\t%s\n", engine, b.Version, text, b.Path)
	}
}
