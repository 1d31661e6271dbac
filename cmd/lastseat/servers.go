package main

import (
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
LASTSEAT_MYSQL_DSN, LASTSEAT_MARIADB_DSN), and the server programs from which throwaway servers can be started. To run one
of these programs by name: --target pg18=PATH.`,
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
				def, err := local.Find(cmd.Context(), local.Engine(e.Name))
				if err != nil {
					fmt.Fprintf(w, "%s\tmissing\t%v\n", e.Name, err)
				}
				for _, b := range found {
					if string(b.Engine) != e.Name {
						continue
					}
					text := "program"
					if b.Path == def.Path {
						text = "program, the default"
					}
					fmt.Fprintf(w, "%s %s\t%s\t%s\n", e.Name, b.Version, text, b.Path)
				}
			}
			return w.Flush()
		},
	}
}
