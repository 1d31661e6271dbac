package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// take is a sqldb.Conn that answers with made-up numbers, notes the statements that arrive, and finds out what the numbers
// in their arguments mean.
type take struct {
	statements []statement
	value      map[int]string // by cell: the quantity that is its value, where it was read

	known   []quantity
	version map[int]quantity // by cell, where it was read
	refuse  bool             // answers forbid the operation
	rand    *rand.Rand
}

type quantity struct {
	name   string
	number int64
}

// statement is a text, what each of its arguments can mean (the simplest first), and the columns of the row that it answers.
type statement struct {
	sql     string
	args    [][]expr
	columns []string
}

// expr is a first quantity, plus or minus a second one, plus a number; each may be missing.
type expr struct {
	first, second string
	minus         bool // the second is subtracted; without a second, the first is
	plus          int64
}

func newTake(op *harness.Op, refuse bool) *take {
	t := &take{
		refuse: refuse, rand: rand.New(rand.NewPCG(uint64(op.ID), 7)),
		value: map[int]string{}, version: map[int]quantity{},
	}
	t.known = []quantity{{"op", op.ID}, {"amount", amount(op)}}
	for i, c := range sorted(op) {
		t.known = append(t.known, quantity{fmt.Sprintf("c%d", i), int64(c)})
	}
	return t
}

// far is more than a number may differ from a quantity to be called that quantity plus or minus a number.
const far = 2

// meanings is all that n can mean, the simplest first.
func (t *take) meanings(n int64) []expr {
	found := []expr{{plus: n}}
	for _, q := range t.known {
		if d := n - q.number; d > -far && d < far {
			found = append(found, expr{first: q.name, plus: d})
		}
	}
	for i, q := range t.known {
		if n == -q.number {
			found = append(found, expr{first: q.name, minus: true})
		}
		for _, p := range t.known[:i] {
			if n == q.number-p.number {
				found = append(found, expr{first: q.name, second: p.name, minus: true})
			}
			if n == q.number+p.number {
				found = append(found, expr{first: q.name, second: p.name})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b expr) int { return a.weight() - b.weight() })
	return found
}

func (e *expr) weight() int {
	w := 0
	for _, more := range []bool{e.first != "", e.second != "", e.first != "" && e.plus != 0} {
		if more {
			w++
		}
	}
	return w
}

// agree keeps only the meanings that fit o too.
func (t *take) agree(o *take) error {
	if len(t.statements) != len(o.statements) {
		return fmt.Errorf("%d statements at one time, %d at another", len(t.statements), len(o.statements))
	}
	for i := range t.statements {
		a, b := &t.statements[i], &o.statements[i]
		if a.sql != b.sql {
			return fmt.Errorf("%q at one time, %q at another", a.sql, b.sql)
		}
		for j := range a.args {
			a.args[j] = slices.DeleteFunc(a.args[j], func(e expr) bool { return !slices.Contains(b.args[j], e) })
			if len(a.args[j]) == 0 {
				return fmt.Errorf("argument %d of %q is nothing that a script can know", j+1, a.sql)
			}
		}
	}
	return nil
}

var answers = regexp.MustCompile(`^SELECT (.*?) FROM | RETURNING (\w+)$`)

// note records a statement, and answers the place among the operation's cells of the one that it names first, or -1.
func (t *take) note(sql string, args []any) (cell int, err error) {
	s := statement{sql: sql}
	cell = -1
	for _, a := range args {
		n, ok := a.(int64)
		if !ok {
			return 0, fmt.Errorf("%q takes a %T", sql, a)
		}
		s.args = append(s.args, t.meanings(n))
		for _, q := range t.known {
			if i := 0; cell < 0 && n == q.number {
				if _, err := fmt.Sscanf(q.name, "c%d", &i); err == nil {
					cell = i
				}
			}
		}
	}
	if m := answers.FindStringSubmatch(sql); m != nil && len(args) > 0 {
		s.columns = strings.Split(m[1]+m[2], ", ")
	}
	t.statements = append(t.statements, s)
	return cell, nil
}

// List is for workloads that no script stands for.
func (t *take) List(context.Context, string, ...any) ([]int64, error) {
	return nil, fmt.Errorf("%w: it reads lists", errShape)
}

// Query answers one row of made-up numbers, or none to a statement that reads everything.
func (t *take) Query(_ context.Context, sql string, args ...any) ([]int64, error) {
	cell, err := t.note(sql, args)
	if err != nil {
		return nil, err
	}
	var row []int64
	n := len(t.statements) - 1
	for i, column := range t.statements[n].columns {
		q := quantity{fmt.Sprintf("a%d_%s", n, column), t.rand.Int64N(1<<44) + 1<<44}
		if i == 0 && column != "version" {
			t.value[cell] = q.name
			if t.refuse {
				q.number = 0
			}
		} else if column == "version" {
			t.version[cell] = q
		}
		t.known = append(t.known, q)
		row = append(row, q.number)
	}
	return row, nil
}

// Exec answers that a row was touched. Where the generated ID is the version, it is the one after the one that was read.
func (t *take) Exec(_ context.Context, sql string, args ...any) (sqldb.Done, error) {
	cell, err := t.note(sql, args)
	done := sqldb.Done{Rows: 1, Generated: t.rand.Int64()}
	if v, ok := t.version[cell]; ok {
		done.Generated = v.number + 1
	}
	return done, err
}

// Commit is a statement like the others.
func (t *take) Commit(context.Context) error {
	_, err := t.note("COMMIT", nil)
	return err
}

// Text answers what only connections that come from a server are asked.
func (t *take) Text(context.Context, string) (string, error) {
	return "", errors.New("a rehearsal has no server to ask")
}

// Show is asked no more than Text.
func (t *take) Show(context.Context, string) (store.Reply, error) {
	return store.Reply{}, errors.New("a rehearsal has no server to ask")
}

// ID, Waited, Dead and Close are of a connection that does nothing else than note.
func (t *take) ID() int64 { return 0 }

// Waited is nothing.
func (t *take) Waited() time.Duration { return 0 }

// Dead is never.
func (t *take) Dead() bool { return false }

// Close has nothing to close.
func (t *take) Close() error { return nil }
