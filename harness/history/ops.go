package history

import (
	"bytes"
	"fmt"
)

// notation is how a file writes its operations. EDN and JSON differ little where histories are concerned, so one parser reads
// both: JSON has a colon behind each key, null for nil, and strings for keywords.
type notation uint8

const (
	edn notation = iota
	jsn
)

// parser reads values out of a file's bytes. The first thing that is not as expected ends it: see fail.
type parser struct {
	data  []byte
	at    int
	in    notation
	depth int
}

// unexpected is where and why parsing ended.
type unexpected struct {
	at   int // position in the data
	text string
}

func (u *unexpected) Error() string { return u.text }

// maxDepth bounds how deep values may be nested: histories need five levels, and each takes some of the stack.
const maxDepth = 200

// from is a parser of the value at a place; nil if there is none.
func (p *parser) from(value int) *parser {
	if value < 0 {
		return nil
	}
	q := *p
	q.at = value
	return &q
}

// fail ends parsing at the present place.
func (p *parser) fail(format string, args ...any) {
	panic(&unexpected{p.at, fmt.Sprintf(format, args...)})
}

// want ends parsing for what is next.
func (p *parser) want(what string) {
	if p.at >= len(p.data) {
		p.fail("expected %s, found the end of the file", what)
	}
	p.fail("expected %s, found %q", what, p.shown())
}

// shown is the beginning of what is next.
func (p *parser) shown() string {
	rest := p.data[p.at:min(p.at+20, len(p.data))]
	if i := bytes.IndexAny(rest, "\n\r"); i > 0 {
		rest = rest[:i]
	}
	return string(rest)
}

// parse runs read, and turns what ended it into an error.
func parse(read func()) (err *unexpected) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *unexpected:
			err = r
		default:
			panic(r)
		}
	}()
	read()
	return nil
}

// peek skips white space and comments, and answers the next byte; 0 at the end.
func (p *parser) peek() byte {
	for p.at < len(p.data) {
		switch c := p.data[p.at]; c {
		case ' ', '\n', '\t', '\r', ',', '\f', '\v':
			p.at++
		case ';':
			if p.in == jsn {
				return c
			}
			for p.at < len(p.data) && p.data[p.at] != '\n' {
				p.at++
			}
		case '#':
			if p.in == jsn || p.at+1 >= len(p.data) || p.data[p.at+1] != '_' {
				return c
			}
			p.at += 2
			p.skipInside()
		default:
			return c
		}
	}
	return 0
}

// token is the bytes of a number, keyword or symbol that begins here.
func (p *parser) token() []byte {
	from := p.at
	for p.at < len(p.data) && !ends[p.data[p.at]] {
		p.at++
	}
	return p.data[from:p.at]
}

// ends are the bytes that end a token.
var ends = func() (t [256]bool) {
	for _, c := range []byte(" \n\t\r\f\v,;()[]{}\"") {
		t[c] = true
	}
	return t
}()

// skip passes over a value.
func (p *parser) skip() {
	switch c := p.peek(); c {
	case 0, ')', ']', '}':
		p.want("a value")
	case '"':
		p.skipString()
	case '(', '[', '{':
		p.skipNested()
	case '^':
		p.want("a value without metadata")
	case '#':
		p.at++
		switch {
		case p.at < len(p.data) && p.data[p.at] == '{':
			p.skipNested()
		default:
			if len(p.token()) == 0 {
				p.want("a tag or a set behind #")
			}
			p.skipInside()
		}
	case '\\':
		p.at += 2
		p.token()
	default:
		p.token()
	}
}

// skipInside passes over a value behind a tag or #_, which may have one itself: each takes some of the stack.
func (p *parser) skipInside() {
	if p.depth++; p.depth > maxDepth {
		p.fail("expected no more than %d tags and collections within each other", maxDepth)
	}
	p.skip()
	p.depth--
}

// skipNested passes over a collection, whatever is in it, and sees that its brackets match.
func (p *parser) skipNested() {
	var open [maxDepth]byte
	n := 0
	for p.at < len(p.data) {
		switch c := p.data[p.at]; c {
		case '(', '[', '{':
			if n == maxDepth {
				p.fail("expected no more than %d collections within each other", maxDepth)
			}
			open[n] = closing(c)
			n++
		case ')', ']', '}':
			if open[n-1] != c {
				p.want(fmt.Sprintf("%q", open[n-1]))
			}
			if n--; n == 0 {
				p.at++
				return
			}
		case '"':
			p.skipString()
			continue
		case '\\':
			p.at++
		case ';':
			if p.in == edn {
				for p.at < len(p.data) && p.data[p.at] != '\n' {
					p.at++
				}
				continue
			}
		}
		p.at++
	}
	p.want(fmt.Sprintf("%q", open[max(n-1, 0)]))
}

func closing(c byte) byte {
	switch c {
	case '(':
		return ')'
	case '[':
		return ']'
	}
	return '}'
}

// skipString passes over a string.
func (p *parser) skipString() {
	from := p.at
	for p.at++; p.at < len(p.data); p.at++ {
		switch p.data[p.at] {
		case '\\':
			p.at++
		case '"':
			p.at++
			return
		}
	}
	p.at = from
	p.fail("expected a string to end, and it does not")
}

// enter passes the opening bracket of a collection, of which c is known to be one.
func (p *parser) enter() (end byte) {
	if p.depth++; p.depth > maxDepth {
		p.fail("expected no more than %d collections within each other", maxDepth)
	}
	end = closing(p.data[p.at])
	p.at++
	return end
}

// more reports whether the collection that end closes has another element; if not, it is left.
func (p *parser) more(end byte) bool {
	c := p.peek()
	if c == end {
		p.at++
		p.depth--
		return false
	}
	if c == 0 || c == ')' || c == ']' || c == '}' {
		p.want(fmt.Sprintf("%q", end))
	}
	return true
}

// colon passes the colon behind a key, where the notation has one.
func (p *parser) colon() {
	if p.in == edn {
		return
	}
	if p.peek() != ':' {
		p.want(`":"`)
	}
	p.at++
}
