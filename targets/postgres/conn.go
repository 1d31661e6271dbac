package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

const begin, commit, rollback = "BEGIN", "COMMIT", "ROLLBACK"

// conn is a sqldb.Conn.
type conn struct {
	wire *frontend

	// pipeBegin keeps BEGIN back until the transaction's first statement, and sends the two in one round trip. If BEGIN
	// fails, the server skips the statement, which then answers with BEGIN's error.
	pipeBegin bool
	held      bool // a BEGIN is kept back
	rows      []int64

	id     int64    // of the session
	begins []string // what begins a transaction
	pooled bool     // see pooled.go
	inTx   bool     // kept only where pooled
}

// Watch has one watcher for all statements under ctx.
func (c *conn) Watch(ctx context.Context) { c.wire.cutoff.Watch(ctx) }

// Unwatch ends that.
func (c *conn) Unwatch() { c.wire.cutoff.Unwatch() }

// Query runs a statement prepared.
func (c *conn) Query(ctx context.Context, sql string, args ...any) ([]int64, error) {
	_, err := c.run(ctx, sql, args, c.row)
	return c.rows, err
}

// List does the same, and answers the numbers in its texts.
func (c *conn) List(ctx context.Context, sql string, args ...any) ([]int64, error) {
	_, err := c.run(ctx, sql, args, c.list)
	return c.rows, err
}

// ready prepares for a statement, before which the BEGIN goes that is kept back.
func (c *conn) ready(ctx context.Context) error {
	if err := c.wire.usable(ctx); err != nil {
		return err
	}
	if c.held {
		c.held = false
		c.begin()
	}
	return nil
}

// run runs a prepared statement.
func (c *conn) run(ctx context.Context, sql string, args []any, row func(values [][]byte) error) (pgconn.CommandTag, error) {
	c.rows = c.rows[:0]
	if err := c.ready(ctx); err != nil {
		return pgconn.CommandTag{}, err
	}
	return c.send(ctx, sql, args, true, row)
}

// send sends one statement, and takes in its answer.
func (c *conn) send(ctx context.Context, sql string, args []any, keep bool, row func(values [][]byte) error) (pgconn.CommandTag, error) {
	if c.pooled && !c.inTx {
		return c.alone(ctx, row, statement{sql, args})
	}
	c.wire.execute(sql, args, keep)
	return c.wire.sync(ctx, row)
}

func (c *conn) begin() {
	for _, sql := range c.begins {
		c.wire.execute(sql, nil, true)
	}
}

// once runs a statement that is not worth preparing.
func (c *conn) once(ctx context.Context, sql string, row func(values [][]byte) error) (pgconn.CommandTag, error) {
	if err := c.ready(ctx); err != nil {
		return pgconn.CommandTag{}, err
	}
	return c.send(ctx, sql, nil, false, row)
}

// Batch asks queries and runs statements in one round trip, and in one transaction.
func (c *conn) Batch(ctx context.Context, queries, statements []string) ([][]int64, error) {
	if err := c.wire.usable(ctx); err != nil {
		return nil, err
	}
	answers, n := make([][]int64, len(queries)), 0
	c.wire.ended = func() { n++ }
	defer func() { c.wire.ended = nil }()
	row := func(values [][]byte) error {
		c.rows = c.rows[:0]
		if err := c.row(values); err != nil || n >= len(answers) {
			return err
		}
		answers[n] = append(answers[n], c.rows...)
		return nil
	}
	all := slices.Concat(queries, statements)
	if c.pooled && !c.inTx {
		n = -len(c.begins)
		_, err := c.alone(ctx, row, withoutArgs(all)...)
		return answers, err
	}
	for _, sql := range all {
		c.wire.execute(sql, nil, true)
	}
	_, err := c.wire.sync(ctx, row)
	return answers, err
}

