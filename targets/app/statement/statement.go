// Package statement says what a batch of SQL may do to others: nothing, read or write which tables, end a transaction. In go the
// requests of a batch and the database's catalog, out comes a Statement. In doubt it touches everything. Start at Reader.Read.
package statement

import (
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/wire"
)

// Statement is what a batch does.
type Statement struct {
	Passes     bool // it can matter to nobody, and is not held
	Step       explore.Step
	Reads      uint64 // tables by bits; all that are named
	Writes     uint64
	Locks      bool // rows that it reads
	SkipLocked bool
	Begins     bool
	Commits    bool
	Level      harness.Level // that it asks for; empty: none
	// Inside: what others do while it runs can matter to it, or nobody can tell.
	Inside bool
	// Stops: it is one statement, and all that it does before it writes to a table is to read.
	Stops bool
}

// Unseen reports whether nobody can tell which tables it touches: code does it inside the server, where several statements may run.
func (s *Statement) Unseen() bool { return s.Reads == explore.Everything }

// Reader reads statements of a program.
type Reader struct {
	protocol wire.Protocol
	names    map[string]uint64 // tables, in lower case
	related  map[string]uint64 // what a write reaches beside the table
	code     map[string]bool
	unique   map[string][][]string // columns of unique keys, in lower case
	apart    map[string]*apart     // tables of which one row can be told from the others
	called   map[string][]string   // tables as people write them, by their names alone
	reached  map[string][]string   // what a foreign key joins with them
}

// NewReader makes a reader for a catalog.
func NewReader(protocol wire.Protocol, c *database.Catalog) *Reader {
	r := &Reader{protocol: protocol, names: map[string]uint64{}, related: map[string]uint64{}, code: map[string]bool{}, unique: map[string][][]string{}, apart: apartOf(c), called: map[string][]string{}, reached: map[string][]string{}}
	bits := map[string]uint64{}
	for i, t := range c.Tables {
		bits[t.Name] = 1 << min(i, 63) // the last bit is all that come after
		r.names[strings.ToLower(t.Bare)] |= bits[t.Name]
	}
	for _, t := range c.Tables {
		name := strings.ToLower(t.Bare)
		r.called[name] = append(r.called[name], t.Name)
		r.reached[name] = append(r.reached[name], t.Related...)
		for _, other := range t.Related {
			r.related[name] |= bits[other]
		}
		if t.Triggers {
			r.related[name] = explore.Everything
		}
		for _, key := range t.Unique {
			columns := make([]string, len(key))
			for i, c := range key {
				columns[i] = strings.ToLower(c)
			}
			r.unique[name] = append(r.unique[name], columns)
		}
	}
	for _, name := range c.Code {
		r.code[strings.ToLower(name)] = true
	}
	return r
}

// Read says what the requests of a batch do, on a connection that is in a transaction or not.
func (r *Reader) Read(requests []*wire.Request, inside bool) Statement {
	all := Statement{Passes: true}
	for _, q := range requests {
		switch q.Kind {
		case wire.Query, wire.Execute:
			if q.Cut {
				all.add(unknown())
				continue
			}
			for _, words := range r.protocol.Words(q.SQL) {
				s := r.one(words, inside || all.Begins)
				s.Inside = r.inside(words, q.SQL, &s)
				s.Stops = s.Inside && r.stops(words, &s)
				s.Step.Row = r.row(q, &s)
				all.add(s)
				inside = (inside || s.Begins) && !s.Step.Ends
			}
		case wire.ChangeUser, wire.Reset: // they roll back, and give back locks; pools do so whenever a connection is given back
			if inside || all.Begins {
				all.add(Statement{Step: explore.Step{Point: harness.AtCommit, Cells: explore.Everything, Ends: true}})
			}
		}
	}
	all.Step.Table = "database"
	return all
}

// unknown is a statement that may do anything.
func unknown() Statement {
	return Statement{
		Step:  explore.Step{Point: harness.AtStatement, Cells: explore.Everything, Ends: true, Fresh: true},
		Reads: explore.Everything, Writes: explore.Everything,
	}
}

// add has the batch do what another statement does too.
func (s *Statement) add(o Statement) {
	s.Begins, s.Commits = s.Begins || o.Begins, s.Commits || o.Commits
	if o.Level != "" {
		s.Level = o.Level
	}
	if o.Passes {
		return
	}
	if s.Passes {
		begins, commits, level := s.Begins, s.Commits, s.Level
		*s = o
		s.Begins, s.Commits, s.Level = begins, commits, level
		return
	}
	s.Step.Row = explore.Row{}
	s.Reads, s.Writes = s.Reads|o.Reads, s.Writes|o.Writes
	s.Locks, s.SkipLocked = s.Locks || o.Locks, s.SkipLocked || o.SkipLocked
	s.Inside, s.Stops = s.Inside || o.Inside, false
	s.Step.Cells |= o.Step.Cells
	s.Step.Ends = s.Step.Ends || o.Step.Ends
	if s.Step.Point != o.Step.Point {
		s.Step.Point = harness.AtWrite
		if o.Step.Point == harness.AtStatement || s.Step.Ends {
			s.Step.Point = harness.AtStatement
		}
	}
}

