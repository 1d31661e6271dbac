package suite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/internal/names"
)

// TargetSpec names a server: an engine, and where the server is.
type TargetSpec struct {
	Name   string // of the target in the table
	Engine store.Engine
	DSN    string // empty: find or start one
	// Version: the name is that of a version, and finds the DSN, a program, again.
	Version bool
}

// ParseTargets reads what users type for targets: the name of an engine, name=DSN, the URL of a server, or names.All, which leaves out
// clusters. A DSN beside them belongs to the only one.
func ParseTargets(engines []store.Engine, specs []string, dsn string) ([]TargetSpec, error) {
	p := targetParser{engines}
	if len(specs) == 1 && specs[0] == names.All {
		specs = p.single()
	}
	if dsn != "" && len(specs) != 1 {
		return nil, fmt.Errorf("--dsn goes with a single --target, and %d are named; write --target name=DSN for each", len(specs))
	}
	// A comma inside a DSN divides it: then a name may be a piece of a password.
	cut := len(specs) > 1 && slices.ContainsFunc(specs, func(s string) bool { return strings.Contains(s, "=") })
	var out []TargetSpec
	for _, s := range specs {
		t, err := p.parse(s, dsn)
		if err != nil && cut && !slices.Contains(p.names(), t.Name) {
			return nil, errCut
		} else if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(o TargetSpec) bool { return o.Name == t.Name }) {
			return nil, fmt.Errorf("target %q is named twice; give each its own name: --target a=DSN,b=DSN", t.Name)
		}
		out = append(out, t)
	}
	return out, nil
}

var errCut = errors.New("--target: one of the targets is not known, and is not repeated, since it may be a piece of a DSN with a comma in it; " +
	"write the comma as %2C in a URL, or one target with --dsn DSN")

// targetParser reads names of targets of these engines.
type targetParser struct{ engines []store.Engine }

func (p targetParser) names() []string {
	var all []string
	for i := range p.engines {
		all = append(all, p.engines[i].Name)
	}
	return all
}

// single are the names of all but clusters.
func (p targetParser) single() []string {
	var all []string
	for i := range p.engines {
		if p.engines[i].Cluster == "" {
			all = append(all, p.engines[i].Name)
		}
	}
	return all
}

func (p targetParser) parse(spec, dsn string) (TargetSpec, error) {
	if scheme, _, ok := strings.Cut(spec, "://"); ok && !strings.Contains(scheme, "=") {
		if e := EngineOf(p.engines, "", spec); e != nil {
			return TargetSpec{Name: e.Name, Engine: *e, DSN: spec}, nil
		}
	}
	name, own, named := strings.Cut(spec, "=")
	if strings.ContainsAny(name, ":/@") {
		// What was typed may hold a password, and is not repeated.
		return TargetSpec{}, errors.New("--target: a DSN needs a name before it; write --target name=DSN, or --target postgres --dsn DSN")
	}
	if !named {
		return p.engine(name, dsn)
	}
	if name == "" || own == "" {
		return TargetSpec{}, errors.New("--target: a name and a DSN go together; write --target name=DSN")
	}
	e := EngineOf(p.engines, name, own)
	if e == nil {
		return TargetSpec{}, fmt.Errorf(
			"target %s: lastseat does not know which engine that DSN is for; write a URL (%s) or begin the name with the engine's", names.Quote(name), p.schemes())
	}
	return newTarget(name, e, own)
}

// engine is the target that is named as an engine is. Its server is the DSN's, or the one that the environment names.
func (p targetParser) engine(name, dsn string) (TargetSpec, error) {
	i := slices.Index(p.names(), name)
	if i < 0 {
		if e, version := p.versioned(name); e != nil {
			return ofVersion(name, e, version, dsn)
		}
		return TargetSpec{}, names.UnknownOrAll("target", name, p.names())
	}
	e := &p.engines[i]
	if dsn == "" && e.DSNEnv != "" {
		dsn = os.Getenv(e.DSNEnv)
	}
	return newTarget(name, e, dsn)
}

// versioned takes a name such as postgres-12 apart; nil: it is none.
func (p targetParser) versioned(name string) (e *store.Engine, version string) {
	for i := range p.engines {
		rest, ok := strings.CutPrefix(name, p.engines[i].Name+"-")
		if ok && p.engines[i].Installed != nil && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			return &p.engines[i], rest
		}
	}
	return nil, ""
}

// ofVersion is a throwaway server of a version, or of the first that begins so, among the programs on this machine.
func ofVersion(name string, e *store.Engine, version, dsn string) (TargetSpec, error) {
	if dsn != "" {
		return TargetSpec{}, fmt.Errorf("target %s is a version of a program on this machine, and --dsn another server: write --target %s --dsn DSN", name, e.Name)
	}
	all, err := e.Installed(context.Background()) // each program answers within seconds
	var there []string
	for _, program := range all {
		if program.Version == version || strings.HasPrefix(program.Version, version+".") {
			return TargetSpec{Name: name, Engine: *e, DSN: program.Path, Version: true}, nil
		}
		there = append(there, program.Version)
	}
	if len(there) == 0 {
		return TargetSpec{}, fmt.Errorf("target %s: %w", name, cmp.Or(err, errors.New("there is no program of "+e.Product)))
	}
	return TargetSpec{}, fmt.Errorf("target %s: this machine has no %s %s, but %s; ./scripts/servers --all-versions fetches more", name, e.Product, version, strings.Join(there, ", "))
}

// schemes are the URLs of servers: postgres://, mysql://, …
func (p targetParser) schemes() string {
	var all []string
	for i := range p.engines {
		if e := &p.engines[i]; !e.Embedded {
			all = append(all, e.Schemes[0]+"://")
		}
	}
	return strings.Join(all, ", ")
}

func newTarget(name string, e *store.Engine, dsn string) (TargetSpec, error) {
	if e.Embedded && e.SQL {
		if err := checkPath(e.Name, dsn); err != nil {
			return TargetSpec{}, err
		}
	}
	return TargetSpec{Name: name, Engine: *e, DSN: dsn}, nil
}

// EngineOf tells the engine by the DSN's scheme, else by the target's name, else by the server program's; nil: nothing tells it.
func EngineOf(engines []store.Engine, name, dsn string) *store.Engine {
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
		for i := range engines {
			if tells(&engines[i]) {
				return &engines[i]
			}
		}
	}
	return nil
}

// Variable is the environment variable that is to hold a target's DSN: the engine's own, or _PG15_DSN of a target named pg15.
func (t *TargetSpec) Variable() string {
	if t.Name == t.Engine.Name && t.Engine.DSNEnv != "" {
		return t.Engine.DSNEnv
	}
	return "_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return unicode.ToUpper(r)
		}
		return '_'
	}, strings.ToLower(t.Name)) + "_DSN"
}

// anotherDSN is what a DSN of a database server looks like where a file's path is asked for.
var anotherDSN = regexp.MustCompile(`(?i)^[^/]*:.*@|^[a-z]+://|passw(or)?d\s*=`)

// checkPath refuses the DSN of a server where a target wants the path of a file, which messages repeat.
func checkPath(target, dsn string) error {
	if strings.HasPrefix(dsn, "file:") || !anotherDSN.MatchString(dsn) {
		return nil
	}
	return fmt.Errorf("target %s: its DSN is the path of a file to make, and this looks like the DSN of a server; name the server's engine in --target", target)
}
