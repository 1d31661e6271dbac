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

// Attached is a component around a row, as another process opens it.
type Attached struct{ Axis, Name, With string } // With is store.ComponentOptions.Attach

// Attached are the row's components for processes that have its clients, once its target is set up.
func (r *Row) Attached() (all []Attached, err error) {
	for i, d := range r.plan.components {
		c := &r.Environment.Components[i]
		a := Attached{Axis: c.Axis, Name: c.Name}
		if s, ok := d.(store.Shareable); ok {
			if a.With, err = s.Share(); err != nil {
				return nil, fmt.Errorf("share %s: %w", c.Name, err)
			}
		}
		all = append(all, a)
	}
	return all, nil
}

// notShared says why the row's clients cannot be in several processes, where they are to be; empty: they can.
func (p *planner) notShared(e *Environment) string {
	if p.cfg.Open.Workers == 0 {
		return ""
	}
	for _, c := range e.Components {
		switch {
		case c.Axis == FaultAxis && c.Traits.Pause > 0 && len(p.cfg.Processes) > 0:
		case c.Axis == FaultAxis && c.Traits.Pause > 0:
			return "it stops whole processes, and lastseat stops only those that it started: run it without --nats, on Unix"
		case c.OneProcess != "":
			return c.OneProcess + ": run it without --workers"
		}
	}
	if _, ok := p.server.Server.(store.Attachable); !ok {
		return p.server.Info.Product + " cannot be shared by several processes: run it without --workers"
	}
	return ""
}