// one says what one statement does.
func (r *Reader) one(words []wire.Word, inside bool) Statement {
	first := strings.ToUpper(words[0].Text)
	switch first {
	case "BEGIN", "START":
		return Statement{Passes: !has(words, "SNAPSHOT"), Begins: true, Level: levelIn(words)}
	case "SET":
		if has(words, "AUTOCOMMIT") && inside {
			return Statement{Commits: true, Step: explore.Step{Point: harness.AtCommit, Cells: explore.Everything, Ends: true}}
		}
		return Statement{Passes: true, Level: levelIn(words)}
	case "SHOW", "SAVEPOINT", "RELEASE", "DEALLOCATE", "DISCARD", "PREPARE", "CLOSE", "LISTEN", "UNLISTEN", "RESET", "USE", "DESCRIBE", "DESC":
		return Statement{Passes: true}
	case "COMMIT", "END", "ROLLBACK", "ABORT":
		s := Statement{Passes: !inside, Commits: first == "COMMIT" || first == "END", Step: explore.Step{Point: harness.AtCommit, Cells: explore.Everything, Ends: true}}
		if has(words, "TO") {
			s.Step.Point = harness.AtStatement
		}
		return s
	case "SELECT", "VALUES", "TABLE", "WITH":
		return r.query(words, inside)
	case "INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "COPY", "LOAD":
		return r.write(words, inside)
	}
	return unknown()
}

// query is a statement that returns rows.
func (r *Reader) query(words []wire.Word, inside bool) Statement {
	for at, w := range words[1:] {
		verb, before := strings.ToUpper(w.Text), strings.ToUpper(words[at].Text)
		if !w.Quoted && slices.Contains([]string{"INSERT", "UPDATE", "DELETE", "MERGE", "INTO"}, verb) && before != "FOR" && before != "KEY" {
			return r.write(words, inside)
		}
	}
	tables, _, code := r.tables(words)
	if code || slices.ContainsFunc(words, effective) {
		return unknown()
	}
	locks := locking(words)
	s := Statement{
		Passes: tables == 0, Reads: tables, Locks: locks, SkipLocked: has(words, "SKIP"),
		Step: explore.Step{Point: harness.AtRead, Cells: tables, Fresh: true},
	}
	if locks {
		s.Step.Point, s.Step.Ends = harness.AtLock, !inside
	}
	return s
}

func (r *Reader) write(words []wire.Word, inside bool) Statement {
	tables, related, code := r.tables(words)
	if code || tables == 0 || slices.ContainsFunc(words, effective) {
		return unknown()
	}
	return Statement{
		Reads: tables, Writes: tables | related, SkipLocked: has(words, "SKIP"), Locks: locking(words),
		Step: explore.Step{Point: harness.AtWrite, Cells: tables | related, Ends: !inside, Fresh: true},
	}
}

// tables are those that a statement names, with those that a write of them reaches; code: it runs what cannot be seen.
func (r *Reader) tables(words []wire.Word) (named, related uint64, code bool) {
	for _, w := range words {
		name := strings.ToLower(w.Text)
		named |= r.names[name]
		related |= r.related[name]
		code = code || r.code[name]
	}
	return named, related, code
}

// locking reports whether a query locks what it reads.
func locking(words []wire.Word) bool { return lockClause(words) >= 0 }

// lockClause is where a statement's last words begin that have it lock what it reads; -1: it has none.
func lockClause(words []wire.Word) (at int) {
	at = -1
	for i, w := range words[:max(len(words)-1, 0)] {
		next := strings.ToUpper(words[i+1].Text)
		if !w.Quoted && strings.EqualFold(w.Text, "FOR") && (next == "UPDATE" || next == "SHARE" || next == "NO" || next == "KEY") ||
			!w.Quoted && strings.EqualFold(w.Text, "LOCK") && next == "IN" {
			at = i
		}
	}
	return at
}

// effective reports whether a word calls one of the server's own functions that has an effect on others.
func effective(w wire.Word) bool {
	name := strings.ToLower(w.Text)
	for _, prefix := range []string{"pg_advisory", "pg_try_advisory", "pg_notify", "nextval", "setval", "get_lock", "release_", "is_free_lock", "is_used_lock", "lo_", "dblink"} {
		if w.Call && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func index(words []wire.Word, keyword string) int {
	return slices.IndexFunc(words, func(w wire.Word) bool { return !w.Quoted && strings.EqualFold(w.Text, keyword) })
}

func has(words []wire.Word, keyword string) bool { return index(words, keyword) >= 0 }

// levelIn is the isolation level that a statement names after the word LEVEL.
func levelIn(words []wire.Word) harness.Level {
	at := index(words, "LEVEL")
	if at < 0 || at+1 >= len(words) {
		return ""
	}
	name := strings.ToLower(words[at+1].Text)
	if at+2 < len(words) && (name == "read" || name == "repeatable") {
		name += "-" + strings.ToLower(words[at+2].Text)
	}
	return harness.Level(name)
}
