package compared

import "github.com/spf13/pflag"

// FailIfFlag adds the flag of thresholds.
func FailIfFlag(f *pflag.FlagSet, to *[]string) {
	f.StringArrayVar(to, "fail-if", nil, "threshold, exit code 4 where it is met: 'for-update: p99 > 50ms', 'ops/s < 0.8 * baseline', 'new violation'; may be repeated")
}

// Thresholds are what a result is to be held against, as it was typed.
type Thresholds struct {
	Conditions []string
	Baseline   string // the file of an earlier result; empty: none
}

// Flags adds the flags.
func (t *Thresholds) Flags(f *pflag.FlagSet) {
	FailIfFlag(f, &t.Conditions)
	f.StringVar(&t.Baseline, "baseline", "", "earlier result (--json) that thresholds of --fail-if are held against")
}
