package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/workloads"
)

func checkCommand(stdout io.Writer, code *int) *cobra.Command {
	var minTrials int64
	cmd := &cobra.Command{
		Use:   "check FILE…",
		Short: "Judge recorded histories again, without a database",
		Long: `check judges histories that lastseat run --out wrote: the same invariants, the same verdict. The promise and the positive
control are not in the file: the evidence of the history alone decides.

Exit codes: 0 all safe, 1 an invariant broke, 2 a file cannot be read, 3 inconclusive.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("check what? Name history files, as lastseat run --out DIR leaves them in DIR/histories")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, path := range args {
				v, err := checkFile(cmd.Context(), stdout, path, minTrials)
				if err != nil {
					return err
				}
				switch {
				case v == harness.Unsafe:
					*code = reports.ExitBroken
				case v == harness.Inconclusive && *code == 0:
					*code = reports.ExitInconclusive
				}
			}
			return nil
		},
	}
	cmd.Flags().Int64Var(&minTrials, "min-trials", harness.DefaultConfig().MinTrials, "contended operations that a green needs")
	return cmd
}

// checkFile judges one file and prints what it found.
func checkFile(ctx context.Context, stdout io.Writer, path string, minTrials int64) (harness.Verdict, error) {
	f, err := history.Open(path)
	if err != nil {
		return "", err
	}
	w, err := workloadOf(&f.Header)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	fmt.Fprintf(stdout, "%s: %s on %s: ", path, f.Header.Label.Workload, f.Header.Label)
	if f.Incomplete != "" {
		// The file holds some clients' operations further than others': a cancellation that is missing would make the sale
		// after it look like one too many.
		fmt.Fprintf(stdout, "%s (%d operations; %s, and what is missing could explain what looks wrong)\n",
			harness.Inconclusive, f.History.Len(), f.Incomplete)
		return harness.Inconclusive, nil
	}
	j := harness.Judge(ctx, f.History, w.Checks(), nil, nil, minTrials)
	fmt.Fprintf(stdout, "%s (%d operations, %d trials; %s)\n", j.Verdict, f.History.Len(), j.Trials, j.Reason)
	for i := range j.Results {
		for _, text := range j.Results[i].Texts {
			fmt.Fprintf(stdout, "  %s: %s\n", j.Results[i].Checker.Name, text)
		}
	}
	return j.Verdict, nil
}

// workloadOf makes the workload that a history was recorded with.
func workloadOf(h *history.Header) (harness.Workload, error) {
	if len(h.Start.Groups) == 0 {
		return nil, errors.New("the history's start state has no tables of cells")
	}
	cfg := workloads.Config{Cells: h.Start.Groups[0].Len, ManyReads: h.Config["reads"] == "many"}
	if stock, err := strconv.ParseInt(h.Config["stock"], 10, 64); err == nil {
		cfg.Stock = stock
	}
	return workloads.New(h.Label.Workload, cfg)
}
