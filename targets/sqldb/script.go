package sqldb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Script opens a session at a level that runs statements as text; a cluster's servers take sessions in turn.
func (s *Server) Script(ctx context.Context, level harness.Level, n int, hook harness.Hook) (store.Script, error) {
	return s.nodes()[n%s.Servers()].script(ctx, level, hook, "")
}

// Servers is over how many servers sessions are spread.
func (s *Server) Servers() int { return 1 + len(s.more) }

// Applied waits until each server has applied what any of them has committed.
func (s *Server) Applied(ctx context.Context) error {
	for i, node := range s.nodes() {
		if _, err := node.watching(ctx).Query(ctx, fmt.Sprintf("SELECT COUNT(*) FROM %s.%s", s.cfg.Schema, Marker)); err != nil {
			return node.lost(fmt.Errorf("wait for server %d of the cluster: %w", i+1, err))
		}
	}
	return nil
}

// script opens a session and runs a statement on it, if there is one, that sets it up.
func (s *Server) script(ctx context.Context, level harness.Level, hook harness.Hook, set string) (store.Script, error) {
	p := pool{connect: s.cfg.Connect, dialect: s.cfg.Dialect, level: level}
	var slot slot
	if err := p.ready(ctx, &slot); err != nil {
		return nil, err
	}
	if err := s.atHome(ctx, slot.conn); err != nil {
		return nil, errors.Join(err, slot.conn.Close())
	}
	if set != "" {
		if _, err := slot.conn.Exec(ctx, set); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", set, err), slot.conn.Close())
		}
	}
	c := &script{conn: slot.conn, server: s, level: level, hook: hook}
	s.watch(c.conn.ID())
	if w, ok := c.conn.(waiter); ok {
		w.OnBlocked(func(ctx context.Context) error { return hook.At(ctx, harness.AtBlocked) })
	}
	return c, nil
}

type script struct {
	conn   Conn
	server *Server
	level  harness.Level
	hook   harness.Hook
}

// Run announces a statement, and runs it.
func (c *script) Run(ctx context.Context, sql string) (store.Reply, error) {
	if err := c.hook(ctx, harness.Action{Point: c.server.pointOf(sql, c.level), SQL: sql}); err != nil {
		return store.Reply{}, err
	}
	reply, err := c.conn.Show(ctx, sql)
	if err == nil {
		return reply, nil
	}
	d := c.server.cfg.Dialect
	code := d.Code(err)
	if c.conn.Dead() {
		return reply, fmt.Errorf("%w: %w", harness.ErrServerLost, err)
	}
	return reply, &store.StatementError{Code: code, Conflict: d.Classify(err).Conflict, Err: err}
}

// killTimeout bounds the goodbye to a session whose statement did not end.
const killTimeout = 5 * time.Second

// Close ends the session, and with it what it had not committed. A connection that was cut off leaves a session behind on some
// servers, which goes on with its statement and keeps its locks: it is told to end.
func (c *script) Close() error {
	c.server.unwatch(c.conn.ID())
	if kill := c.server.cfg.Dialect.Kill; kill != "" && c.conn.Dead() {
		ctx, cancel := context.WithTimeout(context.Background(), killTimeout)
		defer cancel()
		_, _ = c.server.watching(ctx).Exec(ctx, fmt.Sprintf(kill, c.conn.ID())) // the server may be gone, or the session
	}
	return c.conn.Close()
}
