package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// Std is a Conn over database/sql: one connection of a driver, with every statement prepared once.
type Std struct {
	db    *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	id    int64
	dead  bool
	// broken: the driver has panicked on it.
	broken bool

	// Line, if set, is where connections outside a transaction wait for the engine's single write lock.
	Line *Line
	// blocked, if set, is called instead of waiting in Line.
	blocked func(context.Context) error
	// Lost reports that an error means the end of the connection.
	Lost func(error) bool
	// Abort, if set, cuts the connection off. Contexts are then watched here: database/sql and a driver that do so themselves
	// pay for it with goroutines for every statement.
	Abort  func()
	waited time.Duration
	inTx   bool
	// touched: the transaction under way has read or written something.
	touched bool

	dest []any
	row  []column
	rows []int64
	list texts
}

// OpenStd takes a connection from db, which must allow as many as are opened, and asks it for its ID with idQuery (empty: 0).
func OpenStd(ctx context.Context, db *sql.DB, idQuery string, lost func(error) bool) (*Std, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &Std{db: db, conn: conn, stmts: map[string]*sql.Stmt{}, Lost: lost}
	if idQuery != "" {
		got, err := c.Query(ctx, idQuery)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("ask for the connection's ID: %w", err), c.Close())
		}
		if len(got) != 1 {
			return nil, errors.Join(fmt.Errorf("ask for the connection's ID: the server answers with %d numbers", len(got)), c.Close())
		}
		c.id = got[0]
	}
	return c, nil
}

// prepared is the statement for a text.
func (c *Std) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	if s := c.stmts[text]; s != nil {
		return s, nil
	}
	s, err := c.conn.PrepareContext(ctx, text)
	if err == nil {
		c.stmts[text] = s
	}
	return s, err
}

// Query answers a statement's rows.
func (c *Std) Query(ctx context.Context, text string, args ...any) ([]int64, error) {
	err := c.ask(ctx, text, args, c.scanRow)
	return c.rows, err
}

// List answers the numbers in a statement's texts.
func (c *Std) List(ctx context.Context, text string, args ...any) ([]int64, error) {
	err := c.ask(ctx, text, args, func(rows *sql.Rows, _ int) error { return rows.Scan(&c.list) })
	return c.list, err
}

// ask runs a statement, and hands each of its rows to scan, with the number of its columns.
func (c *Std) ask(ctx context.Context, text string, args []any, scan func(*sql.Rows, int) error) error {
	err := c.watched(ctx, func(ctx context.Context) error {
		return c.patiently(ctx, text, func() error { return c.query(ctx, text, args, scan) })
	})
	c.ran(text, err)
	return c.note(err)
}

func (c *Std) query(ctx context.Context, text string, args []any, scan func(*sql.Rows, int) error) (err error) {
	c.rows, c.list = c.rows[:0], c.list[:0]
	s, err := c.prepared(ctx, text) //nolint:sqlclosecheck // kept for the next call; it goes with the connection
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := scan(rows, len(columns)); err != nil {
			return err
		}
	}
	return rows.Err()
}

// scanRow takes in a row of integers.
func (c *Std) scanRow(rows *sql.Rows, columns int) error {
	if len(c.row) != columns {
		c.dest, c.row = c.dest[:0], make([]column, columns)
		for i := range c.row {
			c.dest = append(c.dest, &c.row[i])
		}
	}
	if err := rows.Scan(c.dest...); err != nil {
		return err
	}
	for _, v := range c.row {
		c.rows = append(c.rows, int64(v))
	}
	return nil
}

// texts takes in texts of integers with commas between them.
type texts []int64

// Scan implements sql.Scanner.
func (l *texts) Scan(from any) (err error) {
	switch v := from.(type) {
	case string:
		*l, err = AppendList(*l, []byte(v))
	case []byte:
		*l, err = AppendList(*l, v)
	default:
		return fmt.Errorf("a column is %T, not a text", from)
	}
	return err
}

// column takes in an integer without the detour by text and reflection that database/sql takes.
type column int64

// Scan implements sql.Scanner.
func (c *column) Scan(from any) (err error) {
	var n int64
	switch v := from.(type) {
	case int64:
		n = v
	case []byte: // a server's text, or its DECIMAL
		n, err = strconv.ParseInt(string(v), 10, 64)
	default:
		return fmt.Errorf("a column is %T, not an integer", from)
	}
	*c = column(n)
	return err
}

// Exec runs a statement without arguments as plain text, any other prepared.
func (c *Std) Exec(ctx context.Context, text string, args ...any) (Done, error) {
	var done Done
	err := c.watched(ctx, func(ctx context.Context) error {
		return c.patiently(ctx, text, func() (err error) {
			done, err = c.exec(ctx, text, args)
			return err
		})
	})
	c.ran(text, err)
	return done, c.note(err)
}

