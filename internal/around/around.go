// Package around has the flags for what surrounds a store: one an axis of components (--lock, --fault), and the number of application
// servers. In goes what was typed, out come environments. Start at Flags.
package around

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/targets"
)

// Flags are the flags as they were typed.
type Flags struct {
	named       [][]string // by targets.Axes
	servers     []int
	serversAs   string
	pauseHolder bool
	backends    [][]string // by targets.LockBackends
}

const pauseHolder = "pause-holder"

// Add adds a flag an axis, and the number of application servers.
func (a *Flags) Add(f *pflag.FlagSet) {
	axes := targets.Axes()
	a.named = make([][]string, len(axes))
	for i, axis := range axes {
		f.StringSliceVar(&a.named[i], axis.Name, []string{suite.None}, axis.Explain+"; or all (lastseat list "+axis.Name+")")
	}
	f.BoolVar(&a.pauseHolder, pauseHolder, false, "short for --fault "+pauseHolder+": a client stops while it holds a lock, for longer than the lock lives")
	backends := targets.LockBackends()
	a.backends = make([][]string, len(backends))
	for i, b := range backends {
		f.StringArrayVar(&a.backends[i], b.Name, nil, b.Explain)
	}
	f.IntSliceVar(&a.servers, "servers", []int{suite.DefaultServers}, "application servers that clients are spread over, each with locks and caches of its own; with --workers by default as many, each a process")
	f.StringVar(&a.serversAs, "servers-as", asGoroutines, "what an application server is: goroutines of this process, or processes, one each (--workers as many as --servers)")
}

// The values of --servers-as.
const (
	asGoroutines = "goroutines"
	asProcesses  = "processes"
)

// processes are the workers that application servers are, where these are to be processes; else as many as --workers says.
func (a *Flags) processes(workers int) (int, error) {
	switch {
	case a.serversAs == asGoroutines:
		return workers, nil
	case a.serversAs != asProcesses:
		return 0, fmt.Errorf("--servers-as is %q, must be %s or %s", a.serversAs, asGoroutines, asProcesses)
	case workers != 0:
		return 0, errors.New("--servers-as processes starts a worker for each application server; leave --workers out, and say with --servers how many")
	case len(a.servers) > 1:
		return 0, errors.New("--servers-as processes starts its processes once for the run; name one number with --servers")
	}
	return a.servers[0], nil
}

// Names are those of the flags that Add adds.
func Names() []string {
	names := []string{"servers", pauseHolder}
	for _, axis := range targets.Axes() {
		names = append(names, axis.Name)
	}
	return names
}

// Environments are all combinations of what the flags name, for clients in so many workers; 0: in this process. Where application servers are
// to be processes, there are as many workers then.
func (a *Flags) Environments(f *pflag.FlagSet, workers *int) (_ []suite.Environment, err error) {
	if *workers, err = a.processes(*workers); err != nil {
		return nil, err
	}
	if last := len(a.named) - 1; a.pauseHolder {
		if !f.Changed(suite.FaultAxis) {
			a.named[last] = nil
		}
		a.named[last] = append(a.named[last], pauseHolder)
	}
	servers := a.servers
	switch {
	case *workers <= 0:
	case !f.Changed("servers"):
		servers = []int{*workers}
	case slices.Min(servers) > 0 && slices.Min(servers) < *workers:
		return nil, fmt.Errorf("--servers is %d and --workers %d: an application server is in one process; ask for at least as many as there are workers, or leave --servers out",
			slices.Min(servers), *workers)
	}
	return combine(a.named, servers)
}

func combine(named [][]string, servers []int) ([]suite.Environment, error) {
	if slices.Min(servers) < 1 {
		return nil, fmt.Errorf("--servers is %d, must be at least 1", slices.Min(servers))
	}
	picked := map[string][]string{}
	for i, axis := range targets.Axes() {
		known := []string{suite.None}
		for _, d := range axis.Components {
			known = append(known, d.Name)
		}
		var err error
		if picked[axis.Name], err = names.Pick("--"+axis.Name, named[i], known); err != nil {
			return nil, err
		}
	}
	servers = slices.Clone(servers)
	slices.Sort(servers)
	return suite.Environments(targets.Axes(), picked, slices.Compact(servers))
}

// Faults are the faults that were named; nil: none was.
func (a *Flags) Faults(f *pflag.FlagSet) []string {
	if !f.Changed(suite.FaultAxis) {
		return nil
	}
	return a.named[len(a.named)-1]
}
