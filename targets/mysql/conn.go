package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// conn is a sqldb.Conn on a connection of go-sql-driver itself. database/sql above it, and the goroutine that has the driver watch a
// context, cost as much a statement as the driver does. Statements that have arguments or answer rows are prepared once.
type conn struct {
	driver   driverConn
	cutoff   sqldb.Cutoff
	prepared map[string]*prepared
	id       int64
	dead     bool

	args, row []driver.Value
	got       []int64
}

// driverConn is what the driver's connections can.
type driverConn interface {
	driver.Conn
	driver.QueryerContext
	driver.ExecerContext
}

// driverStmt is what the driver's statements can. Without a context, their arguments need not be copied.
type driverStmt interface {
	Exec(args []driver.Value) (driver.Result, error)
	Query(args []driver.Value) (driver.Rows, error)
}

type prepared struct {
	driverStmt
	columns int // of its rows; 0: none have come
}

// newConn opens a connection, and asks it for its ID. network is the one that the connector has dialled.
func newConn(ctx context.Context, connector driver.Connector, network *net.Conn) (*conn, error) {
	opened, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	c := &conn{driver: opened.(driverConn), prepared: map[string]*prepared{}}
	c.cutoff.Cut = func() { _ = (*network).Close() } // what was on it is lost, and its reader says so
	got, err := c.Query(ctx, connectionID)
	if err == nil && len(got) != 1 {
		err = fmt.Errorf("the server answers with %d numbers", len(got))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("ask for the connection's ID: %w", err), c.Close())
	}
	c.id = got[0]
	return c, nil
}

// Watch has one watcher for all statements under ctx.
func (c *conn) Watch(ctx context.Context) { c.cutoff.Watch(ctx) }

// Unwatch ends that.
func (c *conn) Unwatch() { c.cutoff.Unwatch() }

func (c *conn) enter(ctx context.Context) error {
	if c.dead {
		return driver.ErrBadConn // nothing is sent
	}
	return c.cutoff.Enter(ctx)
}

// leave ends a statement: deferred, it answers a panic of the driver, which trusts what a server sends, as an error. After whatever is
// not the server's own answer, the connection is not used again.
func (c *conn) leave(ctx context.Context, err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("the server's answer makes no sense (%v): %w", v, mysqldriver.ErrInvalidConn)
	}
	if c.cutoff.Leave() {
		c.dead = true
		if *err != nil {
			*err = errors.Join(ctx.Err(), *err)
		}
	}
	if c.dead = c.dead || *err != nil && lost(*err); c.dead {
		c.cutoff.Cut() // the server ends the transaction with the connection
	}
}

// Query answers a statement's rows.
func (c *conn) Query(ctx context.Context, text string, args ...any) ([]int64, error) {
	err := c.ask(ctx, text, args, (*conn).numbers)
	return c.got, err
}

// List answers the numbers in a statement's texts.
func (c *conn) List(ctx context.Context, text string, args ...any) ([]int64, error) {
	err := c.ask(ctx, text, args, (*conn).lists)
	return c.got, err
}

// ask runs a statement prepared, and hands each of its rows to take.
func (c *conn) ask(ctx context.Context, text string, args []any, take func(*conn) error) (err error) {
	c.got = c.got[:0]
	if err := c.enter(ctx); err != nil {
		return err
	}
	defer c.leave(ctx, &err)
	s, values, err := c.statement(text, args)
	if err != nil {
		return err
	}
	rows, err := s.Query(values)
	if err != nil {
		return err
	}
	if s.columns == 0 {
		s.columns = len(rows.Columns())
	}
	if err := c.each(rows, s.columns, take); err != nil {
		return err
	}
	return rows.Close()
}

// each hands each row to take. It ends rows where it fails.
func (c *conn) each(rows driver.Rows, columns int, take func(*conn) error) error {
	c.row = slices.Grow(c.row[:0], columns)[:columns]
	for {
		err := rows.Next(c.row)
		if err == io.EOF { //nolint:errorlint // the interface asks for it as it is
			return nil
		}
		if err != nil {
			return err // the server's own, after which there are no more rows; or the connection's end
		}
		if err := take(c); err != nil {
			return errors.Join(err, rows.Close()) // the next statement's answer begins behind the other rows
		}
	}
}

// results runs statements as plain text, and hands each row of those that answer with some to take, with the number of the answer.
func (c *conn) results(text string, take func(c *conn, rows driver.Rows, n int) error) error {
	rows, err := c.driver.QueryContext(context.Background(), text, nil)
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		if err := c.each(rows, len(rows.Columns()), func(c *conn) error { return take(c, rows, n) }); err != nil {
			return err
		}
		err := rows.(driver.RowsNextResultSet).NextResultSet()
		if err == io.EOF { //nolint:errorlint // as above
			return rows.Close()
		}
		if err != nil {
			return err
		}
	}
}

