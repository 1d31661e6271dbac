package app

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness/trace"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/record"
	"github.com/lastseat/lastseat/targets/app/statement"
	"github.com/lastseat/lastseat/targets/wire"
)

const (
	// idle is how long a connection does nothing between statements outside transactions that belong to different operations.
	idle = 100 * time.Millisecond
	// longestRun is how many such statements can belong to one operation.
	longestRun = 32
	// mostPaired are how many operations of a recording are looked at two by two: the most frequent ones.
	mostPaired = 60
)

// TraceRecording says what a program in use does, and what of it could race, from a file with a recording of it.
func TraceRecording(engines []database.Engine, file string) ([]trace.Report, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("trace: %w", err)
	}
	r, err := traceRecording(engines, file, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return []trace.Report{*r}, nil
}

func traceRecording(engines []database.Engine, file string, from io.Reader) (*trace.Report, error) {
	rec, err := record.Read(from)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	engine, _, err := find(engines, rec.Header.Engine)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", file, err)
	case len(rec.Lines) == 0:
		return nil, fmt.Errorf("%s holds no statement: use the program while lastseat proxy --record records it", file)
	case len(rec.Catalog.Tables) == 0:
		return nil, fmt.Errorf("%s does not say which tables there are: end lastseat proxy by Ctrl-C, when the program has made them", file)
	}
	r := &trace.Report{
		File: file, Recording: true, Server: rec.Header.Server, Engine: engine.Name, Level: rec.Header.Level, Statements: len(rec.Lines),
		Notes: []string{
			fmt.Sprintf("An operation is a transaction here, or a run of statements outside transactions that came on one connection within %v of each other: which belong to one request, a recording does not show.", idle),
		},
	}
	u := &units{reader: statement.NewReader(engine.Protocol, rec.Catalog), header: &rec.Header, counted: map[string]*trace.Operation{}}
	u.divide(rec.Lines)
	r.Operations = u.operations()
	paired := r.Operations
	if len(paired) > mostPaired {
		paired = paired[:mostPaired]
		r.Notes = append(r.Notes, fmt.Sprintf("Of %d operations, the %d most frequent are looked at two by two.", len(r.Operations), mostPaired))
	}
	r.Pairs = trace.Pairs(paired, levelsOf(engine))
	r.Notes = append(r.Notes, notesOf(rec.Catalog, r.Operations)...)
	if u.schema > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("Left out: transactions that make or change tables (%d).", u.schema))
	}
	if rec.Cut {
		r.Notes = append(r.Notes, "The recording is cut off in its last line: it was read up to there.")
	}
	return r, nil
}

// units are the operations of a recording.
type units struct {
	reader  *statement.Reader
	header  *record.Line
	counted map[string]*trace.Operation // by what they do
	schema  int
}

// divide divides the lines of each connection.
func (u *units) divide(lines []record.Line) {
	of := map[int][]*record.Line{}
	for i := range lines {
		of[lines[i].Connection] = append(of[lines[i].Connection], &lines[i])
	}
	for _, number := range slices.Sorted(maps.Keys(of)) {
		lines := of[number]
		conn := &traced{level: u.header.Level}
		var unit []*record.Line
		for i, l := range lines {
			if i > 0 && u.apart(unit, lines[i-1], l) {
				u.count(conn, unit)
				unit = nil
			}
			unit = append(unit, l)
		}
		u.count(conn, unit)
	}
}

// apart reports whether a line begins another operation than that of the lines before it.
func (u *units) apart(unit []*record.Line, before, l *record.Line) bool {
	outside := wire.Idle.String()
	switch {
	case before.Kind == record.Reset || l.Kind == record.Reset && before.State == outside:
		return true
	case before.State != outside:
		return false
	case before.Inside, l.State != outside: // a transaction is over, or begins
		return true
	}
	ended := before.Time.Add(time.Duration(before.Took * float64(time.Millisecond)))
	return l.Time.Sub(ended) > idle || len(unit) >= longestRun
}

// count counts an operation, by what it does.
func (u *units) count(conn *traced, lines []*record.Line) {
	t := newTracer(u.reader, u.header.Level)
	for _, l := range lines {
		t.conns[l.Connection] = conn
		if l.Kind == record.Reset {
			t.reset(l.Connection)
			*conn = traced{level: u.header.Level}
			continue
		}
		t.statement(&uttered{
			connection: l.Connection, request: &wire.Request{Kind: wire.Query, SQL: l.SQL, Cut: l.Cut}, inside: l.Inside, after: l.State != wire.Idle.String(),
			lost: l.Lost, failed: l.Error, broken: l.State == wire.Failed.String(),
		})
	}
	o := t.operation("")
	if t.schema {
		u.schema++
		return
	}
	all := make([]string, len(o.Transactions))
	for i := range o.Transactions {
		all[i] = shapeOf(&o.Transactions[i])
	}
	n := period(all)
	if n == 0 {
		return
	}
	key := strings.Join(all[:n], "\n")
	if u.counted[key] == nil {
		o.Transactions = o.Transactions[:n]
		u.counted[key] = o
	}
	u.counted[key].Seen += len(all) / n
}

// shapeOf is what a transaction does, as a text.
func shapeOf(t *trace.Transaction) string {
	text := fmt.Sprint(t.Autocommitted, t.RolledBack, t.Level)
	for i := range t.Statements {
		text += "\n" + t.Statements[i].SQL
	}
	return text
}

// period is how many of the first come again and again: a connection that is never idle does the same several times over.
func period(all []string) int {
	for n := 1; n < len(all); n++ {
		if len(all)%n == 0 && slices.Equal(all[n:], all[:len(all)-n]) {
			return n
		}
	}
	return len(all)
}

// operations are those that were counted, the most frequent first.
func (u *units) operations() []trace.Operation {
	all := []trace.Operation{}
	for _, key := range slices.Sorted(maps.Keys(u.counted)) {
		all = append(all, *u.counted[key])
	}
	slices.SortStableFunc(all, func(a, b trace.Operation) int { return cmp.Compare(b.Seen, a.Seen) })
	for i := range all {
		all[i].Name = fmt.Sprintf("#%d", i+1)
	}
	return all
}
