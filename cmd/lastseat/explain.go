package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/reports/glossary"
)

func explainCommand(stdout io.Writer) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [NAME]",
		Short: "Explain an anomaly, hazard, level, strategy, lock, fault, verdict or column",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return glossary.ListAll(stdout)
			}
			return glossary.Explain(stdout, args[0])
		},
	}
}

func listCommand(stdout io.Writer) *cobra.Command {
	lists := glossary.Lists()
	return &cobra.Command{
		Use:       "list " + strings.Join(lists, "|"),
		Short:     "Explain each target, strategy, workload, isolation level, lock, fault… in a sentence",
		ValidArgs: lists,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("list takes one of %s, and %d are named", strings.Join(lists, ", "), len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return glossary.ListNames(stdout)
			}
			return glossary.List(stdout, args[0])
		},
	}
}
