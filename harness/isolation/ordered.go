package isolation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/explore/schedule"
)

// ordered is a schedule whose sessions are code of one's own.
type ordered struct {
	s          *schedule.Schedule
	product    string
	names      []string             // of the sessions that have statements, client by client
	invariants []schedule.Invariant // those for the product
	tables     []made               // in an order in which they can be emptied
	tried      bool                 // what the file asks for was, once
	fault      error                // they cannot be
}

// made is a table that the set-up makes.
type made struct {
	name string
	line int // of the file
	rows int // that it holds when the set-up is done
}

func newOrdered(s *schedule.Schedule, product string) *ordered {
	o := &ordered{s: s, product: product}
	for _, name := range s.Sessions {
		if len(o.steps(name)) > 0 {
			o.names = append(o.names, name)
		}
	}
	for _, i := range s.Invariants {
		if i.Only.Has(product) {
			o.invariants = append(o.invariants, i)
		}
	}
	return o
}

// steps are a session's, for the product.
func (o *ordered) steps(session string) (all []schedule.Step) {
	for _, st := range o.s.Steps {
		if st.Session == session && st.Only.Has(o.product) {
			all = append(all, st)
		}
	}
	return all
}

// setUp runs the file's set-up, and counts what its tables hold then: a reset has to come to the same.
func (o *ordered) setUp(ctx context.Context, db *sql.DB) error {
	for _, st := range o.s.Setup {
		if !st.Only.Has(o.product) {
			continue
		}
		if _, err := db.ExecContext(ctx, st.SQL); err != nil {
			return o.mistake(st.Line, "setup: %w", err)
		}
		if m := created.FindStringSubmatch(st.SQL); m != nil {
			o.tables = append(o.tables, made{name: m[1], line: st.Line})
		}
	}
	slices.Reverse(o.tables) // what refers to others is made after them
	return o.hold(ctx, db, func(t *made, rows int) error { t.rows = rows; return nil })
}

// hold counts the rows of each table that the set-up makes.
func (o *ordered) hold(ctx context.Context, db *sql.DB, take func(*made, int) error) error {
	for i := range o.tables {
		t, rows := &o.tables[i], 0
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM "+t.name).Scan(&rows); err != nil {
			return o.mistake(t.line, "setup: count the rows of table %s: %w", t.name, err)
		}
		if err := take(t, rows); err != nil {
			return err
		}
	}
	return nil
}

// created is a table's name in the statement that makes it. A word may stand before TABLE: TEMPORARY, UNLOGGED.
var created = regexp.MustCompile("(?i)^\\s*CREATE\\s+(?:\\w+\\s+)?TABLE\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?([\\w.\"`]+)")

// filling are the first words of statements that change what tables hold, and nothing else.
func filling() []string { return []string{"INSERT", "UPDATE", "DELETE", "REPLACE", "COPY", "WITH"} }

func fills(text string) bool {
	words := strings.Fields(text)
	return len(words) > 0 && slices.Contains(filling(), strings.ToUpper(words[0]))
}

// reset empties the tables, and fills them as the set-up does. Before any order is tried, it tries what the file asks for.
func (o *ordered) reset(ctx context.Context, db *sql.DB) error {
	if err := o.fill(ctx, db); err != nil || o.tried {
		return err
	}
	o.tried = true
	if err := o.hold(ctx, db, o.same); err != nil {
		return err
	}
	if err := errors.Join(o.check(ctx, db, nil), o.fault); err != nil {
		return o.mistake(0, "before anybody does anything: %w", err)
	}
	for _, name := range o.names {
		if _, err := perform(ctx, db, o.steps(name)); err != nil {
			return o.mistake(o.steps(name)[0].Line, "session %s is refused alone: %w", name, err)
		}
		if err := o.fill(ctx, db); err != nil {
			return err
		}
	}
	return nil
}

// same says where a reset leaves a table otherwise than the whole set-up does.
func (o *ordered) same(t *made, rows int) error {
	if rows == t.rows {
		return nil
	}
	plural := "s"
	if t.rows == 1 {
		plural = ""
	}
	return o.mistake(t.line, "setup: table %s holds %d row%s when the set-up is done, and %d when it is emptied and filled again for the next order; "+
		"only what begins with %s is run again: fill the table by such a statement", t.name, t.rows, plural, rows, strings.Join(filling(), ", "))
}

// mistake is one in the file.
func (o *ordered) mistake(line int, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	var inner *schedule.Error
	if errors.As(err, &inner) {
		return inner
	}
	return &schedule.Error{File: o.s.File, Line: line, What: err.Error(), Err: err}
}

// fill empties the tables, and runs what fills them.
func (o *ordered) fill(ctx context.Context, db *sql.DB) error {
	for _, table := range o.tables {
		if _, err := db.ExecContext(ctx, "DELETE FROM "+table.name); err != nil {
			return o.mistake(0, "empty table %s before the next order: %w", table.name, err)
		}
	}
	for _, st := range o.s.Setup {
		if st.Only.Has(o.product) && fills(st.SQL) {
			if _, err := db.ExecContext(ctx, st.SQL); err != nil {
				return o.mistake(st.Line, "setup: %w", err)
			}
		}
	}
	return nil
}

// check asks for the rows that break the invariants. That they cannot be asked for is a fault, and says nothing of the order.
func (o *ordered) check(ctx context.Context, db *sql.DB, _ []error) error {
	for _, i := range o.invariants {
		var rows [][]string
		found, err := db.QueryContext(ctx, i.SQL)
		if err == nil {
			rows, err = texts(found)
		}
		if err != nil {
			o.fault = o.mistake(i.Line, "invariants: %w", err)
			return nil
		}
		if len(rows) > 0 {
			name := i.Name
			if name == "" {
				name = strings.Join(strings.Fields(i.SQL), " ")
			}
			return fmt.Errorf("%s is broken: %s", name, schedule.FormatRows(rows))
		}
	}
	return nil
}
