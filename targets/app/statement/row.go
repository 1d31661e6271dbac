package statement

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/wire"
)

// apart is a table of which one row can be told from the others: nothing that is done to it reaches another.
type apart struct {
	bit     uint64
	quote   byte     // around names
	name    string   // in lower case, as are all that follow
	columns []string // all of them
	indexed []string
	keys    [][]string // unique ones of whole numbers
}

// apartOf are such tables of a catalog, by their names.
func apartOf(c *database.Catalog) map[string]*apart {
	all, seen := map[string]*apart{}, map[string]bool{}
	for i, t := range c.Tables {
		a := &apart{bit: 1 << min(i, 63), quote: (t.SQL + " ")[0], name: strings.ToLower(t.Bare), columns: lower(t.Columns), indexed: lower(t.Indexed)}
		if seen[a.name] { // of two schemas
			delete(all, a.name)
			continue
		}
		seen[a.name] = true
		numbers := lower(t.Numbers)
		for _, key := range t.Unique {
			if key := lower(key); !slices.ContainsFunc(key, func(column string) bool { return !slices.Contains(numbers, column) }) {
				a.keys = append(a.keys, key)
			}
		}
		ambiguous := len(slices.Compact(slices.Sorted(slices.Values(a.columns)))) < len(a.columns)
		if t.Apart && i < 63 && !ambiguous && !t.Triggers && len(t.Related) == 0 && len(t.Generated) == 0 && len(a.keys) > 0 {
			all[a.name] = a
		}
	}
	return all
}

// string reports whether a token in quotes is not a name here, but a string.
func (a *apart) string(text string) bool {
	return (text[0] == '"' || text[0] == '`') && text[0] != a.quote
}

func lower(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.ToLower(n)
	}
	return out
}

// row is the one row that a statement can touch, by a unique key of whole numbers. Only what is read whole has one: SELECT, UPDATE or DELETE
// of one table, with comparisons joined by AND, no function, no subquery, and no write to a column of an index. Other indexes are not
// looked into either, so that a server locks that row or, if there is none, a gap into which no such statement adds.
func (r *Reader) row(q *wire.Request, s *Statement) explore.Row {
	if q.Cut || s.Passes || s.Inside || s.SkipLocked || s.Level != "" || s.Step.Cells&(s.Step.Cells-1) != 0 {
		return explore.Row{}
	}
	all, texts, ok := tokens(strings.TrimRight(q.SQL, "; \t\r\n"))
	if !ok {
		return explore.Row{}
	}
	p := &rowParser{all: all, texts: texts, params: q.Params, equal: map[string]string{}}
	if !p.statement(r.apart) || p.table.bit != s.Step.Cells || slices.ContainsFunc(texts, p.table.string) {
		return explore.Row{}
	}
	for _, key := range p.table.keys {
		if row, ok := p.key(key); ok {
			return row
		}
	}
	return explore.Row{}
}

// rowParser goes through a statement's tokens. It knows few forms; whatever else comes, it gives up.
type rowParser struct {
	all, texts []string
	params     []wire.Value
	at         int
	table      *apart
	equal      map[string]string // columns, and the whole numbers that they are compared with
	others     []string          // columns that are compared otherwise
	twice      bool              // a column has two
}

// key is the row, if the statement names all of a key's columns, and no other column of an index.
func (p *rowParser) key(key []string) (explore.Row, bool) {
	values := make([]string, len(key))
	for i, column := range key {
		if values[i] = p.equal[column]; values[i] == "" || slices.Contains(p.others, column) {
			return explore.Row{}, false
		}
	}
	compared := slices.Clone(p.others)
	for column := range p.equal {
		compared = append(compared, column)
	}
	for _, column := range compared {
		if !slices.Contains(key, column) && slices.Contains(p.table.indexed, column) {
			return explore.Row{}, false
		}
	}
	return explore.Row{Key: p.table.name + " " + strings.Join(key, ","), Values: strings.Join(values, ",")}, !p.twice
}

// word goes past a word, if it is the next.
func (p *rowParser) word(w string) bool {
	if p.at < len(p.all) && p.all[p.at] == w {
		p.at++
		return true
	}
	return false
}

