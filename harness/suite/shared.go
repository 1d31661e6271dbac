package suite

import (
	"fmt"

	"github.com/lastseat/lastseat/harness/store"
)

// checkShared refuses targets whose clients cannot be in several processes, where they are to be.
func (c *Config) checkShared() error {
	for i := range c.Targets {
		if t := &c.Targets[i]; c.Open.Workers > 0 && t.Engine.Embedded {
			return fmt.Errorf("%w: target %s is inside one process, and cannot be shared by %d workers; name a database server, as in --target postgres",
				ErrConfig, t.Name, c.Open.Workers)
		}
	}
	return nil
}

// notShared says why the row's clients cannot be in several processes, where they are to be; empty: they can.
func (p *planner) notShared(e *Environment) string {
	if p.cfg.Open.Workers == 0 {
		return ""
	}
	if e.Any() {
		return "what is around the store is in one process so far: run it without --workers"
	}
	if _, ok := p.server.Server.(store.Attachable); !ok {
		return p.server.Info.Product + " cannot be shared by several processes: run it without --workers"
	}
	return ""
}
