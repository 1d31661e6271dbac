package statement

import (
	"regexp"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/wire"
)

// Detail is what one statement does, in names, for people.
type Detail struct {
	SQL     string // as it was sent
	Level   harness.Level
	Session bool // the level is for all transactions to come
	Begins  bool
	Ends    bool // the transaction, if there is one
	Back    bool // by a rollback
	Schema  bool // it makes, changes or drops tables, or rights
	Reads   []string
	Writes  []string
	Reaches []string // what a DELETE may, by foreign keys
	Code    bool     // it may do anything
	Adds    bool     // it only adds rows
	Keyed   bool     // it names its row by a unique key
	Row     string   // by which values, where they are known
	Checks  []string // columns that a write of such a row both compares and sets
	Inside  bool     // it reads, and then locks or writes
	Rows    string   // how it locks rows that it reads: FOR UPDATE, FOR SHARE, FOR KEY SHARE; empty: it does not
	Of      []string // of the rows of which tables
	Tables  []string // that it locks whole
	Calls   []string // functions that take or give back locks
}

// schemaWords begin statements about tables and rights, not rows.
var schemaWords = []string{"CREATE", "ALTER", "DROP", "TRUNCATE", "COMMENT", "GRANT", "REVOKE", "ANALYZE", "VACUUM", "REINDEX", "RENAME", "FLUSH", "OPTIMIZE", "CLUSTER", "REFRESH"}

// ChangesTables reports whether a text may make, change or drop tables.
func ChangesTables(p wire.Protocol, sql string) bool {
	return slices.ContainsFunc(p.Words(sql), func(words []wire.Word) bool {
		return len(words) > 0 && slices.Contains(schemaWords, strings.ToUpper(words[0].Text))
	})
}

// Details says what each statement of a request does, on a connection that is in a transaction or not.
func (r *Reader) Details(q *wire.Request, inside bool) (all []Detail) {
	for i, words := range r.protocol.Words(q.SQL) {
		s := r.one(words, inside)
		d := Detail{SQL: q.SQL, Begins: s.Begins, Level: s.Level, Session: has(words, "SESSION"), Ends: s.Commits, Code: q.Cut}
		first := strings.ToUpper(words[0].Text)
		switch {
		case slices.Contains([]string{"COMMIT", "END", "ROLLBACK", "ABORT"}, first):
			d.Ends = !has(words, "TO")
			d.Back = d.Ends && (first == "ROLLBACK" || first == "ABORT")
		case slices.Contains(schemaWords, first):
			d.Schema = true
		case first == "LOCK" && r.lockTable(words):
			d.Tables = r.named(words)
		case !s.Begins && !s.Passes && !s.Commits || s.Writes != 0 || s.Reads != 0:
			r.detail(&d, words, &s, q.Params)
		}
		if i > 0 { // one text has several: who reads it sees all of it once
			d.SQL = ""
		}
		inside = (inside || d.Begins) && !d.Ends
		all = append(all, d)
	}
	return all
}

// detail fills in what a statement does that is about rows or locks.
func (r *Reader) detail(d *Detail, words []wire.Word, s *Statement, params []wire.Value) {
	d.Calls = lockCalls(words)
	d.Code = d.Code || r.unseen(words, s, d.Calls)
	d.Writes, d.Reaches = r.written(words)
	d.Reads = r.named(words)
	first := strings.ToUpper(words[0].Text)
	d.Adds = (first == "INSERT" || first == "COPY" || first == "LOAD") && !has(words, "UPDATE")
	d.Inside = s.Writes != 0 && r.inside(words, d.SQL, s)
	if len(d.Writes) > 0 && d.Adds && !d.Inside {
		d.Reads = nil // a name in it is that of its table, or of a column
	}
	d.Row, d.Keyed = r.keyed(d.SQL, params)
	if d.Keyed && first == "UPDATE" {
		d.Checks = checked(d.SQL)
	}
	if at := lockClause(words); at >= 0 && len(d.Writes) == 0 {
		d.Rows, d.Of = r.rowLock(words, at, d.Reads)
		d.Inside = count(words, "SELECT") > 1
	}
}

