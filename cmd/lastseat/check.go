package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/recheck"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/memory"
	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/internal/outfiles"
	"github.com/lastseat/lastseat/internal/watch"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// checkOptions are what check takes.
type checkOptions struct {
	workload string
	how      recheck.Options
	total    int64

	explain   bool
	files     *outfiles.Files[[]recheck.Result]
	exportEDN string
	proof     string
	watch     reports.ProgressOptions
}

func checkCommand(stdout, stderr io.Writer, code *int) *cobra.Command {
	opt := checkOptions{how: recheck.Options{Workload: workloadOf}}
	cmd := &cobra.Command{
		Use:   "check FILE…",
		Short: "Judge recorded histories, name their anomalies, and explain them, without a database",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("check what? Name history files, as lastseat run --out DIR leaves them in DIR/histories")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := opt.valid(cmd.Flags(), args); err != nil {
				return err
			}
			if opt.how.Given = cmd.Flags().Changed; opt.how.Given("total") {
				opt.how.Recorded.Total = &opt.total
			}
			defer memory.For()()
			files, err := checkFiles(cmd.Context(), stdout, stderr, args, &opt, watch.New(stderr, opt.watch))
			if cmd.Context().Err() != nil {
				fmt.Fprintf(stderr, "lastseat: INTERRUPTED: %d of %d histories were judged\n", len(files), len(args))
			}
			*code, err = recheck.ExitCode(files, cmp.Or(err, cmd.Context().Err())) // what was judged last may not have been judged to the end
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&opt.workload, "workload", "", "what the files hold, where they do not say it: "+strings.Join(checkable(), ", "))
	f.StringVar(&opt.how.Model, "model", "", "the consistency model that must hold, by any of Elle's names (default: what lastseat's own row\npromised, "+anomaly.StrictSerializable+" for others)")
	f.Int64Var(&opt.how.MinTrials, "min-trials", engine.DefaultConfig().MinTrials, "contended operations that a green of lastseat's own histories needs")
	f.BoolVar(&opt.explain, "explain", false, "show every witness, not just the first of each anomaly")
	outfiles.Flags(f, reports.CheckedFormats())
	f.StringVar(&opt.exportEDN, "export-edn", "", "write the history for Elle into `FILE` (one file at a time)")
	f.StringVar(&opt.proof, "certificate", "", "write proof of the verdict into `FILE`, for lastseat verify (append, register and mixed, one file at a time)")
	recordedFlags(f, &opt)
	watch.Flags(f, &opt.watch)
	return cmd
}

// valid says what is wrong with the options before any file is read.
func (o *checkOptions) valid(flags *pflag.FlagSet, files []string) (err error) {
	if _, err := anomaly.ParseModel(o.how.Model); err != nil {
		return fmt.Errorf("--model: %w", err)
	}
	if o.workload != "" && !slices.Contains(checkable(), o.workload) {
		return names.Unknown("--workload", o.workload, checkable())
	}
	outs := []string{"export-edn", "certificate"}
	for _, form := range reports.CheckedFormats() {
		outs = append(outs, form.Flag)
	}
	taken := map[string]string{}
	for _, flag := range outs {
		path := flags.Lookup(flag).Value.String()
		if path == "" {
			continue
		}
		if other := taken[filepath.Clean(path)]; other != "" {
			return fmt.Errorf("--%s and --%s both go to %s; name a file for one of them", other, flag, path)
		}
		taken[filepath.Clean(path)] = flag
		if slices.ContainsFunc(files, func(in string) bool { return outfiles.Same(in, path) }) {
			return fmt.Errorf("--%s %s is one of the histories to judge: name another file, so that it is not lost", flag, path)
		}
	}
	if o.exportEDN != "" && len(files) > 1 {
		return fmt.Errorf("--export-edn writes one history, but %d files are named: export them one by one", len(files))
	}
	if o.proof != "" && len(files) > 1 {
		return fmt.Errorf("--certificate proves one verdict, but %d files are named: check them one by one", len(files))
	}
	o.files, err = outfiles.Named(flags, reports.CheckedFormats())
	return err
}

// checkFiles judges the files and shows what came of each, in their order.
func checkFiles(ctx context.Context, stdout, stderr io.Writer, paths []string, opt *checkOptions, shown *reports.Progress) (files []recheck.Result, err error) {
	if err := opt.files.Create(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, opt.files.Close()) }()
	defer shown.Done()
	text := shown.Beside(stdout)
	if opt.files.ToStdout != nil {
		text = io.Discard
	}
	var failed []error
	for j := range recheck.Files(ctx, paths, opt.workload, &opt.how, shown.Case) {
		if j.Err != nil {
			failed = append(failed, j.Err)
			continue
		}
		shown.Decided(j.Result.Verdict)
		reports.CheckedText(text, &j.Result, opt.explain)
		files = append(files, j.Result)
		if opt.exportEDN != "" {
			if err := exportEDN(opt.exportEDN, stdout, j.Recording); err != nil {
				failed = append(failed, err)
			}
		}
		if opt.proof != "" {
			if err := writeCertificate(ctx, opt.proof, stdout, shown.Beside(stderr), j.Recording, &j.Result, &opt.how); err != nil {
				failed = append(failed, fmt.Errorf("%s: --certificate: %w", j.Result.File, err))
			}
		}
	}
	shown.Done()
	failed = append(failed, opt.files.Write(stdout, files, func(w io.Writer, files []recheck.Result) error {
		if len(paths) > 1 {
			reports.CheckedSum(w, files)
		}
		return nil
	}))
	return files, errors.Join(failed...)
}

// exportEDN writes the history for Elle: its transactions, or, of operations on cells, reads and writes of versions.
func exportEDN(path string, stdout io.Writer, rec *history.Recording) error {
	t, err := recheck.Transactions(rec)
	if err != nil {
		return err
	}
	return outfiles.To("export-edn", path, stdout, func(w io.Writer) error { return history.WriteEDN(w, t) })
}

// recordedFlags are those of the workloads that have rules of their own.
func recordedFlags(f *pflag.FlagSet, opt *checkOptions) {
	f.Int64Var(&opt.total, "total", 0, "bank: what all accounts hold together (default: what the first read found)")
	f.BoolVar(&opt.how.Recorded.Negative, "negative-balances", false, "bank: accounts may be overdrawn")
	f.BoolVar(&opt.how.Recorded.Linearizable, "linearizable", false, "set-full: there must be one order of all additions and reads; lastseat's seats:\nlook for an order of each stock's operations that explains their answers")
	f.StringVar(&opt.how.Initial, "initial", "", "register, mixed, cas-register, multi-register: what every register holds at first, as EDN writes it (default nil)")
	f.DurationVar(&opt.how.Recorded.Limits.Time, "timeout", 30*time.Second, "cas-register, multi-register, kv, mutex, fifo-queue, --linearizable: how long to look for an order of the operations")
}

// checkable are the names that --workload takes: what histories of others hold, and lastseat's own.
func checkable() []string {
	all := history.Workloads()
	for _, own := range workloads.Names() {
		if !slices.Contains(all, own) {
			all = append(all, own)
		}
	}
	return all
}

// workloadOf makes the workload that a history was recorded with.
func workloadOf(h *history.Header) (harness.Workload, error) {
	w, err := workloads.Recorded(h.Label.Workload, h.Start, h.Config)
	if err != nil {
		return nil, err
	}
	return suite.WithChecks(w, targets.Components(h.Label)), nil
}
