package owncode

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/lastseat/lastseat/harness"
)

// conn announces what is sent over a driver's connection. It offers all that connections may offer; where the driver's does not,
// it does what database/sql would do instead.
type conn struct {
	driver.Conn
	from    *connector
	client  *Client
	release func()

	skipped *Statement // it was announced, and then the driver wanted it prepared
	unclean bool       // database/sql is to close the connection
	over    bool       // a statement had no turn any more, since the connection was last taken
	// Of the transaction under way:
	inTx    bool
	touched bool // it has done something
	wrote   bool // it has done more than read
	asked   bool // for a level of its own
	// strange: the code has set what transactions are, and nobody knows to what.
	strange bool
}

// run announces a statement, and has send do it.
func (c *conn) run(ctx context.Context, point harness.Point, sql string, args []driver.NamedValue, send func() error) (*Statement, error) {
	s := c.skipped
	if c.skipped = nil; s == nil || s.sql != sql {
		var err error
		if s, err = c.client.announce(ctx, c.action(point, sql, args)); err != nil {
			c.over = true
			return nil, err
		}
	}
	err := c.patiently(ctx, send)
	switch {
	case errors.Is(err, driver.ErrSkip): // nothing was sent: it will be prepared, and then come here again
		c.skipped = s
	case err != nil:
		s.Answered("", err)
	default:
		s.Returned()
	}
	c.track(point, err)
	return s, err
}

// patiently tries again as long as a lock is taken that somebody else will free. A transaction that has done something cannot
// wait for the write lock: what it read may be old by then.
func (c *conn) patiently(ctx context.Context, send func() error) error {
	for {
		err := send()
		if c.from.info.Busy == nil || !c.from.info.Busy(err) || c.inTx && c.touched || c.from.otherWrites(c) {
			return err
		}
		if blocked := c.client.Blocked(ctx); errors.Is(blocked, harness.ErrExpired) {
			return err
		} else if blocked != nil {
			return blocked
		}
	}
}

// track follows the transaction under way, begun by BeginTx or by a statement.
func (c *conn) track(point harness.Point, err error) {
	c.from.mu.Lock()
	defer c.from.mu.Unlock()
	switch point {
	case harness.AtBegin, harness.AtLock:
		if err == nil {
			c.inTx, c.touched, c.wrote = true, point == harness.AtLock, point == harness.AtLock
		}
	case harness.AtCommit, harness.AtRollback:
		if err == nil || point == harness.AtRollback {
			c.inTx, c.asked = false, false
		}
	default:
		c.touched = c.inTx && (c.touched || err == nil)
		c.wrote = c.inTx && (c.wrote || err == nil && point != harness.AtRead)
	}
}

func (c *conn) point(sql string) harness.Point { return harness.PointOf(sql, c.client.readsLock) }

// ExecContext announces and runs a statement.
func (c *conn) ExecContext(ctx context.Context, sql string, args []driver.NamedValue) (driver.Result, error) {
	execer, ok := c.Conn.(driver.ExecerContext)
	old, okOld := c.Conn.(oldExecer)
	if !ok && !okOld {
		return nil, driver.ErrSkip
	}
	var result driver.Result
	s, err := c.run(ctx, c.point(sql), sql, args, func() (err error) {
		if ok {
			result, err = execer.ExecContext(ctx, sql, args)
			return err
		}
		values, err := ordinal(ctx, args)
		if err == nil {
			result, err = old.Exec(sql, values)
		}
		return err
	})
	return s.executed(result, err)
}

// QueryContext announces and runs a statement with rows.
func (c *conn) QueryContext(ctx context.Context, sql string, args []driver.NamedValue) (driver.Rows, error) {
	queryer, ok := c.Conn.(driver.QueryerContext)
	old, okOld := c.Conn.(oldQueryer)
	if !ok && !okOld {
		return nil, driver.ErrSkip
	}
	var answer driver.Rows
	s, err := c.run(ctx, c.point(sql), sql, args, func() (err error) {
		if ok {
			answer, err = queryer.QueryContext(ctx, sql, args)
			return err
		}
		values, err := ordinal(ctx, args)
		if err == nil {
			answer, err = old.Query(sql, values)
		}
		return err
	})
	return c.reading(s, answer, err)
}

// Prepare prepares a statement, which touches nothing.
func (c *conn) Prepare(sql string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), sql)
}

// PrepareContext prepares a statement, which touches nothing.
func (c *conn) PrepareContext(ctx context.Context, sql string) (inner driver.Stmt, err error) {
	if p, ok := c.Conn.(driver.ConnPrepareContext); ok {
		inner, err = p.PrepareContext(ctx, sql)
	} else if inner, err = c.Conn.Prepare(sql); err == nil && ctx.Err() != nil {
		return nil, errors.Join(ctx.Err(), inner.Close())
	}
	if err != nil {
		if s := c.skipped; s != nil && s.sql == sql {
			c.skipped = nil
			s.Answered("", err)
		}
		return nil, err
	}
	s := &stmt{Stmt: inner, conn: c, sql: sql}
	if converter, ok := inner.(columnConverter); ok {
		return convertingStmt{s, converter}, nil
	}
	return s, nil
}

// Ping announces nothing: it touches nothing.
func (c *conn) Ping(ctx context.Context) error {
	if p, ok := c.Conn.(driver.Pinger); ok {
		return p.Ping(ctx)
	}
	return nil
}

// ResetSession is called before the connection is used once more.
func (c *conn) ResetSession(ctx context.Context) error {
	c.skipped, c.over = nil, false
	c.from.mu.Lock() // a client that was left behind may be here while the connection is cut
	defer c.from.mu.Unlock()
	switch r, ok := c.Conn.(driver.SessionResetter); {
	case !c.from.conns[c]:
		return driver.ErrBadConn
	case ok:
		return r.ResetSession(ctx)
	}
	return nil
}

// IsValid is called before the connection is kept. A COMMIT that had no turn has not ended its transaction, and the code thinks that it has.
func (c *conn) IsValid() bool {
	c.from.mu.Lock() // as in ResetSession
	defer c.from.mu.Unlock()
	v, ok := c.Conn.(driver.Validator)
	return !c.unclean && (!c.over || !c.inTx) && c.from.conns[c] && (!ok || v.IsValid())
}

// CheckNamedValue leaves to database/sql what the driver does not check itself.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := c.Conn.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// Close closes the connection, which ends what was under way on it.
func (c *conn) Close() error {
	c.from.mu.Lock()
	_, open := c.from.conns[c]
	delete(c.from.conns, c)
	c.from.mu.Unlock()
	if !open {
		return nil // it was cut
	}
	c.release()
	return c.Conn.Close()
}
