package targets

import (
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Names are the names of all engines.
func Names() []string { return namesOf(func(*store.Engine) bool { return true }) }

// Embedded are the names of the engines that need no server.
func Embedded() []string { return namesOf(func(e *store.Engine) bool { return e.Embedded }) }

// SQL are the names of the engines that take SQL, statement by statement, and are one server.
func SQL() []string { return namesOf(func(e *store.Engine) bool { return e.SQL && e.Cluster == "" }) }

// Single holds the engines that are one server.
func Single() []store.Engine {
	return slices.DeleteFunc(Table(), func(e store.Engine) bool { return e.Cluster != "" })
}

func namesOf(wanted func(*store.Engine) bool) []string {
	var names []string
	for _, e := range Table() {
		if wanted(&e) {
			names = append(names, e.Name)
		}
	}
	return names
}

// Named is the engine of a name.
func Named(name string) (store.Engine, bool) {
	for _, e := range Table() {
		if e.Name == name {
			return e, true
		}
	}
	return store.Engine{}, false
}

// Strategies are those of all engines, each once.
func Strategies() []store.StrategyInfo {
	var known []store.StrategyInfo
	for _, e := range Table() {
		for _, s := range e.Strategies {
			if !slices.ContainsFunc(known, func(k store.StrategyInfo) bool { return k.Name == s.Name }) {
				known = append(known, s)
			}
		}
	}
	return known
}

// StrategyNames are the names of Strategies.
func StrategyNames() []string {
	var names []string
	for _, s := range Strategies() {
		names = append(names, s.Name)
	}
	return names
}

// Components are the components that a row's label names.
func Components(l harness.Label) []*store.Component {
	var all []*store.Component
	for _, axis := range Axes() {
		for i := range axis.Components {
			d := &axis.Components[i]
			if d.Name == l.Fault || slices.Contains(strings.Split(l.Env, "+"), d.Name) {
				all = append(all, d)
			}
		}
	}
	return all
}
