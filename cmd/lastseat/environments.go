package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// none is the value of an axis of components that puts nothing around the store.
const none = suite.None

// aroundFlags adds a flag an axis, and the number of application servers.
func aroundFlags(f *pflag.FlagSet, r *raw) {
	axes := targets.Axes()
	r.around = make([][]string, len(axes))
	for i, a := range axes {
		f.StringSliceVar(&r.around[i], a.Name, []string{none}, a.Explain+"; or all (lastseat list "+a.Name+")")
	}
	f.BoolVar(&r.pauseHolder, pauseHolder, false, "short for --fault "+pauseHolder+": a client stops while it holds a lock, for longer than the lock lives")
	f.IntSliceVar(&r.servers, "servers", []int{suite.DefaultServers}, "application servers that clients are spread over, each with locks and caches of its own")
}

const pauseHolder = "pause-holder"

// parseAround are all combinations of what the flags name.
func parseAround(named [][]string, servers []int) ([]suite.Environment, error) {
	if slices.Min(servers) < 1 {
		return nil, fmt.Errorf("--servers is %d, must be at least 1", slices.Min(servers))
	}
	picked := map[string][]string{}
	for i, axis := range targets.Axes() {
		known := []string{none}
		for _, d := range axis.Components {
			known = append(known, d.Name)
		}
		var err error
		if picked[axis.Name], err = names.Pick("--"+axis.Name, named[i], known); err != nil {
			return nil, err
		}
	}
	return suite.Environments(targets.Axes(), picked, steps(servers))
}

// aroundNames are the flags of aroundFlags.
func aroundNames() []string {
	names := []string{"servers", pauseHolder}
	for _, axis := range targets.Axes() {
		names = append(names, axis.Name)
	}
	return names
}

// parseAround reads the axes of components, and chooses what goes well with them where nothing was chosen.
func (o *options) parseAround(r *raw) (err error) {
	if last := len(r.around) - 1; r.pauseHolder {
		if !o.flags.Changed(suite.FaultAxis) {
			r.around[last] = nil
		}
		r.around[last] = append(r.around[last], pauseHolder)
	}
	if o.cfg.Environments, err = parseAround(r.around, r.servers); err != nil {
		return err
	}
	workload, strategies, beside := suite.Suited(targets.Axes(), o.cfg.Environments)
	if !o.flags.Changed("workload") && slices.ContainsFunc(o.cfg.Environments, func(e suite.Environment) bool { return e.Any() }) {
		r.workloads = []string{cmp.Or(workload, workloads.Names()[0])}
	}
	if !o.flags.Changed("strategy") && strategies != nil {
		r.strategies, o.cfg.Beside, o.cfg.OnlyKnown = strategies, beside, true
	}
	return nil
}
