package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Environment is what surrounds the store of a row: at most one component of each axis. The zero value is nothing.
type Environment struct {
	Components []Component // in the order in which a row is prepared: the fault last, because it sees what it can break
	Servers    int         // application servers that clients are spread over
	Named      bool        // Servers is part of the row's name
	Processes  bool        // each of them is a process
}

// Component is a component of one axis: its flag is the axis's name.
type Component struct {
	Axis string // lock
	*store.Component
}

// FaultAxis is the axis whose components break things.
const FaultAxis = "fault"

// None is the value of an axis that puts nothing around the store.
const None = "none"

// DefaultServers is how many application servers clients are spread over if nobody says.
const DefaultServers = 3

// Environments are all combinations of the picked components, by axis; an axis that is not there picks None. Those to which the
// number of application servers means something come once with each number. ErrTooMany: there are more than MaxRows.
func Environments(axes []store.Axis, picked map[string][]string, servers []int) ([]Environment, error) {
	combinations, factors := float64(len(servers)), []factor{{"servers", len(servers)}}
	for i := range axes {
		n := max(len(picked[axes[i].Name]), 1)
		combinations *= float64(n)
		factors = append(factors, factor{axes[i].Name, n})
	}
	if err := tooMany(combinations, factors); err != nil {
		return nil, err
	}
	all := []Environment{{}}
	for i := range axes {
		axis := &axes[i]
		names := picked[axis.Name]
		if len(names) == 0 {
			names = []string{None}
		}
		var next []Environment
		for _, e := range all {
			for _, name := range names {
				one := Environment{Components: slices.Clip(e.Components)}
				if d := axis.Named(name); d != nil {
					one.Components = append(one.Components, Component{Axis: axis.Name, Component: d})
				}
				next = append(next, one)
			}
		}
		all = next
	}
	var spread []Environment
	for _, e := range all {
		counts := servers
		if !e.Spreads() {
			counts = counts[:1] // the number means nothing to it
		}
		for _, n := range counts {
			e.Servers, e.Named = n, e.Spreads() && (len(counts) > 1 || n != DefaultServers)
			spread = append(spread, e)
		}
	}
	return spread, nil
}

// Of is the component on an axis, or nil.
func (e *Environment) Of(axis string) *store.Component {
	for _, c := range e.Components {
		if c.Axis == axis {
			return c.Component
		}
	}
	return nil
}

// Any reports whether there is anything at all around the store.
func (e *Environment) Any() bool { return len(e.Components) > 0 }

// Spreads reports whether it matters how many application servers there are: what is a server's own is shared by its clients.
func (e *Environment) Spreads() bool {
	return slices.ContainsFunc(e.Components, func(c Component) bool { return c.PerServer })
}

// Traits are those of the fault.
func (e *Environment) Traits() store.Traits {
	d := e.Of(FaultAxis)
	if d == nil {
		return store.Traits{}
	}
	t := d.Traits
	if e.Processes && t.Pause > 0 {
		t.Pause, t.Stops = store.ProcessPause, true
	}
	return t
}

// Label adds the environment to a row's label.
func (e *Environment) Label(l harness.Label) harness.Label {
	var names []string
	for _, c := range e.Components {
		if c.Axis == FaultAxis {
			l.Fault = c.Name
		} else {
			names = append(names, c.Name)
		}
	}
	if e.Named {
		names = append(names, strconv.Itoa(e.Servers)+"-servers")
	}
	l.Env = strings.Join(names, "+")
	return l
}

// Flags are the flags of the command line that ask for the environment, each with a space before it.
func (e *Environment) Flags() string {
	var b strings.Builder
	for _, c := range e.Components {
		fmt.Fprintf(&b, " --%s %s", c.Axis, c.Name)
	}
	if e.Named {
		fmt.Fprintf(&b, " --servers %d", e.Servers)
	}
	return b.String()
}

