package sqldb

import (
	"context"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness/store"
)

// Reset gives a server back the settings that it had.
type Reset func(ctx context.Context, monitor Conn) error

// unset says why the server cannot be given these settings; empty: it can.
func (s *Server) unset(settings []store.Setting) string {
	for i := range settings {
		name := settings[i].Name
		switch {
		case !slices.Contains(s.cfg.Settable, name):
			return s.cfg.Info.Product + " has no " + name
		case len(s.more) > 0:
			return name + " is set for a single server, and " + s.cfg.Info.Product + " is several"
		case s.cfg.Set == nil:
			return name + " is set for the whole server, and lastseat changes only servers that it started: leave the DSN out"
		}
	}
	return ""
}

// set gives the server the row's settings. A row that is set up again has them already.
func (t *target) set(ctx context.Context) (err error) {
	if len(t.around.Settings) == 0 || t.reset != nil {
		return nil
	}
	if t.reset, err = t.server.cfg.Set(ctx, t.server.watching(ctx), t.around.Settings); err != nil {
		return fmt.Errorf("give the server the row's settings: %w", err)
	}
	return nil
}

// unset gives the server its own settings back.
func (t *target) unset(ctx context.Context) error {
	if t.reset == nil {
		return nil
	}
	reset := t.reset
	t.reset = nil
	if err := reset(ctx, t.server.watching(ctx)); err != nil {
		return fmt.Errorf("give the server its own settings back: %w", err)
	}
	return nil
}