// rowLock is what kind of lock a clause takes, which begins at a word, and of which tables' rows: of all that are read, or of those that
// it names. One whose name nothing is known of is left out.
func (r *Reader) rowLock(words []wire.Word, at int, reads []string) (kind string, of []string) {
	kind = "FOR UPDATE"
	clause := words[at+1:]
	switch {
	case strings.EqualFold(words[at].Text, "LOCK"): // IN SHARE MODE
		return "FOR SHARE", reads
	case strings.EqualFold(clause[0].Text, "SHARE"):
		kind = "FOR SHARE"
	case strings.EqualFold(clause[0].Text, "KEY"):
		kind = "FOR KEY SHARE"
	}
	from := slices.IndexFunc(clause, func(w wire.Word) bool { return !w.Quoted && strings.EqualFold(w.Text, "OF") })
	if from < 0 {
		return kind, reads
	}
	for _, w := range clause[from+1:] {
		if word := strings.ToUpper(w.Text); !w.Quoted && (word == "SKIP" || word == "NOWAIT" || word == "FOR") {
			break
		}
		of = append(of, r.aliased(words[:at], w.Text)...)
	}
	slices.Sort(of)
	return kind, slices.Compact(of)
}

// aliased are the tables that a name stands for: behind the table's own, with AS or without, or that itself.
func (r *Reader) aliased(words []wire.Word, name string) []string {
	for i, w := range words {
		if !strings.EqualFold(w.Text, name) || i == 0 {
			continue
		}
		before := words[i-1]
		if strings.EqualFold(before.Text, "AS") && !before.Quoted && i > 1 {
			before = words[i-2]
		}
		if tables := r.called[strings.ToLower(before.Text)]; len(tables) > 0 {
			return tables
		}
	}
	return r.called[strings.ToLower(name)]
}

