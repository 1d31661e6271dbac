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
		Long: `init looks at the program in the current folder, and writes a commented shop.yaml (docs/program.md): which database it needs, how it is
set up and started, and its first requests. It knows package.json, manage.py (Django), Gemfile (Rails), composer.json (Laravel), pom.xml and
build.gradle (Spring Boot), go.mod, and Flask or FastAPI by requirements.txt or pyproject.toml. What it cannot see is an example that is
marked as one. A shop.yaml that is there already is never overwritten.

Exit codes: 0 the file is written, 2 usage error, or it is there already.`,
		Example: `  lastseat init
  lastseat explore shop.yaml`,
		Args: noArgs,
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
