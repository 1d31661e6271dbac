package script

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// piece is a part of a statement: text as it stands, or what a value is put in for.
type piece struct {
	text   string // as it stands; of a value, {client} or :name
	value  bool
	quoted bool // in a string: the value has no quotes of its own
}

var (
	placeholder = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\{([a-z]+)(:[^{}]*)?\}`) })
	variable    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^:([A-Za-z_][A-Za-z0-9_]*)`) })
	// Of a client's own; the others are of programs.
	placeholders = []string{"client", "number", "id", "pick", "int", "zipf"}
	bare         = []string{"number", "int", "zipf"} // whose values are numbers
)

// pieces cuts a statement where values are put in.
func (p *parser) pieces(sql string, line int) (all []piece, err error) {
	from := 0
	put := func(at, n int, quoted bool) {
		if at > from {
			all = append(all, piece{text: sql[from:at]})
		}
		all = append(all, piece{text: sql[at : at+n], value: true, quoted: quoted})
		from = at + n
	}
	for i := 0; i < len(sql); {
		span := p.protocol.Span(sql[i:], i > 0 && letter(sql[i-1]))
		switch {
		case span > 0 && p.protocol.Quotes(sql[i]):
			for k := i + 1; k < i+span-1; k++ {
				if n, _ := p.value(sql, k); n > 0 && (sql[k] == '{' || p.known[sql[k+1:k+n]]) {
					put(k, n, true)
					k += n - 1
				}
			}
		case span > 0 && (sql[i] == '"' || sql[i] == '`' || sql[i] == '$'):
			for k := i; k < i+span; k++ {
				if n, _ := p.value(sql, k); n > 0 && sql[k] == '{' {
					return nil, p.errorf(line+strings.Count(sql[:k], "\n"), "%s stands in a name or in a body of code, where a value cannot be put in: write it outside", sql[k:k+n])
				}
			}
		case span > 0: // a comment
		default:
			n, err := p.value(sql, i)
			if err != nil {
				return nil, p.errorf(line+strings.Count(sql[:i], "\n"), "%v", err)
			}
			if n > 0 {
				put(i, n, false)
				i += n
				continue
			}
			if strings.HasPrefix(sql[i:], "::") {
				i++
			}
		}
		i += max(span, 1)
	}
	if from < len(sql) {
		all = append(all, piece{text: sql[from:]})
	}
	return all, nil
}

// value is the length of what stands for a value at a place; 0: nothing does.
func (p *parser) value(sql string, at int) (n int, err error) {
	switch sql[at] {
	case '{':
		m := placeholder().FindStringSubmatch(sql[at:])
		if m == nil {
			return 0, nil
		}
		if !slices.Contains(placeholders, m[1]) || (m[2] != "") != slices.Contains([]string{"pick", "int", "zipf"}, m[1]) {
			return 0, fmt.Errorf("%s is no placeholder of a statement; there are {client}, {number}, {id}, {pick:a,b}, {int:1,5}, {zipf:100}", m[0])
		}
		return len(m[0]), nil
	case ':':
		m := variable().FindStringSubmatch(sql[at:])
		if m == nil || at > 0 && (sql[at-1] == ':' || letter(sql[at-1])) {
			return 0, nil
		}
		if !p.known[m[1]] && !p.anyGset() {
			return 0, fmt.Errorf(`:%s is not set: \set %s or a \gset comes before`, m[1], m[1])
		}
		return len(m[0]), nil
	}
	return 0, nil
}

// anyGset reports whether a statement before sets variables, by the names of its columns, which nobody knows yet.
func (p *parser) anyGset() bool {
	return slices.ContainsFunc(p.commands, func(c command) bool { return c.gset != nil })
}