// Show runs any statement as plain text.
func (c *conn) Show(ctx context.Context, sql string) (reply store.Reply, err error) {
	c.wire.asText = true
	defer func() { c.wire.asText = false }()
	tag, err := c.once(ctx, sql, func(values [][]byte) error {
		row := make([]string, len(values))
		for i, v := range values {
			row[i] = "NULL"
			if v != nil {
				row[i] = string(v)
			}
		}
		reply.Rows = append(reply.Rows, row)
		return nil
	})
	if !tag.Select() {
		reply.Affected = tag.RowsAffected()
	}
	if err == nil && strings.EqualFold(sql, commit) && tag.String() != commit {
		err = errRolledBack
	}
	return reply, err
}

// row takes in a row whose columns are integers in binary.
func (c *conn) row(values [][]byte) error {
	for _, v := range values {
		n, err := integer(v)
		if err != nil {
			return err
		}
		c.rows = append(c.rows, n)
	}
	return nil
}

// list takes in a row whose columns are texts of integers. Binary, a text is its characters.
func (c *conn) list(values [][]byte) (err error) {
	for _, v := range values {
		if c.rows, err = sqldb.AppendList(c.rows, v); err != nil {
			return err
		}
	}
	return nil
}

// integer decodes int2, int4 and int8.
func integer(v []byte) (int64, error) {
	if len(v) != 2 && len(v) != 4 && len(v) != 8 {
		return 0, fmt.Errorf("a column of %d bytes is no integer", len(v))
	}
	n := int64(int8(v[0]))
	for _, b := range v[1:] {
		n = n<<8 | int64(b)
	}
	return n, nil
}

// Exec runs a statement that has arguments, or that begins or ends a transaction, prepared.
func (c *conn) Exec(ctx context.Context, sql string, args ...any) (sqldb.Done, error) {
	var tag pgconn.CommandTag
	var err error
	switch {
	case sql == begin && c.pipeBegin:
		err := c.wire.usable(ctx)
		c.held, c.inTx = err == nil, err == nil
		return sqldb.Done{}, err
	case sql == rollback && c.held:
		c.held, c.inTx = false, false
		return sqldb.Done{}, nil
	case c.pooled && sql == begin:
		return sqldb.Done{}, c.open(ctx)
	case c.pooled && sql == rollback:
		return sqldb.Done{}, c.end(ctx)
	case len(args) > 0, sql == begin, sql == rollback:
		tag, err = c.run(ctx, sql, args, c.row)
	default:
		tag, err = c.once(ctx, sql, c.row)
	}
	return sqldb.Done{Rows: tag.RowsAffected()}, err
}

// Text answers the first column of the first row.
func (c *conn) Text(ctx context.Context, sql string) (s string, err error) {
	_, err = c.once(ctx, sql, func(values [][]byte) error {
		if len(values) != 1 {
			return fmt.Errorf("%s answers with %d columns", sql, len(values))
		}
		s = string(values[0])
		return nil
	})
	return s, err
}

// errRolledBack: PostgreSQL answers the COMMIT of a transaction that has failed by rolling it back.
var errRolledBack = errors.New("the server rolled the transaction back")

func (c *conn) Commit(ctx context.Context) error {
	tag, err := c.run(ctx, commit, nil, c.row)
	c.inTx = c.inTx && c.wire.status != idle // the server may have refused, and waits for a ROLLBACK
	if err == nil && tag.String() != commit {
		return errRolledBack
	}
	return err
}

// committing is a connection that sends a transaction's last statement and its COMMIT in one round trip.
type committing struct{ conn }

// ExecCommit runs a statement, and commits. If the statement fails, the server skips the COMMIT.
func (c *committing) ExecCommit(ctx context.Context, sql string, args ...any) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	c.wire.execute(sql, args, true)
	c.wire.execute(commit, nil, true)
	tag, err := c.wire.sync(ctx, c.row)
	if err == nil && tag.String() != commit {
		return errRolledBack
	}
	return err
}

func (c *conn) ID() int64 { return c.id }

func (c *conn) Waited() time.Duration { return 0 }

func (c *conn) Dead() bool { return c.wire.dead }

func (c *conn) Close() error { return c.wire.close() }

// errorCode is the SQLSTATE that the server answered with; empty if it did not answer.
func errorCode(err error) string {
	var e interface{ SQLState() string } // pgx's and lib/pq's
	if errors.As(err, &e) {
		return e.SQLState()
	}
	return ""
}