// statement reads all of a statement.
func (p *rowParser) statement(tables map[string]*apart) bool {
	from := slices.Index(p.all, "FROM")
	switch {
	case p.word("UPDATE"):
		return p.target(tables) && p.word("SET") && p.sets() && p.where() && p.at == len(p.all)
	case p.word("DELETE"):
		return p.word("FROM") && p.target(tables) && p.where() && p.at == len(p.all)
	case from > 0 && p.word("SELECT"):
		p.at = from + 1
		if !p.target(tables) || !p.where() {
			return false
		}
		end := p.at
		if p.word("FOR") && !p.word("UPDATE") && !p.word("SHARE") || p.at != len(p.all) {
			return false
		}
		p.at = 1
		return end > from && p.list(from)
	}
	return false
}

func (p *rowParser) target(tables map[string]*apart) bool {
	if p.at < len(p.all) {
		p.table = tables[name(p.all[p.at])]
		p.at++
	}
	return p.table != nil
}

// column goes past a column of the table's, with the table's name before it or not.
func (p *rowParser) column() (string, bool) {
	if p.at+2 < len(p.all) && p.all[p.at+1] == "." && name(p.all[p.at]) == p.table.name {
		p.at += 2
	}
	if p.at == len(p.all) || !slices.Contains(p.table.columns, name(p.all[p.at])) {
		return "", false
	}
	p.at++
	return name(p.all[p.at-1]), true
}

// list reads what a SELECT returns: columns.
func (p *rowParser) list(end int) bool {
	for {
		if _, ok := p.column(); !ok && !p.word("*") {
			return false
		}
		if p.at == end {
			return true
		}
		if !p.word(",") {
			return false
		}
	}
}

// sets reads what an UPDATE writes: sums of columns and values.
func (p *rowParser) sets() bool {
	for {
		column, ok := p.column()
		if !ok || slices.Contains(p.table.indexed, column) || !p.word("=") {
			return false
		}
		p.word("(") // a parenthesis that is not closed is not SQL
		for {
			if _, ok := p.column(); !ok && !p.word(value) && !p.word("NULL") {
				return false
			}
			if !p.word("+") && !p.word("-") && !p.word("*") {
				break
			}
		}
		p.word(")")
		if !p.word(",") {
			return true
		}
	}
}

// where reads comparisons that are joined by AND.
func (p *rowParser) where() bool {
	if !p.word("WHERE") {
		return false
	}
	for {
		for p.word("(") {
		}
		if !p.comparison() {
			return false
		}
		for p.word(")") {
		}
		if !p.word("AND") {
			return true
		}
	}
}

// comparison reads one of a column with a value.
func (p *rowParser) comparison() bool {
	column, ok := p.column()
	if !ok {
		return false
	}
	equal := p.word("=")
	if !equal && !p.word("<") && !p.word(">") && !p.word("<=") && !p.word(">=") && !p.word("<>") && !p.word("!=") {
		return false
	}
	if !p.word(value) {
		return false
	}
	number := p.number(p.at - 1)
	if !equal || number == "" {
		p.others = append(p.others, column)
		return true
	}
	p.twice = p.twice || p.equal[column] != ""
	p.equal[column] = number
	return true
}

// whole are whole numbers that are written in one way, and that fit into each server's widest type.
var whole = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,17})$`)

// number is the whole number that a token stands for; empty: it is none.
func (p *rowParser) number(at int) string {
	text, known := valueOf(p.texts, at, p.params)
	if !known || !whole.MatchString(text) {
		return ""
	}
	return text
}

// valueOf is the value that a token stands for: itself, or that of a parameter.
func valueOf(texts []string, at int, params []wire.Value) (text string, known bool) {
	var n int
	switch text = texts[at]; {
	case text == "?":
		for _, t := range texts[:at] {
			if t == "?" {
				n++
			}
		}
	case text[0] == '$':
		i, err := strconv.Atoi(text[1:])
		if err != nil {
			return "", false
		}
		n = i - 1
	default:
		return text, text != "''" // that stands for several, see tokens
	}
	if n < 0 || n >= len(params) || params[n].Null {
		return "", false
	}
	return params[n].Text, true
}
