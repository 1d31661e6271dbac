package sqldb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// session is one client of a row. It borrows a connection for each attempt.
type session struct {
	row   *target
	pool  *pool // of the server that it is a client of
	aside *pool // for transactions that only read; nil: they take the others' connections
	a     attempt
}

func (t *target) attempt() attempt {
	return attempt{row: t, values: make([]int64, len(t.start.Values))}
}

func (s *session) Close() error { return nil }

// Do makes one attempt at op, and says what the client knows afterwards.
func (s *session) Do(ctx context.Context, op *harness.Op) harness.Result {
	from := time.Now()
	pool := s.pool
	if s.aside != nil && op.ReadOnly() {
		pool = s.aside
	}
	slot, err := pool.take(ctx)
	queued := time.Since(from)
	if err != nil {
		return harness.Result{Outcome: harness.Failed, Err: err, Queued: queued}
	}
	defer pool.give(slot)
	res := s.a.do(ctx, slot.conn, op)
	res.Queued = queued
	res.Waited = slot.conn.Waited()
	return res
}

// do makes an attempt at op on conn, which is left without a transaction or closed.
func (a *attempt) do(ctx context.Context, conn Conn, op *harness.Op) harness.Result {
	a.reset(ctx, conn, op)
	err := a.carry()
	res := a.result(err)
	a.clean()
	return res
}

// watching is a connection that can have one watcher for all of an attempt's statements.
type watching interface {
	Watch(ctx context.Context)
	Unwatch()
}

// carry carries the operation out.
func (a *attempt) carry() error {
	if c, ok := a.conn.(watching); ok {
		c.Watch(a.ctx)
		defer c.Unwatch()
	}
	err := a.raise()
	switch {
	case err != nil:
		return err
	case a.op.ReadOnly() && !a.row.strategy.Contents:
		return a.readOnly()
	}
	return a.row.strategy.Do(a)
}

// result is the outcome of an attempt that ended with err.
func (a *attempt) result(err error) harness.Result {
	switch {
	case err == nil:
		return harness.Result{Outcome: harness.OK, Seen: a.found}
	case errors.Is(err, errRejected), errors.Is(err, harness.ErrDeclined):
		return harness.Result{Outcome: harness.Rejected, Seen: a.found}
	}
	if a.op.ReadOnly() {
		a.flying = false // nothing of it can happen later
	}
	class := a.classify(err)
	switch {
	case a.flying && class.Lost:
		return harness.Result{Outcome: harness.Unknown, Err: err, Seen: a.found}
	case a.effects > 0:
		return harness.Result{Outcome: harness.Unknown, Err: fmt.Errorf("stopped halfway: %w", err), Seen: a.found}
	case class.Rejected:
		return harness.Result{Outcome: harness.Rejected, Seen: a.found}
	}
	return harness.Result{Outcome: harness.Failed, Conflict: class.Conflict, Err: err}
}

func (a *attempt) classify(err error) Class {
	var c *conflictError
	switch {
	case errors.As(err, &c):
		return Class{Conflict: c.conflict}
	case errors.Is(err, harness.ErrServiceDown):
		return Class{} // the database has nothing to do with it
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return Class{Lost: true}
	}
	return a.row.dialect.Classify(err)
}

// cleanTimeout bounds the rollback of an attempt whose own time may be up.
const cleanTimeout = 5 * time.Second

// clean leaves the connection without a transaction, or closed.
func (a *attempt) clean() {
	if !a.inTx || a.conn.Dead() {
		return
	}
	a.inTx = false
	ctx, cancel := a.cleanContext()
	defer cancel()
	if _, err := a.conn.Exec(ctx, "ROLLBACK"); err != nil {
		_ = a.conn.Close() // the server ends the transaction with the connection
	}
}

// cleanContext outlives the attempt's own time. In this process nothing can hang, and arming a timeout would cost more than
// the statement.
func (a *attempt) cleanContext() (context.Context, context.CancelFunc) {
	ctx := context.WithoutCancel(a.ctx)
	if a.row.server.cfg.InProcess {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, cleanTimeout)
}

// readOnly runs an operation that only reads: one statement by itself, several in one transaction.
func (a *attempt) readOnly() error {
	if len(a.op.Steps) == 1 {
		return a.readStep(&a.op.Steps[0])
	}
	return a.tx(a.row.dialect.Begin, func() error {
		for i := range a.op.Steps {
			if err := a.readStep(&a.op.Steps[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// readStep reads a step's cells with one statement.
func (a *attempt) readStep(s *harness.Step) error {
	if len(s.Cells) == 1 {
		return a.read(s.Cells, func(st *statements) string { return st.read })
	}
	if err := a.at(harness.AtRead); err != nil {
		return err
	}
	g, _ := a.row.start.GroupOf(s.Cells[0])
	if len(s.Cells) != g.Len {
		return fmt.Errorf("read %d of the %d cells of %s: one statement reads one cell or all", len(s.Cells), g.Len, g.Table)
	}
	st, _ := a.row.at(g.First)
	got, err := a.conn.Query(a.ctx, st.readAll)
	if err != nil {
		return fmt.Errorf("read %s: %w", g.Table, err)
	}
	for i := 0; i+2 < len(got); i += 3 {
		if got[i] < 0 || int(got[i]) >= g.Len {
			return fmt.Errorf("read %s: it holds a row with id %d, which there is not", g.Table, got[i])
		}
		a.see(g.First+harness.Cell(got[i]), got[i+1], got[i+2])
	}
	return nil
}
