package history

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// value reads any value: nil, bool, int64, *big.Int, float64, string, Keyword, Symbol, []any for vectors and lists, Set, Map or
// Tagged. A character is a string.
func (p *parser) value() any {
	switch c := p.peek(); c {
	case 0, ')', ']', '}':
		p.want("a value")
	case '"':
		return p.text()
	case '[', '(':
		if c == '(' && p.in == jsn {
			p.want("a value")
		}
		return p.elements()
	case '{':
		return p.pairs()
	case '#':
		return p.dispatch()
	case '\\':
		return p.character()
	case '^':
		p.want("a value without metadata")
	}
	return p.atom()
}

func (p *parser) elements() []any {
	list := []any{}
	for end := p.enter(); p.more(end); {
		list = append(list, p.value())
	}
	return list
}

func (p *parser) pairs() Map {
	m := Map{}
	for end := p.enter(); p.more(end); {
		key := p.value()
		p.colon()
		m = append(m, Pair{key, p.value()})
	}
	return m
}

// dispatch reads what begins with #: a set or a tagged value.
func (p *parser) dispatch() any {
	if p.in == jsn {
		p.want("a value")
	}
	p.at++
	if p.at < len(p.data) && p.data[p.at] == '{' {
		return Set(p.elements())
	}
	tag := string(p.token())
	if tag == "" || !isName(tag[0]) {
		p.want("a tag or a set behind #")
	}
	if p.depth++; p.depth > maxDepth {
		p.fail("expected no more than %d tags and collections within each other", maxDepth)
	}
	v := p.value()
	p.depth--
	return Tagged{tag, v}
}

func (p *parser) character() any {
	if p.in == jsn {
		p.want("a value")
	}
	p.at++
	_, size := utf8.DecodeRune(p.data[p.at:])
	from := p.at
	p.at += size
	p.token()
	name := string(p.data[from:p.at])
	if named, ok := map[string]string{"newline": "\n", "return": "\r", "space": " ", "tab": "\t"}[name]; ok {
		return named
	}
	if name == "" {
		p.want("a character")
	}
	return name
}

// isName reports whether a keyword, symbol or tag can begin with c.
func isName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 || strings.IndexByte("*!_?$%&=<>.+-/|'", c) >= 0
}

// atom reads a number, keyword, symbol, nil or a truth value.
func (p *parser) atom() any {
	from := p.at
	token := p.token()
	if p.in == jsn {
		if i := strings.IndexByte(string(token), ':'); i >= 0 {
			token = token[:i]
			p.at = from + i
		}
	}
	if n, ok := small(token); ok {
		return int64(n)
	}
	text := string(token)
	switch text {
	case "true":
		return true
	case "false":
		return false
	case "nil", "null":
		if (text == "nil") == (p.in == edn) {
			return nil
		}
	}
	if v, ok := numeric(text); ok {
		return v
	}
	if p.in == edn && len(text) > 1 && text[0] == ':' && text[1] != ':' {
		return Keyword(text[1:])
	}
	if p.in == edn && text != "" && isName(text[0]) {
		return Symbol(text)
	}
	p.at = from
	p.want("a value")
	return nil
}

// small is a whole number below 2^30 that is written as such.
func small(token []byte) (int32, bool) {
	if len(token) == 0 || len(token) > 9 || token[0] == '0' && len(token) > 1 {
		return 0, false
	}
	n := int32(0)
	for _, c := range token {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int32(c-'0')
	}
	return n, true
}

// numeric is a number: of any size (N), of any precision (M), or an ordinary one.
func numeric(text string) (any, bool) {
	digits := strings.TrimLeft(text, "+-")
	if digits == "" || digits[0] < '0' || digits[0] > '9' {
		return nil, false
	}
	whole := strings.TrimSuffix(text, "N")
	if n, err := strconv.ParseInt(whole, 10, 64); err == nil {
		return n, true
	}
	if n, ok := new(big.Int).SetString(whole, 10); ok {
		return n, true
	}
	if strings.ContainsAny(text, "_xXpPiI") {
		return nil, false
	}
	f, err := strconv.ParseFloat(strings.TrimSuffix(text, "M"), 64)
	return f, err == nil
}

// text reads a string.
func (p *parser) text() string {
	from := p.at
	p.skipString()
	raw := p.data[from+1 : p.at-1]
	if strings.IndexByte(string(raw), '\\') < 0 {
		return string(raw)
	}
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			b.WriteByte(raw[i])
			continue
		}
		i++
		switch c := raw[i]; c {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case '"', '\\', '/':
			b.WriteByte(c)
		case 'u':
			if i+4 >= len(raw) {
				p.at = from
				p.fail(`expected four hexadecimal digits behind \u`)
			}
			n, err := strconv.ParseUint(string(raw[i+1:i+5]), 16, 32)
			if err != nil {
				p.at = from
				p.fail(`expected four hexadecimal digits behind \u`)
			}
			b.WriteRune(rune(n))
			i += 4
		default:
			p.at = from
			p.fail(`expected one of n t r b f " \ u behind \ in a string, found %q`, c)
		}
	}
	return b.String()
}
