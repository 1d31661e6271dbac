package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// all selects everything an axis has.
const all = "all"

// axes are what the table's rows are made of.
type axes struct {
	targets    []suite.TargetSpec
	workloads  []string
	strategies []string // nil: all
	implied    bool     // strategies were not named: those that an engine does not have are no rows of its
	beside     []string // strategies that stand beside the others with nothing around the store
	levels     []harness.Level
	allLevels  bool  // every level that the server offers; without it and without levels: the server's default
	clients    []int // fewest first
	cells      []int // fewest first; nil: the workload's own number
	around     []suite.Environment
}

// parse reads the axes of names, and --reads.
func (a *axes) parse(r *raw) (err error) {
	if a.targets, err = parseTargets(r.targets, r.dsn); err != nil {
		return err
	}
	if a.workloads, err = parseWorkloads(r.workloads); err != nil {
		return err
	}
	if a.strategies, err = parseStrategies(r.strategies); err != nil {
		return err
	}
	if a.levels, a.allLevels, err = parseLevels(r.levels); err != nil {
		return err
	}
	if r.reads != "one" && r.reads != "many" {
		return fmt.Errorf("--reads is %q, must be one or many", r.reads)
	}
	return nil
}

func engineNames() []string {
	var names []string
	for _, e := range targets.Table() {
		names = append(names, e.Name)
	}
	return names
}

func engineNamed(name string) (store.Engine, bool) {
	for _, e := range targets.Table() {
		if e.Name == name {
			return e, true
		}
	}
	return store.Engine{}, false
}

// parseTargets reads --target: names, or name=DSN.
func parseTargets(specs []string, dsn string) ([]suite.TargetSpec, error) {
	if len(specs) == 1 && specs[0] == all {
		specs = engineNames()
	}
	if dsn != "" && len(specs) != 1 {
		return nil, fmt.Errorf("--dsn goes with a single --target, and %d are named; write --target name=DSN for each", len(specs))
	}
	// A comma inside a DSN divides it: then a name may be a piece of a password.
	cut := len(specs) > 1 && slices.ContainsFunc(specs, func(s string) bool { return strings.Contains(s, "=") })
	var out []suite.TargetSpec
	for _, s := range specs {
		t, err := parseTarget(s, dsn)
		if _, known := engineNamed(t.Name); err != nil && cut && !known {
			return nil, errCut
		} else if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(o suite.TargetSpec) bool { return o.Name == t.Name }) {
			return nil, fmt.Errorf("target %q is named twice; give each its own name: --target a=DSN,b=DSN", t.Name)
		}
		out = append(out, t)
	}
	return out, nil
}

var errCut = errors.New("--target: one of the targets is not known, and is not repeated, since it may be a piece of a DSN with a comma in it; " +
	"write the comma as %2C in a URL, or one target with --dsn DSN")

func parseTarget(spec, dsn string) (suite.TargetSpec, error) {
	if scheme, _, ok := strings.Cut(spec, "://"); ok && !strings.Contains(scheme, "=") {
		if e, known := engineNamed(engineOf("", spec)); known {
			return suite.TargetSpec{Name: e.Name, Engine: e, DSN: spec}, nil
		}
	}
	name, own, named := strings.Cut(spec, "=")
	if strings.ContainsAny(name, ":/@") {
		// What was typed may hold a password, and is not repeated.
		return suite.TargetSpec{}, errors.New("--target: a DSN needs a name before it; write --target name=DSN, or --target postgres --dsn DSN")
	}
	if !named {
		e, ok := engineNamed(name)
		if !ok {
			return suite.TargetSpec{}, unknown("target", name, engineNames())
		}
		if dsn == "" && e.DSNEnv != "" {
			dsn = os.Getenv(e.DSNEnv)
		}
		return newTarget(name, e, dsn)
	}
	if name == "" || own == "" {
		return suite.TargetSpec{}, errors.New("--target: a name and a DSN go together; write --target name=DSN")
	}
	e, ok := engineNamed(engineOf(name, own))
	if !ok {
		return suite.TargetSpec{}, fmt.Errorf(
			"target %s: cannot tell which engine that DSN is for; write a URL (%s) or begin the name with the engine's", said(name), schemes())
	}
	return newTarget(name, e, own)
}

