package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/harness"
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
}

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

// run runs a prepared statement, behind the BEGIN that is kept back.
func (c *conn) run(ctx context.Context, sql string, args []any, row func(values [][]byte) error) (pgconn.CommandTag, error) {
	c.rows = c.rows[:0]
	if err := c.wire.usable(ctx); err != nil {
		return pgconn.CommandTag{}, err
	}
	if c.held {
		c.held = false
		c.wire.execute(begin, nil, true)
	}
	c.wire.execute(sql, args, true)
	return c.wire.sync(ctx, row)
}

// once runs a statement that is not worth preparing.
func (c *conn) once(ctx context.Context, sql string, row func(values [][]byte) error) (pgconn.CommandTag, error) {
	if err := c.wire.usable(ctx); err != nil {
		return pgconn.CommandTag{}, err
	}
	c.wire.execute(sql, nil, false)
	return c.wire.sync(ctx, row)
}

// Batch asks queries and runs statements in one round trip, and in one transaction.
func (c *conn) Batch(ctx context.Context, queries, statements []string) ([][]int64, error) {
	if err := c.wire.usable(ctx); err != nil {
		return nil, err
	}
	for _, sql := range slices.Concat(queries, statements) {
		c.wire.execute(sql, nil, true)
	}
	answers, n := make([][]int64, len(queries)), 0
	c.wire.ended = func() { n++ }
	defer func() { c.wire.ended = nil }()
	_, err := c.wire.sync(ctx, func(values [][]byte) error {
		c.rows = c.rows[:0]
		if err := c.row(values); err != nil || n >= len(answers) {
			return err
		}
		answers[n] = append(answers[n], c.rows...)
		return nil
	})
	return answers, err
}

// Show runs any statement as plain text.
func (c *conn) Show(ctx context.Context, sql string) (reply harness.Reply, err error) {
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
		c.held = true
		return sqldb.Done{}, c.wire.usable(ctx)
	case sql == rollback && c.held:
		c.held = false
		return sqldb.Done{}, nil
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
		s = string(values[0])
		return nil
	})
	return s, err
}

// errRolledBack: PostgreSQL answers the COMMIT of a transaction that has failed by rolling it back.
var errRolledBack = errors.New("the server rolled the transaction back")

func (c *conn) Commit(ctx context.Context) error {
	tag, err := c.run(ctx, commit, nil, c.row)
	if err == nil && tag.String() != commit {
		return errRolledBack
	}
	return err
}

func (c *conn) ID() int64 { return int64(c.wire.PID) }

func (c *conn) Waited() time.Duration { return 0 }

func (c *conn) Dead() bool { return c.wire.dead }

func (c *conn) Close() error { return c.wire.close() }

// errorCode is the SQLSTATE that the server answered with; empty if it did not answer.
func errorCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
