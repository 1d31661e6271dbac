package schedule

import (
	"slices"
	"strconv"
	"strings"
)

// Verb is what a Claim says of a session or of one of its statements.
type Verb string

// The verbs.
const (
	Commits Verb = "commits"       // every transaction of the session does, and no statement of its is refused
	Fails   Verb = "fails"         // a statement is refused
	Waits   Verb = "waits"         // a statement waits for a lock
	Expires Verb = "times out"     // a statement waits for a lock until that takes too long, while all others stand still
	NoWait  Verb = "does not wait" // none does
	Returns Verb = "returns"       // the statement answers these rows
	Writes  Verb = "writes"        // the statement writes so many rows
)

// verbs are all of them, and whether they need a statement rather than a session, and values behind them.
func verbs() []struct {
	verb      Verb
	statement bool
	values    bool
} {
	return []struct {
		verb      Verb
		statement bool
		values    bool
	}{
		{Commits, false, false},
		{Fails, false, true},
		{Waits, false, false},
		{Expires, true, false},
		{NoWait, false, false},
		{Returns, true, true},
		{Writes, true, true},
	}
}

// Claim is a line of `allowed when:` or of `expect:`.
type Claim struct {
	Session string
	Label   string // of the statement; empty: any of the session's
	Verb    Verb
	Rows    [][][]string // of Returns: each of the answers that there may be
	Codes   []string     // of Fails: error codes, or kinds of conflict by harness.Conflict's names; nil: whatever
	Counts  []int64      // of Writes: each of the numbers that there may be
	Only    Products
	Line    int
}

// String is the claim as a file has it, without its products.
func (c Claim) String() string {
	s := c.Session
	if c.Label != "" {
		s += "." + c.Label
	}
	s += " " + string(c.Verb)
	switch {
	case c.Verb == Fails && len(c.Codes) > 0:
		s += " with " + strings.Join(c.Codes, " or ")
	case c.Verb == Returns:
		var answers []string
		for _, rows := range c.Rows {
			answers = append(answers, FormatRows(rows))
		}
		s += " " + strings.Join(answers, " or ")
	case c.Verb == Writes:
		var counts []string
		for _, n := range c.Counts {
			counts = append(counts, strconv.FormatInt(n, 10))
		}
		s += " " + strings.Join(counts, " or ")
	}
	return s
}

// FormatRows is rows as claims write them: columns with commas between them, rows with semicolons.
func FormatRows(rows [][]string) string {
	if len(rows) == 0 {
		return "nothing"
	}
	var lines []string
	for _, row := range rows {
		var cells []string
		for _, c := range row {
			cells = append(cells, formatCell(c))
		}
		lines = append(lines, strings.Join(cells, ", "))
	}
	return strings.Join(lines, "; ")
}

// formatCell quotes what could be read as something else.
func formatCell(c string) string {
	plain := c != "" && c != "nothing" && !strings.ContainsAny(c, ",;'\n\r") && strings.TrimSpace(c) == c &&
		!slices.Contains(strings.Fields(c), "or")
	if plain {
		return c
	}
	return "'" + strings.NewReplacer("'", "''", `\`, `\\`, "\n", `\n`, "\r", `\r`).Replace(c) + "'"
}

// parseRows is the inverse of FormatRows, for answers with "or" between them.
func parseRows(text string) (answers [][][]string, wrong string) {
	p := rowParser{rest: text}
	for {
		rows, wrong := p.answer()
		if wrong != "" {
			return nil, wrong
		}
		answers = append(answers, rows)
		if !p.or() {
			break
		}
	}
	if p.rest != "" {
		return nil, "there is more behind the rows: " + strconv.Quote(p.rest)
	}
	return answers, ""
}

// rowParser reads rows from the front of rest.
type rowParser struct{ rest string }

// answer is the rows up to an "or", or the end.
func (p *rowParser) answer() (rows [][]string, wrong string) {
	p.blanks()
	if rest, ok := strings.CutPrefix(p.rest, "nothing"); ok && (rest == "" || strings.HasPrefix(rest, " ")) {
		p.rest = rest
		p.blanks()
		return nil, ""
	}
	row := []string{}
	for {
		cell, wrong := p.cell()
		if wrong != "" {
			return nil, wrong
		}
		row = append(row, cell)
		switch {
		case strings.HasPrefix(p.rest, ","):
			p.rest = p.rest[1:]
			continue
		case strings.HasPrefix(p.rest, ";"):
			p.rest = p.rest[1:]
			rows, row = append(rows, row), []string{}
			continue
		}
		return append(rows, row), ""
	}
}

// cell is the text up to a separator, or what is between quotes.
func (p *rowParser) cell() (text, wrong string) {
	p.blanks()
	if strings.HasPrefix(p.rest, "'") {
		return p.quoted()
	}
	end := len(p.rest)
	if i := strings.IndexAny(p.rest, ",;"); i >= 0 {
		end = i
	}
	if i := strings.Index(p.rest[:end], " or "); i >= 0 {
		end = i
	}
	text = strings.TrimSpace(p.rest[:end])
	p.rest = p.rest[end:]
	p.blanks()
	if text == "" {
		return "", "a column is empty; write '' for an empty text, or nothing for no rows"
	}
	return text, ""
}

func (p *rowParser) quoted() (text, wrong string) {
	var b strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '\'' && i+1 < len(p.rest) && p.rest[i+1] == '\'':
			b.WriteByte('\'')
			i++
		case c == '\'':
			p.rest = p.rest[i+1:]
			p.blanks()
			return b.String(), ""
		case c == '\\' && i+1 < len(p.rest):
			i++
			b.WriteString(map[byte]string{'n': "\n", 'r': "\r", '\\': `\`}[p.rest[i]])
		default:
			b.WriteByte(c)
		}
	}
	return "", "a quote is not closed"
}

// or takes an "or" from the front.
func (p *rowParser) or() bool {
	rest, ok := strings.CutPrefix(p.rest, "or ")
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *rowParser) blanks() { p.rest = strings.TrimLeft(p.rest, " \t") }
