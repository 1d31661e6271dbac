package targets

import (
	"context"
	"os"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/env/lock"
)

// Found is a server that could be used on this machine.
type Found struct {
	Name string // postgres, or postgres 15.20
	Is   string // embedded, yours, program, missing
	Note string // what names it, or where it is
}

// Find finds what the engines, and the locks, could use on this machine.
func Find(ctx context.Context) []Found {
	var all []Found
	for _, e := range Table() {
		if e.Installed == nil {
			all = append(all, Found{e.Name, "embedded", "needs no server"})
			continue
		}
		if os.Getenv(e.DSNEnv) != "" {
			all = append(all, Found{e.Name, "yours", "named by " + e.DSNEnv})
		}
		all = append(all, foundPrograms(ctx, e.Name, e.Installed)...)
	}
	for _, p := range lock.Programs() {
		for _, b := range lock.Backends() {
			if b.Name == p.Name && os.Getenv(b.Env) != "" {
				all = append(all, Found{b.Name, "yours", "named by " + b.Env})
			}
		}
		all = append(all, foundPrograms(ctx, p.Name, p.Installed)...)
	}
	return all
}

// foundPrograms are the server programs of a name that are installed.
func foundPrograms(ctx context.Context, name string, installed func(context.Context) ([]store.Program, error)) []Found {
	var all []Found
	programs, err := installed(ctx)
	if err != nil {
		all = append(all, Found{name, "missing", err.Error()})
	}
	for i, p := range programs {
		is := "program"
		if i == 0 && err == nil {
			is = "program, the default"
		}
		all = append(all, Found{name + " " + p.Version, is, p.Path})
	}
	return all
}