// MixedDurability warns where some environments give up durability that others keep; empty: none do, or all.
func MixedDurability(all []Environment) string {
	var gives []string
	keeps := false
	for i := range all {
		d := all[i].Of("durability")
		if keeps = keeps || d == nil; d != nil && !slices.Contains(gives, d.Name) {
			gives = append(gives, d.Name)
		}
	}
	if len(gives) == 0 || !keeps && len(gives) == 1 {
		return ""
	}
	return "rows differ in durability: with " + strings.Join(gives, ", ") + " they are faster because they wait less for the disk"
}

// componentKey finds an opened component.
type componentKey struct {
	name    string
	servers int
}

// open opens the components around a server's rows, in the order of the axes; those that are open already are used again.
func (s *Opened) open(ctx context.Context, e *Environment, opt store.ComponentOptions) (Instances, error) {
	opt.Store, opt.Servers = s.Server, e.Servers
	var all Instances
	for _, c := range e.Components {
		key := componentKey{c.Name, e.Servers}
		if s.components[key] == nil {
			if err := s.missing[c.Name]; err != nil {
				return nil, err
			}
			made, err := c.Open(ctx, opt)
			if err != nil {
				err = fmt.Errorf("%s: %w", c.Name, err)
				var missing *store.MissingError
				if errors.As(err, &missing) {
					s.missing[c.Name] = err
				}
				return nil, err
			}
			s.components[key] = made
		}
		all = append(all, s.components[key])
	}
	return all, nil
}

// Surround makes a row of a spec: prepared by the components of its environment, as they were opened, offered by the server, and wrapped. The
// fault is the innermost.
func Surround(server store.Server, e *Environment, components Instances, spec store.RowSpec) (store.Offer, error) {
	spec.Env = store.Env{Traits: e.Traits()}
	for i, d := range components {
		before := len(spec.Env.Effects)
		if skip := d.Prepare(&spec); skip != "" {
			return store.Offer{Skip: e.Components[i].Name + ": " + skip}, nil
		}
		for _, effect := range spec.Env.Effects[before:] {
			if more := effect.Causes &^ e.Components[i].Endangers; more != 0 {
				return store.Offer{}, fmt.Errorf("component %s causes %s, and does not declare it (Component.Endangers)", e.Components[i].Name, more)
			}
		}
	}
	offer, err := server.Row(spec)
	if err != nil || offer.Skip != "" {
		return offer, err
	}
	wrap := func(faults bool) {
		for i, d := range components {
			if (e.Components[i].Axis == FaultAxis) == faults {
				offer.Target = d.Wrap(offer.Target)
			}
		}
	}
	wrap(true)
	wrap(false)
	return offer, nil
}

// Instances are an environment's components, opened.
type Instances []store.Instance

// Nemesis is what breaks things around the row, or nil.
func (all Instances) Nemesis() store.Nemesis {
	for _, d := range all {
		if n, ok := d.(store.Nemesis); ok {
			return n
		}
	}
	return nil
}

// Figures are what they measured.
func (all Instances) Figures() (measured []store.Figure) {
	for _, d := range all {
		if f, ok := d.(store.Figured); ok {
			measured = append(measured, f.Figures()...)
		}
	}
	return measured
}

// WithChecks is the workload with the checks that come with components.
func WithChecks(w harness.Workload, components []*store.Component) harness.Workload {
	var more []harness.Checker
	for _, c := range components {
		if c.Checks != nil {
			more = append(more, c.Checks(w)...)
		}
	}
	if len(more) == 0 {
		return w
	}
	return &alsoChecked{w, more}
}

// withChecks is the workload with the checks that come with the environment.
func (e *Environment) withChecks(w harness.Workload) harness.Workload {
	var all []*store.Component
	for _, c := range e.Components {
		all = append(all, c.Component)
	}
	return WithChecks(w, all)
}

// alsoChecked is a workload with more invariants.
type alsoChecked struct {
	harness.Workload
	more []harness.Checker
}

func (w *alsoChecked) Checks() []harness.Checker { return append(w.Workload.Checks(), w.more...) }
