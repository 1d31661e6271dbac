package app

import (
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/trace"
	"github.com/lastseat/lastseat/targets/app/statement"
	"github.com/lastseat/lastseat/targets/wire"
)

// tracer makes transactions of statements, in the order in which they were sent.
type tracer struct {
	reader *statement.Reader
	level  harness.Level // that sessions have unless they ask for another
	conns  map[int]*traced
	all    []*trace.Transaction
	sent   int
	schema bool // something changed tables or rights
}

// traced is a connection.
type traced struct {
	level, next harness.Level // of all its transactions, and of the next alone
	open        *trace.Transaction
	broken      bool // open can only be rolled back
}

// uttered is a statement with what is known of it.
type uttered struct {
	connection    int
	request       *wire.Request
	inside, after bool // a transaction, before it and after it
	lost          bool
	broken        bool   // after it the transaction can only be rolled back
	failed        string // the server's code
}

func newTracer(r *statement.Reader, level harness.Level) *tracer {
	return &tracer{reader: r, level: level, conns: map[int]*traced{}}
}

func (t *tracer) conn(number int) *traced {
	if t.conns[number] == nil {
		t.conns[number] = &traced{level: t.level}
	}
	return t.conns[number]
}

// reset takes in that a session was made as new.
func (t *tracer) reset(connection int) {
	if c := t.conns[connection]; c != nil && c.open != nil {
		c.open.RolledBack, c.open.Ends = true, t.sent
	}
	t.conns[connection] = nil
}

// statement takes in the next statement.
func (t *tracer) statement(u *uttered) {
	c := t.conn(u.connection)
	if !u.inside && c.open != nil {
		c.open = nil
	}
	t.sent++
	for _, d := range t.reader.Details(u.request, u.inside) {
		t.schema = t.schema || d.Schema
		c.ask(&d, u.inside || c.open != nil)
		s := t.entry(&d, u)
		if c.open == nil && (s != nil || d.Begins || u.after) {
			c.open = &trace.Transaction{Level: c.take(), Autocommitted: !d.Begins && !u.inside && !u.after}
			t.all = append(t.all, c.open)
		}
		if c.open == nil {
			continue
		}
		if s != nil {
			c.open.Statements = append(c.open.Statements, *s)
		}
		c.open.Ends = t.sent
		if d.Ends || c.open.Autocommitted {
			c.open.RolledBack = d.Back || c.broken || c.open.Autocommitted && u.failed != ""
			c.open = nil
		}
	}
	c.broken = u.broken
	if c.open != nil && !u.after {
		c.open.RolledBack = u.lost
		c.open = nil
	}
}

// ask takes in the level that a statement asks for.
func (c *traced) ask(d *statement.Detail, inside bool) {
	switch {
	case d.Level == "":
	case d.Session:
		c.level = d.Level
	case inside && c.open != nil:
		c.open.Level = d.Level
	default:
		c.next = d.Level
	}
}

// take is the level of a transaction that begins.
func (c *traced) take() harness.Level {
	level := c.level
	if c.next != "" {
		level, c.next = c.next, ""
	}
	return level
}

// entry is what a statement does, if it touches a table or takes a lock.
func (t *tracer) entry(d *statement.Detail, u *uttered) *trace.Statement {
	if len(d.Reads)+len(d.Writes)+len(d.Calls)+len(d.Tables) == 0 && !d.Code {
		return nil
	}
	s := &trace.Statement{
		Number: t.sent, SQL: t.reader.Shape(u.request.SQL), Reads: list(d.Reads), Writes: list(d.Writes), Reaches: d.Reaches, Locks: []trace.Lock{}, Adds: d.Adds, Keyed: d.Keyed, Row: d.Row, Checks: d.Checks,
		Inside: d.Inside, Error: u.failed,
	}
	if d.Code {
		s.Unseen = s.SQL
	}
	for _, table := range d.Of {
		s.Locks = append(s.Locks, trace.Lock{Kind: trace.LockKind(d.Rows), On: table})
	}
	for _, table := range d.Tables {
		s.Locks = append(s.Locks, trace.Lock{Kind: trace.Table, On: table})
	}
	for _, table := range d.Writes {
		s.Locks = append(s.Locks, trace.Lock{Kind: trace.Write, On: table})
	}
	for _, call := range d.Calls {
		s.Locks = append(s.Locks, named(call))
	}
	return s
}

// named is the lock that a function takes, or gives back.
func named(call string) trace.Lock {
	if strings.Contains(call, "unlock") || strings.HasPrefix(call, "release") {
		return trace.Lock{Kind: trace.Release, On: call}
	}
	return trace.Lock{
		Kind: trace.Advisory, On: strings.Replace(call, "_try", "", 1), Session: !strings.Contains(call, "xact"), Try: strings.Contains(call, "_try"),
		Shared: strings.HasSuffix(call, "shared"),
	}
}

// operation is what was taken in since the tracer was made, without transactions that touch nothing.
func (t *tracer) operation(name string) *trace.Operation {
	o := &trace.Operation{Name: name, Sent: t.sent, Transactions: []trace.Transaction{}}
	for _, one := range t.all {
		if len(one.Statements) > 0 {
			o.Transactions = append(o.Transactions, *one)
		}
	}
	return o
}

func writes(operations []trace.Operation, table string) bool {
	for i := range operations {
		for _, one := range operations[i].Transactions {
			if slices.ContainsFunc(one.Statements, func(s trace.Statement) bool { return slices.Contains(s.Writes, table) }) {
				return true
			}
		}
	}
	return false
}

// list is s, or an empty list.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
