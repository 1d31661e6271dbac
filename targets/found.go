package targets

import (
	"context"
	"os"

	"github.com/lastseat/lastseat/targets/local"
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
	programs := local.All(ctx)
	for _, e := range Table() {
		if e.Embedded {
			all = append(all, Found{e.Name, "embedded", "needs no server"})
			continue
		}
		if os.Getenv(e.DSNEnv) != "" {
			all = append(all, Found{e.Name, "yours", "named by " + e.DSNEnv})
		}
		all = append(all, foundPrograms(ctx, local.Engine(e.Name), programs)...)
	}
	for _, e := range []local.Engine{local.Redis, local.ZooKeeper} {
		all = append(all, foundPrograms(ctx, e, programs)...)
	}
	return all
}

// foundPrograms are an engine's programs among those found.
func foundPrograms(ctx context.Context, engine local.Engine, programs []local.Binary) []Found {
	var all []Found
	preferred, err := local.Find(ctx, engine)
	if err != nil {
		all = append(all, Found{string(engine), "missing", err.Error()})
	}
	for _, b := range programs {
		if b.Engine != engine {
			continue
		}
		is := "program"
		if b.Path == preferred.Path {
			is = "program, the default"
		}
		all = append(all, Found{string(engine) + " " + b.Version, is, b.Path})
	}
	return all
}
