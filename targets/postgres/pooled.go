package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// Behind a pooler, a connection's session belongs to somebody else before and after, at the latest when the connection closes. So
// nothing is left on it: every statement is in a transaction, which begins at its level and with its settings and forgets them at its
// end, and nothing is prepared by name. A statement that would commit by itself travels between its BEGIN and its COMMIT.

// idle is the status of a server that is ready outside a transaction ("ReadyForQuery").
const idle = 'I'

// pooledBegins begin a transaction at a level, for connections behind a pooler.
func pooledBegins(level harness.Level) []string {
	begins := []string{begin, "SET LOCAL lock_timeout = '" + lockTimeout + "'"}
	if level != "" && level != harness.NoLevel {
		begins[0] += " ISOLATION LEVEL " + strings.ToUpper(strings.ReplaceAll(string(level), "-", " "))
	}
	return begins
}

// pooledConn is a connection behind a pooler.
type pooledConn struct{ conn }

// SetLevel has the transactions to come begin at a level.
func (c *pooledConn) SetLevel(level harness.Level) { c.begins = pooledBegins(level) }

// pooled makes a connection behind a pooler of one that is new.
func (s *server) pooled(ctx context.Context, own conn) (sqldb.Conn, error) {
	own.pooled, own.begins, own.wire.unnamed, own.wire.status = true, pooledBegins(""), true, idle
	c := &pooledConn{own}
	if s.info.Pooling == sqldb.TransactionPooling {
		c.id = 0 // a session for each transaction
		return c, nil
	}
	got, err := c.Query(ctx, backend)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("ask for the session's number: %w", err), c.Close())
	}
	c.id = got[0]
	return c, nil
}

type statement struct {
	sql  string
	args []any
}

func withoutArgs(texts []string) []statement {
	var all []statement
	for _, sql := range texts {
		all = append(all, statement{sql: sql})
	}
	return all
}

// alone runs statements in a transaction of their own, in one round trip. The tag is that of the last of them.
func (c *conn) alone(ctx context.Context, row func(values [][]byte) error, statements ...statement) (pgconn.CommandTag, error) {
	c.begin()
	for _, s := range statements {
		c.wire.execute(s.sql, s.args, false)
	}
	c.wire.execute(commit, nil, false)
	_, err := c.wire.sync(ctx, row)
	if err != nil && !c.wire.dead && c.wire.status != idle {
		if failed := c.end(ctx); failed != nil {
			_ = c.wire.close() // the server ends the transaction with the connection
		}
	}
	return c.wire.before, err
}

// open begins a transaction.
func (c *conn) open(ctx context.Context) error {
	if err := c.wire.usable(ctx); err != nil {
		return err
	}
	c.begin()
	_, err := c.wire.sync(ctx, c.row)
	c.inTx = err == nil
	if err != nil && !c.wire.dead && c.wire.status != idle {
		_ = c.end(ctx) // its own error says enough
	}
	return err
}

// end rolls back what is open.
func (c *conn) end(ctx context.Context) error {
	c.inTx = false
	if err := c.wire.usable(ctx); err != nil {
		return err
	}
	if c.wire.status == idle {
		return nil
	}
	c.wire.execute(rollback, nil, false)
	_, err := c.wire.sync(ctx, c.row)
	return err
}
