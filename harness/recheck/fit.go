package recheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/history"
)

// option is one that means something to some histories only.
type option struct {
	name      string   // of its flag
	own       bool     // to all of lastseat's own
	workloads []string // to others' histories of these
}

func options() []option {
	return []option{
		{name: "total", workloads: []string{"bank"}},
		{name: "negative-balances", workloads: []string{"bank"}},
		{name: "min-trials", own: true},
		{name: "linearizable", own: true, workloads: []string{"set-full"}},
		{name: "timeout", own: true, workloads: []string{"cas-register", "multi-register", "kv", "mutex", "fifo-queue", "set-full"}},
	}
}

// fit refuses options that were given and mean nothing to the history.
func (o *Options) fit(rec *history.Recording) error {
	if o.Given == nil || rec.Lastseat == nil && rec.Workload == "" {
		return nil // nothing is given, or the history is empty, as its verdict says
	}
	for _, opt := range options() {
		if !o.Given(opt.name) || rec.Lastseat != nil && opt.own || rec.Lastseat == nil && slices.Contains(opt.workloads, rec.Workload) {
			continue
		}
		of := slices.Clone(opt.workloads)
		if opt.own {
			of = append(of, "lastseat's own")
		}
		return fmt.Errorf("--%s is for histories of %s, and this is one of %s: leave it out", opt.name, strings.Join(of, ", "), rec.Workload)
	}
	return nil
}