// Batch asks queries and runs statements in one round trip.
func (c *conn) Batch(ctx context.Context, queries, statements []string) (answers [][]int64, err error) {
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	defer c.leave(ctx, &err)
	answers = make([][]int64, len(queries))
	text := strings.Join(slices.Concat(queries, statements), "; ")
	err = c.results(text, func(c *conn, _ driver.Rows, n int) error {
		if n >= len(answers) {
			return fmt.Errorf("%s answers with rows to a statement that has none", text)
		}
		c.got = c.got[:0]
		if err := c.numbers(); err != nil {
			return err
		}
		answers[n] = append(answers[n], c.got...)
		return nil
	})
	return answers, err
}

// numbers takes in a row of integers.
func (c *conn) numbers() error {
	for _, v := range c.row {
		switch v := v.(type) {
		case int64:
			c.got = append(c.got, v)
		case []byte: // DECIMAL
			n, err := strconv.ParseInt(string(v), 10, 64)
			if err != nil {
				return err
			}
			c.got = append(c.got, n)
		default:
			return fmt.Errorf("a column is %T, not an integer", v)
		}
	}
	return nil
}

// lists takes in a row of texts of integers with commas between them.
func (c *conn) lists() (err error) {
	for _, v := range c.row {
		text, ok := v.([]byte)
		if !ok {
			return fmt.Errorf("a column is %T, not a text", v)
		}
		if c.got, err = sqldb.AppendList(c.got, text); err != nil {
			return err
		}
	}
	return nil
}

// statement is a text prepared, and its arguments.
func (c *conn) statement(text string, args []any) (s *prepared, values []driver.Value, err error) {
	if s, err = c.prepare(text); err == nil {
		values, err = c.values(args)
	}
	return s, values, err
}

func (c *conn) prepare(text string) (*prepared, error) {
	if s := c.prepared[text]; s != nil {
		return s, nil
	}
	stmt, err := c.driver.Prepare(text)
	if err != nil {
		return nil, err
	}
	s := &prepared{driverStmt: stmt.(driverStmt)}
	c.prepared[text] = s
	return s, nil
}

// values are arguments as the driver takes them, until the next call.
func (c *conn) values(args []any) ([]driver.Value, error) {
	c.args = c.args[:0]
	for _, a := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, v)
	}
	return c.args, nil
}

// Exec runs a statement without arguments as plain text, any other prepared.
func (c *conn) Exec(ctx context.Context, text string, args ...any) (done sqldb.Done, err error) {
	if err := c.enter(ctx); err != nil {
		return done, err
	}
	defer c.leave(ctx, &err)
	return c.exec(text, args)
}

func (c *conn) exec(text string, args []any) (done sqldb.Done, err error) {
	var res driver.Result
	if len(args) == 0 {
		res, err = c.driver.ExecContext(context.Background(), text, nil)
	} else {
		var s *prepared
		var values []driver.Value
		if s, values, err = c.statement(text, args); err == nil {
			res, err = s.Exec(values)
		}
	}
	if err != nil {
		return done, err
	}
	if done.Rows, err = res.RowsAffected(); err != nil {
		return done, err
	}
	done.Generated, err = res.LastInsertId()
	return done, err
}

// Show runs any statement as plain text, or several with semicolons between them.
func (c *conn) Show(ctx context.Context, text string) (reply store.Reply, err error) {
	if err := c.enter(ctx); err != nil {
		return reply, err
	}
	defer c.leave(ctx, &err)
	if sqldb.AnswersRows(text) {
		reply.Rows, err = c.show(text)
		return reply, err
	}
	done, err := c.exec(text, nil)
	reply.Affected = done.Rows
	return reply, err
}

func (c *conn) show(text string) (all [][]string, err error) {
	err = c.results(text, func(c *conn, rows driver.Rows, _ int) error {
		types := rows.(driver.RowsColumnTypeDatabaseTypeName)
		row := make([]string, len(c.row))
		for i, v := range c.row {
			row[i] = store.Cell(v, types.ColumnTypeDatabaseTypeName(i))
		}
		all = append(all, row)
		return nil
	})
	return all, err
}

// Text answers the first column of the first row.
func (c *conn) Text(ctx context.Context, text string) (string, error) {
	reply, err := c.Show(ctx, text)
	if err == nil && (len(reply.Rows) == 0 || len(reply.Rows[0]) == 0) {
		err = fmt.Errorf("%s answers with nothing", text)
	}
	if err != nil {
		return "", err
	}
	return reply.Rows[0][0], nil
}

// Commit commits the transaction.
func (c *conn) Commit(ctx context.Context) error {
	_, err := c.Exec(ctx, "COMMIT")
	return err
}

// ID is the server's number for the session.
func (c *conn) ID() int64 { return c.id }

// Waited is 0: the connection cannot tell.
func (c *conn) Waited() time.Duration { return 0 }

// Dead reports whether the connection is lost.
func (c *conn) Dead() bool { return c.dead }

// Close closes the connection. That of one that is lost ends what the driver keeps for it.
func (c *conn) Close() error {
	lost := c.dead
	c.dead = true
	if err := c.driver.Close(); err != nil && !lost {
		return err
	}
	return nil
}