// named are all tables that a statement names.
func (r *Reader) named(words []wire.Word) (all []string) {
	for _, w := range words {
		all = append(all, r.called[strings.ToLower(w.Text)]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// lockTable reports whether a statement is PostgreSQL's LOCK TABLE in a mode that lets only one in.
func (r *Reader) lockTable(words []wire.Word) bool {
	return !has(words, "TABLES") && len(r.named(words)) > 0 && (!has(words, "MODE") || has(words, "EXCLUSIVE") && (!has(words, "ROW") || has(words, "SHARE")))
}

// unseen reports whether a statement may do what its words do not say. A sequence's next value is nobody's reason to go wrong.
func (r *Reader) unseen(words []wire.Word, s *Statement, calls []string) bool {
	tables, _, code := r.tables(words)
	if code {
		return true
	}
	if s.Reads != unknown().Reads || s.Writes != unknown().Writes {
		return false
	}
	first := strings.ToUpper(words[0].Text)
	known := slices.Contains([]string{"SELECT", "VALUES", "WITH", "INSERT", "UPDATE", "DELETE", "REPLACE", "DO"}, first)
	others := slices.ContainsFunc(words, func(w wire.Word) bool {
		name := strings.ToLower(w.Text)
		return effective(w) && name != "nextval" && !strings.HasPrefix(name, "pg_notify") && !slices.Contains(calls, name)
	})
	writes := first == "INSERT" || first == "UPDATE" || first == "DELETE" || first == "REPLACE"
	return !known || others || first == "DO" && len(calls) == 0 || writes && tables == 0
}

// lockCalls are the functions of named locks that a statement calls.
func lockCalls(words []wire.Word) (calls []string) {
	for _, w := range words {
		name := strings.ToLower(w.Text)
		if w.Call && (strings.HasPrefix(name, "pg_advisory_") || strings.HasPrefix(name, "pg_try_advisory_") || name == "get_lock" || name == "release_lock" || name == "release_all_locks") {
			calls = append(calls, name)
		}
	}
	return calls
}

// written are the tables that stand where a statement names what it writes, and those that a write of them may reach.
func (r *Reader) written(words []wire.Word) (tables, reaches []string) {
	for i, w := range words {
		verb, before := strings.ToUpper(w.Text), ""
		if i > 0 {
			before = strings.ToUpper(words[i-1].Text)
		}
		if w.Quoted || before == "FOR" || before == "KEY" || before == "DO" || before == "ON" {
			continue
		}
		ends := map[string]string{"UPDATE": "SET", "DELETE": "WHERE", "INSERT": "", "INTO": "", "REPLACE": "", "MERGE": "", "COPY": "", "LOAD": ""}
		end, is := ends[verb]
		if !is {
			continue
		}
		for _, name := range words[i+1:] {
			if end != "" && !name.Quoted && strings.EqualFold(name.Text, end) || !name.Quoted && strings.EqualFold(name.Text, "USING") {
				break
			}
			found := r.called[strings.ToLower(name.Text)]
			tables = append(tables, found...)
			if len(found) > 0 && (verb == "DELETE" || verb == "REPLACE") {
				reaches = append(reaches, r.reached[strings.ToLower(name.Text)]...)
			}
			if len(found) > 0 && end == "" {
				break
			}
		}
	}
	slices.Sort(tables)
	slices.Sort(reaches)
	return slices.Compact(tables), slices.Compact(reaches)
}

// keyed reports whether a statement of one table names its row by all columns of a unique key, each equal to a value, and says by which
// values, if all are known.
func (r *Reader) keyed(sql string, params []wire.Value) (row string, is bool) {
	words, texts, ok := tokens(strings.TrimRight(sql, "; \t\r\n"))
	where := slices.Index(words, "WHERE")
	if !ok || where < 2 || slices.Contains(words[where:], "SELECT") || slices.Contains(words[where:], "OR") {
		return "", false
	}
	from := words[where:]
	if at := slices.IndexFunc(from, func(w string) bool { return w == "FOR" || w == "LOCK" }); at > 0 {
		from = from[:at]
	}
	equal := equalities(from)
	for _, w := range words[:where] {
		for _, key := range r.unique[name(w)] {
			if slices.ContainsFunc(key, func(column string) bool { return equal[column] == 0 }) {
				continue
			}
			var values []string
			for _, column := range key {
				text, known := valueOf(texts, where+equal[column], params)
				if !known {
					return "", true
				}
				values = append(values, column+"="+text)
			}
			return strings.Join(values, " "), true
		}
	}
	return "", false
}

// checked are the columns that an UPDATE compares in its WHERE, all joined by AND, and sets.
func checked(sql string) (both []string) {
	words, _, ok := tokens(strings.TrimRight(sql, "; \t\r\n"))
	set, where := slices.Index(words, "SET"), slices.Index(words, "WHERE")
	if !ok || set < 0 || where < set || slices.Contains(words[where:], "OR") || slices.Contains(words[where:], "NOT") {
		return nil
	}
	var sets []string
	for i, w := range words[set:where] {
		at := set + i
		if w == "=" && (at-2 == set || words[at-2] == "," || words[at-2] == ".") {
			sets = append(sets, name(words[at-1]))
		}
	}
	for i, w := range words[where:] {
		at := where + i
		if strings.Trim(w, "=<>!") == "" && at+1 < len(words) && words[at+1] == value && slices.Contains(sets, name(words[at-1])) {
			both = append(both, name(words[at-1]))
		}
	}
	slices.Sort(both)
	return slices.Compact(both)
}

func count(words []wire.Word, keyword string) (n int) {
	for _, w := range words {
		if !w.Quoted && strings.EqualFold(w.Text, keyword) {
			n++
		}
	}
	return n
}

// lists are what a text may have more of one time than another.
var lists = regexp.MustCompile(`(?i)\bIN ?\( ?(\?|\$\d+)( ?, ?(\?|\$\d+))* ?\)`)

// Shape is a text without its values, the same for each number of them in a list.
func (r *Reader) Shape(sql string) string {
	return strings.TrimRight(lists.ReplaceAllString(r.protocol.Mask(sql), "IN (…)"), "; ")
}
