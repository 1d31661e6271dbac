package sqldbtest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// script is what the connections of one server answer, and what was sent on them.
type script struct {
	dialect *sqldb.Dialect
	level   harness.Level
	value   int64 // of every cell at first
	grants  int   // how many UPDATEs their own guards allow

	changed map[string]int64 // what UPDATEs made of cells, by table and id

	log    []statement
	failAt int   // the statement of log that fails, from 0
	err    error // which it fails with; nil: none fails
	// fails says of other statements that they fail.
	fails func(sql string) error
}

// statement is one that was sent.
type statement struct {
	sql    string
	args   []any
	failed bool
}

func (s *statement) String() string {
	if len(s.args) == 0 {
		return s.sql
	}
	return fmt.Sprintf("%s  %v", s.sql, s.args)
}

// is reports whether the statement begins as another does, up to the first place for an argument.
func (s *statement) is(other string) bool {
	begin, _, _ := strings.Cut(other, "?")
	return begin != "" && strings.HasPrefix(s.sql, begin)
}

// writes reports whether the statement changes rows.
func (s *statement) writes() bool {
	word, _, _ := strings.Cut(s.sql, " ")
	return word == "UPDATE" || word == "INSERT" || word == "DELETE" || word == "WITH"
}

// conn is a connection to no server.
type conn struct {
	script *script
	dead   bool
	closed bool
}

var errClosed = errors.New("a statement on a connection that is closed or dead")

// send records a statement, and says what it fails with. An error that no server answers with takes the connection along.
func (c *conn) send(sql string, args []any) (*statement, error) {
	if c.Dead() {
		return nil, errClosed
	}
	s := c.script
	s.log = append(s.log, statement{sql: sql, args: args})
	sent := &s.log[len(s.log)-1]
	var err error
	if len(s.log)-1 == s.failAt {
		err = s.err
	}
	if err == nil && s.fails != nil {
		err = s.fails(sql)
	}
	sent.failed = err != nil
	if err != nil && s.dialect.Code(err) == "" {
		c.dead = true
	}
	return sent, err
}

const (
	oldVersion = 7 // of every cell
	newVersion = 8
)

func (c *conn) Query(_ context.Context, sql string, args ...any) ([]int64, error) {
	sent, err := c.send(sql, args)
	if err != nil {
		return nil, err
	}
	d := c.script.dialect
	switch {
	case sent.is(d.AdvisoryLock), sent.is(d.AdvisoryLate), sent.is(d.AdvisoryUnlock):
		return []int64{1}, nil
	case sent.writes():
		return c.script.write(sent), nil
	}
	return c.script.rows(sent), nil
}

// write carries out an UPDATE of one cell, and answers the version that it makes; nothing where its guard does not allow it.
func (s *script) write(sent *statement) []int64 {
	if strings.Contains(sent.sql, ">= ") {
		if s.grants == 0 {
			return nil
		}
		s.grants--
	}
	if m := change.FindStringSubmatch(sent.sql); m != nil {
		cell, value := cellOf(m[1], sent.args[1]), sent.args[0].(int64)
		if m[2] != "" {
			value += s.valueOf(cell)
		}
		s.changed[cell] = value
	}
	return []int64{newVersion}
}

// change is an UPDATE of a value, with its table: to what the first argument says, or by as much.
var change = regexp.MustCompile(`^UPDATE (\S+) SET (?:available|balance) = (\w+ \+ )?[?$]`)

func cellOf(table string, id any) string { return fmt.Sprint(table, " ", id) }

func (s *script) valueOf(cell string) int64 {
	if v, ok := s.changed[cell]; ok {
		return v
	}
	return s.value
}

// rows are those of a SELECT.
func (s *script) rows(sent *statement) []int64 {
	columns, from, _ := strings.Cut(strings.TrimPrefix(sent.sql, "SELECT "), " FROM ")
	table, _, _ := strings.Cut(from, " ")
	switch names := strings.Split(columns, ", "); {
	case columns == "COUNT(*)":
		return []int64{units - s.value}
	case columns == "slot":
		var taken []int64
		for i := range units - s.value {
			taken = append(taken, i)
		}
		return taken
	case len(names) == 2 && names[1] == "version":
		return []int64{s.valueOf(cellOf(table, sent.args[0])), oldVersion}
	case len(names) == 3:
		var all []int64
		for id := range int64(cells) {
			all = append(all, id, s.valueOf(cellOf(table, id)), oldVersion)
		}
		return all
	case len(names) == 2:
		var all []int64
		for _, id := range sent.args {
			all = append(all, id.(int64), s.value)
		}
		return all
	}
	return nil
}

func (c *conn) List(_ context.Context, sql string, args ...any) ([]int64, error) {
	_, err := c.send(sql, args)
	return nil, err
}

func (c *conn) Exec(_ context.Context, sql string, args ...any) (sqldb.Done, error) {
	sent, err := c.send(sql, args)
	if err != nil || !sent.writes() || len(c.script.write(sent)) == 0 {
		return sqldb.Done{}, err
	}
	return sqldb.Done{Rows: 1, Generated: newVersion}, nil
}

func (c *conn) Show(_ context.Context, sql string) (store.Reply, error) {
	_, err := c.send(sql, nil)
	return store.Reply{}, err
}

// Text answers what the level is asked by.
func (c *conn) Text(_ context.Context, sql string) (string, error) {
	_, err := c.send(sql, nil)
	return string(c.script.level), err
}

func (c *conn) Commit(context.Context) error {
	_, err := c.send("COMMIT", nil)
	return err
}

func (c *conn) ID() int64             { return 1 }
func (c *conn) Waited() time.Duration { return 0 }
func (c *conn) Dead() bool            { return c.dead || c.closed }

func (c *conn) Close() error {
	c.closed = true
	return nil
}