func (c *Std) exec(ctx context.Context, text string, args []any) (done Done, err error) {
	var res sql.Result
	if len(args) == 0 {
		res, err = c.conn.ExecContext(ctx, text)
	} else {
		var s *sql.Stmt
		s, err = c.prepared(ctx, text) //nolint:sqlclosecheck // as above
		if err == nil {
			res, err = s.ExecContext(ctx, args...)
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

// watched runs do, and cuts the connection off where ctx ends before.
func (c *Std) watched(ctx context.Context, do func(context.Context) error) error {
	if c.Abort == nil {
		return do(ctx)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, c.Abort)
	err := c.contained(context.WithoutCancel(ctx), do)
	if !stop() {
		c.dead = true
		if err != nil {
			err = errors.Join(ctx.Err(), err)
		}
	}
	return err
}

// contained runs do, and answers a panic of the driver, which trusts what a server sends, as an error. The driver keeps locks then that
// nobody will free: the connection is left alone from here on.
func (c *Std) contained(ctx context.Context, do func(context.Context) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			c.dead, c.broken = true, true
			c.Abort()
			err = fmt.Errorf("the server's answer makes no sense (%v): %w", v, driver.ErrBadConn)
		}
	}()
	return do(ctx)
}

// Text answers the first column of the first row.
func (c *Std) Text(ctx context.Context, text string) (s string, err error) {
	err = c.watched(ctx, func(ctx context.Context) error { return c.conn.QueryRowContext(ctx, text).Scan(&s) })
	return s, c.note(err)
}

// Commit commits the transaction.
func (c *Std) Commit(ctx context.Context) error {
	_, err := c.Exec(ctx, "COMMIT")
	return err
}

// patiently runs do, which may take the engine's write lock: in line, where waiting can help. A transaction that has read
// cannot wait: what it read may be old by the time the lock is free.
func (c *Std) patiently(ctx context.Context, text string, do func() error) error {
	if c.Line == nil || c.inTx && c.touched || !takesWriteLock(text) {
		return do()
	}
	if c.blocked != nil {
		return c.stepped(ctx, do)
	}
	from := time.Now()
	waited, err := c.Line.do(ctx, do)
	if waited {
		c.waited += time.Since(from)
	}
	return err
}

// OnBlocked has the connection call blocked before it tries once more for a lock that was taken; nil: it waits in line.
func (c *Std) OnBlocked(blocked func(context.Context) error) { c.blocked = blocked }

func (c *Std) stepped(ctx context.Context, do func() error) error {
	for {
		err := do()
		if !c.Line.Busy(err) {
			return err
		}
		if blocked := c.blocked(ctx); errors.Is(blocked, harness.ErrExpired) {
			return err
		} else if blocked != nil {
			return blocked
		}
	}
}

// takesWriteLock goes by the statement's first word.
func takesWriteLock(text string) bool {
	return !strings.HasPrefix(text, "SELECT") && text != "BEGIN" && text != "COMMIT" && text != "ROLLBACK"
}

// ran keeps track of the transaction, and lets the next in line try after a statement that may have released the write lock.
func (c *Std) ran(text string, err error) {
	switch {
	case text == "ROLLBACK", text == "COMMIT" && err == nil:
		c.inTx = false
	case err == nil && (strings.HasPrefix(text, "BEGIN") || strings.HasPrefix(text, "START")):
		c.inTx, c.touched = true, text == "BEGIN IMMEDIATE"
		return
	case c.inTx:
		c.touched = c.touched || err == nil
	}
	if c.Line != nil && !c.inTx && !strings.HasPrefix(text, "SELECT") {
		c.Line.next()
	}
}

// note remembers that the connection died.
func (c *Std) note(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || c.Lost(err) {
		c.dead = true
	}
	return err
}

// ID is the server's number for the session.
func (c *Std) ID() int64 { return c.id }

// Waited is the time spent waiting for the write lock since the last call.
func (c *Std) Waited() time.Duration {
	w := c.waited
	c.waited = 0
	return w
}

// Dead reports whether the connection is lost.
func (c *Std) Dead() bool { return c.dead }

// Close closes the connection itself: it does not go back to db.
func (c *Std) Close() error {
	c.dead = true
	if c.broken {
		return c.db.Close()
	}
	if c.Abort != nil {
		defer c.db.Close() //nolint:errcheck // it has no other connection
	}
	// Raw's function answering ErrBadConn makes database/sql close the driver's connection.
	err := c.conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}
