package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// pgxConn is a sqldb.Conn on pgx as programs use it: its statement cache, its watching of contexts, its scanning.
type pgxConn struct {
	pgx    *pgx.Conn
	got    []int64
	remark string // of a commit that waited for a standby in vain; empty: none did
}

func (c *pgxConn) notice(_ *pgconn.PgConn, n *pgconn.Notice) {
	if n.Routine == givesUp {
		c.remark = n.Message
	}
}

// replicated is a statement's error, or what the server remarked of its commit.
func (c *pgxConn) replicated(err error) error {
	if remark := c.remark; remark != "" && err == nil {
		c.remark = ""
		return &unreplicatedError{remark}
	}
	return err
}

// Query answers a statement's rows.
func (c *pgxConn) Query(ctx context.Context, sql string, args ...any) ([]int64, error) {
	return c.each(ctx, sql, args, func(rows pgx.Rows) error {
		into := make([]any, len(rows.FieldDescriptions()))
		for i := range into {
			into[i] = new(int64)
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for _, v := range into {
			c.got = append(c.got, *v.(*int64))
		}
		return nil
	})
}

// each hands each row of a statement to take, which puts its numbers into c.got.
func (c *pgxConn) each(ctx context.Context, sql string, args []any, take func(rows pgx.Rows) error) ([]int64, error) {
	c.got = c.got[:0]
	rows, err := c.pgx.Query(ctx, sql, asTexts(args)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows); err != nil {
			return nil, err
		}
	}
	return c.got, c.replicated(rows.Err())
}

// asTexts are arguments as texts, which pgx hands on for a parameter of any type.
func asTexts(args []any) []any {
	all := make([]any, len(args))
	for i, a := range args {
		if n, ok := a.(int64); ok {
			all[i] = strconv.FormatInt(n, 10)
		} else {
			all[i] = fmt.Sprint(a)
		}
	}
	return all
}

// List answers the numbers in a statement's texts.
func (c *pgxConn) List(ctx context.Context, sql string, args ...any) ([]int64, error) {
	return c.each(ctx, sql, args, func(rows pgx.Rows) error {
		var list string
		err := rows.Scan(&list)
		if err == nil {
			c.got, err = sqldb.AppendList(c.got, []byte(list))
		}
		return err
	})
}

// Exec runs a statement without rows.
func (c *pgxConn) Exec(ctx context.Context, sql string, args ...any) (sqldb.Done, error) {
	tag, err := c.pgx.Exec(ctx, sql, asTexts(args)...)
	return sqldb.Done{Rows: tag.RowsAffected()}, c.replicated(err)
}

// Show runs any statement as plain text.
func (c *pgxConn) Show(ctx context.Context, sql string) (reply store.Reply, err error) {
	rows, err := c.pgx.Query(ctx, sql, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return reply, err
	}
	defer rows.Close()
	for rows.Next() {
		var row []string
		for _, v := range rows.RawValues() {
			cell := "NULL"
			if v != nil {
				cell = string(v)
			}
			row = append(row, cell)
		}
		reply.Rows = append(reply.Rows, row)
	}
	tag := rows.CommandTag()
	if !tag.Select() {
		reply.Affected = tag.RowsAffected()
	}
	if err = rows.Err(); err == nil && strings.EqualFold(sql, commit) {
		err = committed(tag)
	}
	return reply, err
}

// Text answers the first column of the first row.
func (c *pgxConn) Text(ctx context.Context, sql string) (s string, err error) {
	err = c.pgx.QueryRow(ctx, sql, pgx.QueryExecModeSimpleProtocol).Scan(&s)
	return s, err
}

// Commit fails where the server answers by rolling back.
func (c *pgxConn) Commit(ctx context.Context) error {
	tag, err := c.pgx.Exec(ctx, commit)
	if err != nil {
		return err
	}
	return c.replicated(committed(tag))
}

func committed(tag pgconn.CommandTag) error {
	if tag.String() != commit {
		return errRolledBack
	}
	return nil
}

// ID is the server's number for the session.
func (c *pgxConn) ID() int64 { return int64(c.pgx.PgConn().PID()) }

// Waited is 0: the connection cannot tell.
func (c *pgxConn) Waited() time.Duration { return 0 }

// Dead reports whether the connection is lost.
func (c *pgxConn) Dead() bool { return c.pgx.IsClosed() }

// Close says goodbye.
func (c *pgxConn) Close() error {
	if c.pgx.IsClosed() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), cancelTimeout)
	defer cancel()
	return c.pgx.Close(ctx)
}
