package sqldb

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// StepSession opens a client with a connection of its own, on which every statement is announced before it is sent.
func (t *target) StepSession(ctx context.Context, hook harness.Hook) (harness.Session, error) {
	if err := t.server.lasting(); err != nil {
		return nil, err
	}
	slot, err := t.pool.take(ctx)
	if err != nil {
		return nil, err
	}
	return &steppedSession{a: t.attempt(), slot: slot, conn: newLedConn(slot.conn, t, hook)}, nil
}

// Waiting is how many sessions that are stepped wait for a lock.
func (t *target) Waiting(ctx context.Context) (store.Waits, error) { return t.server.Waiting(ctx) }

// Reap reads the cells and the journal, and restores them.
func (t *target) Reap(ctx context.Context) (harness.State, error) {
	got, err := ask(ctx, t.server.monitor, t.questions, t.restore)
	if err != nil {
		return harness.State{}, t.server.lost(err)
	}
	return t.takeIn(got)
}

// Restore undoes what operations did, by statements that lock nothing but rows: making the tables anew takes ten times as long.
func (t *target) Restore(ctx context.Context) error {
	_, err := ask(ctx, t.server.monitor, nil, t.restore)
	return t.server.lost(err)
}

// restoreStatements are the statements of Restore.
func restoreStatements(d *Dialect, start *harness.State, rows bool) []string {
	empty := "DELETE FROM "
	if d.GhostRows {
		empty = "TRUNCATE TABLE "
	}
	var sql []string
	if start.Journal != "" {
		sql = append(sql, "DELETE FROM "+start.Journal)
	}
	for i := range start.Groups {
		g := &start.Groups[i]
		if rows {
			sql = append(sql, empty+g.Claims)
		}
		switch g.Holds {
		case harness.Rows:
			sql = append(sql, empty+g.Table)
		case harness.Lists:
			sql = append(sql, fmt.Sprintf("UPDATE %s SET %s = '' WHERE %s <> ''", g.Table, g.Column, g.Column))
		case harness.Registers:
			sql = append(sql, fmt.Sprintf("UPDATE %s SET %s = 0 WHERE %s <> 0", g.Table, g.Column, g.Column))
		case harness.Numbers:
			sql = append(sql, fmt.Sprintf("UPDATE %s SET %s = %s, version = 0 WHERE version <> 0", g.Table, g.Column, startValue(start, g)))
		}
	}
	return sql
}

// startValue is what a cell of the group starts with, by its id.
func startValue(start *harness.State, g *harness.Group) string {
	values := start.Values[g.First : int(g.First)+g.Len]
	if slices.Min(values) == slices.Max(values) {
		return fmt.Sprint(values[0])
	}
	expression := "CASE id"
	for id, v := range values {
		expression += fmt.Sprintf(" WHEN %d THEN %d", id, v)
	}
	return expression + " END"
}

// ledSession is a client whose statements are announced.
type steppedSession struct {
	a    attempt
	slot *slot
	conn *steppedConn
}

// Do makes one attempt at op.
func (s *steppedSession) Do(ctx context.Context, op *harness.Op) harness.Result {
	if s.slot.conn.Dead() {
		return harness.Result{Outcome: harness.Failed, Err: errors.New("the connection is lost")}
	}
	return s.a.do(ctx, s.conn, op)
}

// Close gives the connection back.
func (s *steppedSession) Close() error {
	s.conn.release()
	s.a.row.pool.give(s.slot)
	return nil
}

// Hold opens a bystander that locks cells for a moment, as another part of the shop might.
func (t *target) Hold(ctx context.Context, hook harness.Hook, cells []harness.Cell) (harness.Session, error) {
	if !hasRowLocks(t.dialect) {
		return nil, nil
	}
	slot, err := t.pool.take(ctx)
	if err != nil {
		return nil, err
	}
	return &holder{steppedSession{a: t.attempt(), slot: slot, conn: newLedConn(slot.conn, t, hook)}, cells}, nil
}

type holder struct {
	steppedSession
	cells []harness.Cell
}

// Do locks the cells in a transaction of its own.
func (h *holder) Do(ctx context.Context, op *harness.Op) harness.Result {
	a := &h.a
	a.reset(ctx, h.conn, op)
	res := a.result(a.tx(a.row.dialect.Begin, func() error { return a.read(h.cells, lockedRead) }))
	a.clean()
	return res
}

// ledConn is a connection on which every statement is announced.
type steppedConn struct {
	Conn
	row  *target
	hook harness.Hook
}

// waiter is a connection of an engine that cannot be asked who waits in it: it says so itself.
type waiter interface {
	// OnBlocked has the connection call blocked before it tries once more for a lock that was taken; nil: it waits by itself.
	OnBlocked(blocked func(context.Context) error)
}

func newLedConn(conn Conn, row *target, hook harness.Hook) *steppedConn {
	row.server.watch(conn.ID())
	if w, ok := conn.(waiter); ok {
		w.OnBlocked(func(ctx context.Context) error { return hook.At(ctx, harness.AtBlocked) })
	}
	return &steppedConn{Conn: conn, row: row, hook: hook}
}

func (c *steppedConn) release() {
	c.row.server.unwatch(c.ID())
	if w, ok := c.Conn.(waiter); ok {
		w.OnBlocked(nil)
	}
}

func (c *steppedConn) announce(ctx context.Context, sql string, args []any) error {
	return c.hook(ctx, c.row.action(sql, args))
}

// answered tells the hook how the statement ended, and answers err. What the hook says to that does not matter any more.
func (c *steppedConn) answered(ctx context.Context, got []int64, err error) error {
	_ = c.hook(ctx, harness.Action{Point: harness.AtAnswer, Got: got, Err: err}) // it ends attempts when the next action is announced
	return err
}

func (c *steppedConn) Query(ctx context.Context, sql string, args ...any) ([]int64, error) {
	if err := c.announce(ctx, sql, args); err != nil {
		return nil, err
	}
	got, err := c.Conn.Query(ctx, sql, args...)
	return got, c.answered(ctx, got, err)
}

func (c *steppedConn) List(ctx context.Context, sql string, args ...any) ([]int64, error) {
	if err := c.announce(ctx, sql, args); err != nil {
		return nil, err
	}
	got, err := c.Conn.List(ctx, sql, args...)
	return got, c.answered(ctx, got, err)
}

func (c *steppedConn) Exec(ctx context.Context, sql string, args ...any) (Done, error) {
	if err := c.announce(ctx, sql, args); err != nil {
		return Done{}, err
	}
	done, err := c.Conn.Exec(ctx, sql, args...)
	return done, c.answered(ctx, nil, err)
}

func (c *steppedConn) Commit(ctx context.Context) error {
	if err := c.announce(ctx, "COMMIT", nil); err != nil {
		return err
	}
	return c.answered(ctx, nil, c.Conn.Commit(ctx))
}
