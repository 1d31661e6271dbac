package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/durability"
	"github.com/lastseat/lastseat/targets/fault"
	"github.com/lastseat/lastseat/targets/lock"
	"github.com/lastseat/lastseat/targets/payment"
	"github.com/lastseat/lastseat/targets/reads"
	"github.com/lastseat/lastseat/targets/retry"
)

// none is the value of an axis of decorations that puts nothing around the store.
const none = "none"

// aroundAxis is an axis of the table whose values are decorations.
type aroundAxis struct {
	flag, about string
	table       []harness.Decoration
}

// aroundAxes are all of them, in the order in which a row is prepared: a fault sees what it can break. Around the store stand, from
// the inside out, the fault and then the others.
func aroundAxes() []aroundAxis {
	return []aroundAxis{
		{"durability", "server settings that give durability up", durability.Table()},
		{"reads-from", "what answers unprotected reads: the store itself, a cache, a replica", reads.Table()},
		{"payment", "checkout: how a real HTTP payment service is called", payment.Table()},
		{"lock", "lock around each operation", lock.Table()},
		{"retry", "what a client does that does not know how its operation ended", retry.Table()},
		{faultAxis, "what breaks while clients run", append(fault.Table(), payment.Faults()...)},
	}
}

const faultAxis = "fault"

// around is what a row has around its store: a decoration, or nil, an axis.
type around struct {
	picks   []*harness.Decoration
	servers int  // application servers
	named   bool // servers is to be told
}

// aroundFlags adds a flag an axis, and the number of application servers.
func aroundFlags(f *pflag.FlagSet, r *raw) {
	axes := aroundAxes()
	r.around = make([][]string, len(axes))
	for i, a := range axes {
		f.StringSliceVar(&r.around[i], a.flag, []string{none}, a.about+"; or all (lastseat list "+a.flag+")")
	}
	f.BoolVar(&r.pauseHolder, pauseHolder, false, "short for --fault "+pauseHolder+": a client stops while it holds a lock, for longer than the lock lives")
	f.IntSliceVar(&r.servers, "servers", []int{defaultServers}, "application servers that clients are spread over, each with locks and caches of its own")
}

const (
	defaultServers = 3
	pauseHolder    = "pause-holder"
	crashHolder    = "crash-holder"
)

// parseAround are all combinations of what the flags name.
func parseAround(names [][]string, servers []int) ([]around, error) {
	if slices.Min(servers) < 1 {
		return nil, fmt.Errorf("--servers is %d, must be at least 1", slices.Min(servers))
	}
	all := []around{{}}
	for i, axis := range aroundAxes() {
		known := []string{none}
		for _, d := range axis.table {
			known = append(known, d.Name)
		}
		picked, err := pick("--"+axis.flag, names[i], known)
		if err != nil {
			return nil, err
		}
		var next []around
		for _, a := range all {
			for _, name := range picked {
				next = append(next, around{picks: append(slices.Clip(a.picks), axis.named(name))})
			}
		}
		all = next
	}
	var spread []around
	for _, a := range all {
		counts := steps(servers)
		if !a.spreads() {
			counts = counts[:1] // the number means nothing to it
		}
		for _, n := range counts {
			a.servers, a.named = n, a.spreads() && (len(counts) > 1 || n != defaultServers)
			spread = append(spread, a)
		}
	}
	return spread, nil
}

func (x *aroundAxis) named(name string) *harness.Decoration {
	for i := range x.table {
		if x.table[i].Name == name {
			return &x.table[i]
		}
	}
	return nil
}

// of is the decoration on an axis, or nil.
func (a *around) of(flag string) *harness.Decoration {
	for i, axis := range aroundAxes() {
		if axis.flag == flag && i < len(a.picks) {
			return a.picks[i]
		}
	}
	return nil
}

// spreads reports whether it matters how many application servers there are: what is a server's own is shared by its clients.
func (a *around) spreads() bool { return a.of("lock") != nil || a.of("reads-from") != nil }

// any reports whether there is anything at all around the store.
func (a *around) any() bool {
	return slices.ContainsFunc(a.picks, func(d *harness.Decoration) bool { return d != nil })
}

// mixedDurability warns where some rows give up what others keep; empty: none do, or all.
func (a *axes) mixedDurability() string {
	var gives []string
	keeps := false
	for i := range a.around {
		d := a.around[i].of("durability")
		if keeps = keeps || d == nil; d != nil && !slices.Contains(gives, d.Name) {
			gives = append(gives, d.Name)
		}
	}
	if len(gives) == 0 || !keeps && len(gives) == 1 {
		return ""
	}
	return "rows differ in durability: with " + strings.Join(gives, ", ") + " they are faster because they wait less for the disk"
}

// traits are its fault's.
func (a *around) traits() harness.Traits {
	if d := a.of(faultAxis); d != nil {
		return d.Traits
	}
	return harness.Traits{}
}

// label adds what is around the store to a row's label.
func (a *around) label(l harness.Label) harness.Label {
	var names []string
	axes := aroundAxes()
	for i, d := range a.picks {
		switch {
		case d == nil:
		case axes[i].flag == faultAxis:
			l.Fault = d.Name
		default:
			names = append(names, d.Name)
		}
	}
	if a.named {
		names = append(names, strconv.Itoa(a.servers)+"-servers")
	}
	l.Around = strings.Join(names, "+")
	return l
}

// command is the flags that ask for it.
func (a *around) command() string {
	s, axes := "", aroundAxes()
	for i, d := range a.picks {
		if d != nil {
			s += " --" + axes[i].flag + " " + d.Name
		}
	}
	if a.named {
		s += " --servers " + strconv.Itoa(a.servers)
	}
	return s
}

// aroundNames are the flags of aroundFlags.
func aroundNames() []string {
	names := []string{"servers", pauseHolder}
	for _, axis := range aroundAxes() {
		names = append(names, axis.flag)
	}
	return names
}

// parseAround reads the axes of decorations, and chooses what goes well with them where nothing was chosen: a lock, a cache or a
// replica stands around a naive store, and a payment service is for checkouts.
func (o *options) parseAround(r *raw) (err error) {
	if last := len(r.around) - 1; r.pauseHolder {
		if !o.flags.Changed(faultAxis) {
			r.around[last] = nil
		}
		r.around[last] = append(r.around[last], pauseHolder)
	}
	if o.axes.around, err = parseAround(r.around, r.servers); err != nil {
		return err
	}
	has := func(flag string) bool {
		return slices.ContainsFunc(o.axes.around, func(a around) bool { return a.of(flag) != nil })
	}
	if !o.flags.Changed("workload") && slices.ContainsFunc(o.axes.around, func(a around) bool { return a.any() }) {
		r.workloads = []string{"seats"}
		if has("payment") {
			r.workloads = []string{"checkout"}
		}
	}
	if !o.flags.Changed("strategy") {
		switch {
		case has("reads-from"):
			r.strategies, o.axes.implied = []string{"naive", "naive-tx", "optimistic"}, true
		case has("lock"):
			r.strategies, o.axes.implied = []string{"naive", "naive-tx"}, true
			o.axes.beside = []string{"mutex", "atomic", "for-update"} // what one store can do by itself
		}
	}
	return nil
}

// mostClients is the most clients that a row has.
func (o *options) mostClients() int {
	if len(o.axes.clients) == 0 {
		return 1
	}
	return slices.Max(o.axes.clients)
}
