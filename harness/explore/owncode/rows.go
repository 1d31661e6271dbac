package owncode

import (
	"database/sql/driver"
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// executed notes what a statement without rows did.
func (s *Statement) executed(result driver.Result, err error) (driver.Result, error) {
	if err != nil {
		return result, err
	}
	got := ""
	if n, err := result.RowsAffected(); err == nil {
		got = count(n)
	}
	s.Answered(got, nil)
	return result, nil
}

// count is a number of rows in words.
func count(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return strconv.FormatInt(n, 10) + " rows"
}

// reading notes the rows of a statement while they are read.
func (c *conn) reading(s *Statement, inner driver.Rows, err error) (driver.Rows, error) {
	if err != nil {
		return inner, err
	}
	return &rows{Rows: inner, conn: c, statement: s}, nil
}

// rows notes what is read. It offers all that rows may offer; where the driver's do not, it answers as database/sql would.
type rows struct {
	driver.Rows
	conn      *conn
	statement *Statement
	shown     []string
	read      int64
}

// shownRows is how many rows of an answer are kept to be shown.
const shownRows = 3

// Next reads a row.
func (r *rows) Next(dest []driver.Value) error {
	if r.conn.wasCut() {
		return driver.ErrBadConn
	}
	err := r.Rows.Next(dest)
	switch {
	case errors.Is(err, io.EOF):
		r.statement.Answered(r.seen(), nil)
	case err != nil:
		r.statement.Answered("", err)
	default:
		if r.read++; r.read <= shownRows {
			r.shown = append(r.shown, rowText(dest))
		}
	}
	return err
}

// Close ends the reading.
func (r *rows) Close() error {
	if r.conn.wasCut() {
		return nil
	}
	err := r.Rows.Close()
	r.statement.Answered(r.seen(), err)
	return err
}

// noRow is the answer of a query that found nothing.
const noRow = "no row"

func (r *rows) seen() string {
	switch {
	case r.read == 0:
		return noRow
	case r.read > shownRows:
		return strings.Join(r.shown, " ") + " … " + count(r.read)
	}
	return strings.Join(r.shown, " ")
}

func rowText(values []driver.Value) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = Text(v)
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "(" + strings.Join(texts, ", ") + ")"
}

// HasNextResultSet reports whether there is another answer after this one.
func (r *rows) HasNextResultSet() bool {
	next, ok := r.Rows.(driver.RowsNextResultSet)
	return ok && next.HasNextResultSet()
}

// NextResultSet goes on to the next answer.
func (r *rows) NextResultSet() error {
	if next, ok := r.Rows.(driver.RowsNextResultSet); ok {
		return next.NextResultSet()
	}
	return io.EOF
}

// ColumnTypeScanType is the Go type of a column.
func (r *rows) ColumnTypeScanType(i int) reflect.Type {
	if c, ok := r.Rows.(driver.RowsColumnTypeScanType); ok {
		return c.ColumnTypeScanType(i)
	}
	return reflect.TypeFor[any]()
}

// ColumnTypeDatabaseTypeName is the database's name for a column's type.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string {
	if c, ok := r.Rows.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return c.ColumnTypeDatabaseTypeName(i)
	}
	return ""
}

// ColumnTypeLength is the length of a column of variable length.
func (r *rows) ColumnTypeLength(i int) (int64, bool) {
	if c, ok := r.Rows.(driver.RowsColumnTypeLength); ok {
		return c.ColumnTypeLength(i)
	}
	return 0, false
}

// ColumnTypeNullable says whether a column may be NULL.
func (r *rows) ColumnTypeNullable(i int) (nullable, ok bool) {
	if c, ok := r.Rows.(driver.RowsColumnTypeNullable); ok {
		return c.ColumnTypeNullable(i)
	}
	return false, false
}

// ColumnTypePrecisionScale is the precision and scale of a decimal column.
func (r *rows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	if c, ok := r.Rows.(driver.RowsColumnTypePrecisionScale); ok {
		return c.ColumnTypePrecisionScale(i)
	}
	return 0, 0, false
}
