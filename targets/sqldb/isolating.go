package sqldb

import (
	"context"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// Variant is a way to set sessions that changes what levels do.
type Variant struct {
	Setting   store.Setting
	Set       string // the statement that sets a session so; empty: none is needed
	Together  bool   // all sessions are on one server of a cluster
	Isolation func(harness.Level) promise.Isolation
}

// Isolation is what a level is declared to do.
func (s *Server) Isolation(level harness.Level) (iso promise.Isolation, skip string) {
	if !slices.Contains(s.cfg.Levels, level) {
		return iso, fmt.Sprintf("%s offers only %s", s.cfg.Info.Product, s.cfg.Levels[0])
	}
	if s.cfg.SkipLevel != nil {
		skip = s.cfg.SkipLevel(level)
	}
	return s.cfg.Isolation(level), skip
}

// Wipe removes all that scripts have made.
func (s *Server) Wipe(ctx context.Context) error {
	if err := s.atHome(ctx, s.monitor); err != nil {
		return err
	}
	if err := s.cfg.Wipe(ctx, s.monitor); err != nil {
		return s.lost(fmt.Errorf("remove what a script made: %w", err))
	}
	return nil
}

// Run runs statements one after the other; the way to write a Config.Wipe.
func Run(ctx context.Context, conn Conn, statements ...string) error {
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// Variants are the ways to set its sessions.
func (s *Server) Variants() []store.Variant {
	var all []store.Variant
	for i := range s.cfg.Variants {
		v := &s.cfg.Variants[i]
		all = append(all, store.Variant{Setting: v.Setting, Isolating: &variant{Server: s, as: v}})
	}
	return all
}

// variant is a server whose scripts' sessions are set otherwise.
type variant struct {
	*Server
	as *Variant
}

func (v *variant) Isolation(level harness.Level) (iso promise.Isolation, skip string) {
	_, skip = v.Server.Isolation(level)
	return v.as.Isolation(level), skip
}

func (v *variant) Script(ctx context.Context, level harness.Level, n int, hook harness.Hook) (store.Script, error) {
	return v.nodes()[n%v.Servers()].script(ctx, level, hook, v.as.Set)
}

func (v *variant) Servers() int {
	if v.as.Together {
		return 1
	}
	return v.Server.Servers()
}

func (v *variant) Variants() []store.Variant { return nil }
