package owncode

import (
	"context"
	"database/sql/driver"
	"errors"
)

// stmt announces a prepared statement whenever it runs.
type stmt struct {
	driver.Stmt
	conn *conn
	sql  string
}

// convertingStmt is one whose driver converts arguments column by column.
type convertingStmt struct {
	*stmt
	columnConverter
}

// ExecContext announces and runs the statement.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	var result driver.Result
	told, err := s.conn.run(ctx, s.conn.point(s.sql), s.sql, args, func() (err error) {
		if e, ok := s.Stmt.(driver.StmtExecContext); ok {
			result, err = e.ExecContext(ctx, args)
			return err
		}
		values, err := ordinal(ctx, args)
		if err == nil {
			result, err = oldStmt(s.Stmt).Exec(values)
		}
		return err
	})
	return told.executed(result, err)
}

// QueryContext announces and runs the statement, which has rows.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	var answer driver.Rows
	told, err := s.conn.run(ctx, s.conn.point(s.sql), s.sql, args, func() (err error) {
		if q, ok := s.Stmt.(driver.StmtQueryContext); ok {
			answer, err = q.QueryContext(ctx, args)
			return err
		}
		values, err := ordinal(ctx, args)
		if err == nil {
			answer, err = oldStmt(s.Stmt).Query(values)
		}
		return err
	})
	return s.conn.reading(told, answer, err)
}

// Close closes the statement, unless its connection took it along.
func (s *stmt) Close() error {
	if s.conn.wasCut() {
		return nil
	}
	return s.Stmt.Close()
}

// CheckNamedValue leaves to database/sql what the driver does not check itself.
func (s *stmt) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := s.Stmt.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return s.conn.CheckNamedValue(v)
}

// ordinal is arguments for drivers that know no names, as database/sql has it.
func ordinal(ctx context.Context, args []driver.NamedValue) ([]driver.Value, error) {
	values := make([]driver.Value, len(args))
	for i, a := range args {
		if a.Name != "" {
			return nil, errors.New("sql: driver does not support the use of Named Parameters")
		}
		values[i] = a.Value
	}
	return values, ctx.Err()
}

// plain is arguments to be shown.
func plain(args []driver.NamedValue) []any {
	values := make([]any, len(args))
	for i, a := range args {
		values[i] = a.Value
	}
	return values
}