func newTarget(name string, e store.Engine, dsn string) (suite.TargetSpec, error) {
	if e.Embedded && e.SQL {
		if err := filePath(e.Name, dsn); err != nil {
			return suite.TargetSpec{}, err
		}
	}
	return suite.TargetSpec{Name: name, Engine: e, DSN: dsn}, nil
}

// engineOf tells the engine by the DSN's scheme, else by the target's name, else by the server program's; empty: nothing tells it.
func engineOf(name, dsn string) string {
	scheme, _, isURL := strings.Cut(dsn, "://")
	if !isURL && strings.HasPrefix(dsn, "file:") {
		scheme = "file" // SQLite's, which has no slashes
	}
	program := filepath.Base(dsn)
	for _, tells := range []func(*store.Engine) bool{
		func(e *store.Engine) bool { return slices.Contains(e.Schemes, scheme) },
		func(e *store.Engine) bool { return strings.HasPrefix(name, e.Name) },
		func(e *store.Engine) bool {
			begins := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
			return slices.ContainsFunc(e.Prefixes, begins) || slices.Contains(e.Programs, program)
		},
	} {
		for _, e := range targets.Table() {
			if tells(&e) {
				return e.Name
			}
		}
	}
	return ""
}

func parseWorkloads(names []string) ([]string, error) {
	var known []string
	for _, k := range workloads.Table() {
		known = append(known, k.Name)
	}
	return pick("workload", names, known)
}

// strategies are those of all engines, each once.
func strategies() []store.StrategyInfo {
	var known []store.StrategyInfo
	for _, e := range targets.Table() {
		for _, s := range e.Strategies {
			if !slices.ContainsFunc(known, func(k store.StrategyInfo) bool { return k.Name == s.Name }) {
				known = append(known, s)
			}
		}
	}
	return known
}

// parseStrategies answers nil for all.
func parseStrategies(names []string) ([]string, error) {
	var known []string
	for _, s := range strategies() {
		known = append(known, s.Name)
	}
	if slices.Contains(names, all) {
		return nil, nil
	}
	return pick("strategy", names, known)
}

// parseLevels answers no levels for "default", which is each server's own.
func parseLevels(names []string) (levels []harness.Level, every bool, err error) {
	for _, n := range names {
		switch n {
		case all:
			every = true
		case "default":
		default:
			l, ok := harness.ParseLevel(n)
			if !ok || l == harness.NoLevel {
				return nil, false, unknown("isolation level", n, levelNames())
			}
			levels = append(levels, l)
		}
	}
	return levels, every, nil
}

func levelNames() []string {
	names := []string{"default"}
	for _, l := range harness.Levels() {
		names = append(names, string(l))
	}
	return names
}

// steps are the values of an axis of numbers, smallest first, each once.
func steps(values []int) []int {
	values = slices.Clone(values)
	slices.Sort(values)
	return slices.Compact(values)
}

// pick is the named values in the order of known, each once.
func pick(axis string, names, known []string) ([]string, error) {
	if slices.Contains(names, all) {
		return known, nil
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, unknown(axis, n, known)
		}
	}
	var out []string
	for _, k := range known {
		if slices.Contains(names, k) {
			out = append(out, k)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no %s is named; there are: %s, or all", axis, strings.Join(known, ", "))
	}
	return out, nil
}

// workloads are the named workloads in a shape.
func (a *axes) workloadsOf(shape workloads.Config) []suite.Workload {
	var all []suite.Workload
	for _, name := range a.workloads {
		all = append(all, suite.Workload{Name: name, Cells: workloads.DefaultCells, New: func(cells int) (harness.Workload, error) {
			own := shape
			own.Cells = cells
			return workloads.New(name, own)
		}})
	}
	return all
}

// embedded are the targets that need no server: what commands run on if nobody names a target.
func embedded() []string {
	var names []string
	for _, e := range targets.Table() {
		if e.Embedded {
			names = append(names, e.Name)
		}
	}
	return names
}

// schemes are the URLs of servers: postgres://, mysql://, …
func schemes() string {
	var all []string
	for _, e := range targets.Table() {
		if !e.Embedded {
			all = append(all, e.Schemes[0]+"://")
		}
	}
	return strings.Join(all, ", ")
}
