package owncode

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/lastseat/lastseat/harness"
)

// tx announces the end of a transaction.
type tx struct {
	driver.Tx
	ctx  context.Context //nolint:containedctx // that of BeginTx, at whose end database/sql takes the transaction back
	conn *conn
}

// Begin begins a transaction.
func (c *conn) Begin() (driver.Tx, error) { return c.BeginTx(context.Background(), driver.TxOptions{}) }

// BeginTx begins a transaction. Others cannot see it, unless it takes a lock.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	level := sql.IsolationLevel(opts.Isolation)
	if level == sql.LevelSerializable {
		c.client.readsLock = c.client.readsLock || c.from.info.ReadsLock
	}
	text := "BEGIN"
	if level != sql.LevelDefault {
		text += " -- " + level.String()
	}
	if opts.ReadOnly {
		text += ", read only"
	}
	point := harness.AtBegin
	if c.from.beginLocks {
		point = harness.AtLock
	}
	var inner driver.Tx
	s, err := c.run(ctx, point, text, nil, func() (err error) {
		inner, err = c.begin(ctx, opts)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.asked = level != sql.LevelDefault
	s.Answered("", nil)
	return &tx{Tx: inner, ctx: ctx, conn: c}, nil
}

func (c *conn) begin(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if b, ok := c.Conn.(driver.ConnBeginTx); ok {
		return b.BeginTx(ctx, opts)
	}
	// As database/sql has it.
	switch {
	case sql.IsolationLevel(opts.Isolation) != sql.LevelDefault:
		return nil, errors.New("sql: driver does not support non-default isolation level")
	case opts.ReadOnly:
		return nil, errors.New("sql: driver does not support read-only transactions")
	}
	inner, err := oldBeginner(c.Conn).Begin()
	if err == nil && ctx.Err() != nil {
		return nil, errors.Join(ctx.Err(), inner.Rollback())
	}
	return inner, err
}

// Commit announces and commits. Where that has no turn any more, the transaction is taken back: nobody else would end it.
func (t *tx) Commit() error {
	s, err := t.conn.run(t.ctx, harness.AtCommit, "COMMIT", nil, t.Tx.Commit)
	if s == nil {
		return errors.Join(err, t.takeBack())
	}
	if err == nil {
		s.Answered("", nil)
	}
	return err
}

// Rollback announces and takes back. At the end of its context database/sql does it in a goroutine of its own: then it has no
// turn.
func (t *tx) Rollback() error {
	if t.ctx.Err() != nil {
		_, resets := t.conn.Conn.(driver.SessionResetter)
		_, validates := t.conn.Conn.(driver.Validator)
		t.conn.unclean = !resets || !validates // database/sql would have closed such a connection
		return t.takeBack()
	}
	s, err := t.conn.run(t.ctx, harness.AtRollback, "ROLLBACK", nil, t.Tx.Rollback)
	if s == nil {
		return t.takeBack()
	}
	if err == nil {
		s.Answered("", nil)
	}
	return err
}

// takeBack takes back without a turn.
func (t *tx) takeBack() error {
	if t.conn.wasCut() {
		return driver.ErrBadConn // it was cut, and the transaction ended with it
	}
	t.conn.track(harness.AtRollback, nil)
	return t.Tx.Rollback()
}
