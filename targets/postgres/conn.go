package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/targets/sqldb"
)

// conn is a sqldb.Conn on pgx itself: statements are prepared once a connection, by pgx.
type conn struct {
	c    *pgx.Conn
	dest []any
	row  []int64
	rows []int64
}

func (c *conn) Query(ctx context.Context, sql string, args ...any) ([]int64, error) {
	c.rows = c.rows[:0]
	rows, err := c.c.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	n := len(rows.FieldDescriptions())
	if n > len(c.row) {
		c.row = make([]int64, n)
		c.dest = c.dest[:0]
		for i := range c.row {
			c.dest = append(c.dest, &c.row[i])
		}
	}
	for rows.Next() {
		if err := rows.Scan(c.dest[:n]...); err != nil {
			return nil, err
		}
		c.rows = append(c.rows, c.row[:n]...)
	}
	return c.rows, rows.Err()
}

func (c *conn) Exec(ctx context.Context, sql string, args ...any) (sqldb.Done, error) {
	tag, err := c.c.Exec(ctx, sql, args...)
	return sqldb.Done{Rows: tag.RowsAffected()}, err
}

func (c *conn) Text(ctx context.Context, sql string) (string, error) {
	var s string
	return s, c.c.QueryRow(ctx, sql).Scan(&s)
}

// errRolledBack: PostgreSQL answers the COMMIT of a transaction that has failed by rolling it back.
var errRolledBack = errors.New("the server rolled the transaction back")

func (c *conn) Commit(ctx context.Context) error {
	tag, err := c.c.Exec(ctx, "COMMIT")
	if err == nil && tag.String() != "COMMIT" {
		return errRolledBack
	}
	return err
}

func (c *conn) ID() int64 { return int64(c.c.PgConn().PID()) }

func (c *conn) Waited() time.Duration { return 0 }

func (c *conn) Dead() bool { return c.c.IsClosed() }

const closeTimeout = time.Second

func (c *conn) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	return c.c.Close(ctx)
}

// errorCode is the SQLSTATE that the server answered with; empty if it did not answer.
func errorCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
