package history

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
	"unicode/utf8"
)

// scanner reads the JSON of one line, as RFC 8259 has it, in a single pass. The first thing that is not as expected is kept in
// err; what is read after that means nothing.
type scanner struct {
	line []byte
	at   int
	err  error
}

func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
}

// want fails for what is next on the line.
func (s *scanner) want(what string) {
	found := "the end of the line"
	if s.at < len(s.line) {
		found = fmt.Sprintf("%q", s.line[s.at])
	}
	s.fail("column %d: expected %s, found %s", s.at+1, what, found)
}

func (s *scanner) space() {
	for s.at < len(s.line) {
		switch s.line[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

// is reports whether c comes next, and goes past it.
func (s *scanner) is(c byte) bool {
	if s.at < len(s.line) && s.line[s.at] == c { // as lines are written, without spaces
		s.at++
		return true
	}
	s.space()
	if s.at < len(s.line) && s.line[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) must(c byte) {
	if !s.is(c) {
		s.want(fmt.Sprintf("%q", c))
	}
}

// object reads an object, keys in any order; value reads the value of a key. It returns the keys that were there, as bits.
func (s *scanner) object(sh *shape, value func(key int)) (seen uint) {
	s.must('{')
	key := -1
	for empty := s.is('}'); s.err == nil && !empty; {
		if key = s.key(sh, key+1); key < 0 {
			break
		}
		if seen&(1<<key) != 0 {
			s.fail("%s: key %q twice", sh.what, sh.keys[key])
		}
		seen |= 1 << key
		value(key)
		if s.is('}') {
			break
		}
		s.must(',')
	}
	s.need(sh, seen, sh.need)
	return seen
}

// key reads an object's key and its colon, and returns its number, or -1. It is most likely next, as it is written.
func (s *scanner) key(sh *shape, next int) int {
	if next < len(sh.quoted) && bytes.HasPrefix(s.line[s.at:], sh.quoted[next]) {
		s.at += len(sh.quoted[next])
		return next
	}
	text := s.text()
	s.must(':')
	if s.err != nil {
		return -1
	}
	key := sh.find(text, next)
	if key < 0 {
		s.fail("%s: unknown key %q", sh.what, text)
	}
	return key
}

// need fails if one of the first n keys was not seen.
func (s *scanner) need(sh *shape, seen uint, n int) {
	if missing := (1<<n - 1) &^ seen; missing != 0 {
		s.fail("%s: expected the key %q", sh.what, sh.keys[bits.TrailingZeros(missing)])
	}
}

// array reads an array; item reads one of its values.
func (s *scanner) array(item func()) {
	s.must('[')
	if s.is(']') {
		return
	}
	for s.err == nil {
		item()
		if s.is(']') {
			return
		}
		s.must(',')
	}
}

// text reads a string. The result is valid as long as the line is.
func (s *scanner) text() []byte {
	s.must('"')
	from, plain := s.at, true
	for s.err == nil && s.at < len(s.line) {
		switch c := s.line[s.at]; {
		case c == '"':
			raw := s.line[from:s.at]
			s.at++
			if !plain {
				return s.unescape(s.line[from-1 : s.at])
			}
			return raw
		case c == '\\':
			plain = false
			s.at++
		case c < ' ', c >= utf8.RuneSelf:
			plain = false
		}
		s.at++
	}
	s.want("the end of a string")
	return nil
}

// unescape is the text of a quoted string that is more, or less, than printable ASCII.
func (s *scanner) unescape(quoted []byte) []byte {
	var text string
	if !utf8.Valid(quoted) {
		s.fail("column %d: expected UTF-8", s.at+1-len(quoted))
	} else if err := json.Unmarshal(quoted, &text); err != nil {
		s.fail("column %d: %w", s.at+1-len(quoted), err)
	}
	return []byte(text)
}

// number reads a whole number of 64 bits.
func (s *scanner) number() int64 {
	s.space()
	from := s.at
	negative := s.at < len(s.line) && s.line[s.at] == '-'
	if negative {
		s.at++
	}
	digits := s.at
	var v uint64
	for s.at < len(s.line) && s.line[s.at]-'0' <= 9 {
		v = v*10 + uint64(s.line[s.at]-'0')
		s.at++
	}
	n, limit := s.at-digits, uint64(math.MaxInt64)
	if negative {
		limit++
	}
	switch {
	case n == 0:
		s.want("a whole number")
	case n > 1 && s.line[digits] == '0', n > 19, v > limit:
		s.at = from
		s.fail("column %d: expected a whole number of 64 bits, without leading zeros", from+1)
	case negative:
		return -int64(v)
	}
	return int64(v)
}

// between reads a whole number within bounds.
func (s *scanner) between(lo, hi int64) int64 {
	v := s.number()
	if v < lo || v > hi {
		s.fail("column %d: expected a number from %d to %d, found %d", s.at, lo, hi, v)
	}
	return v
}

// literal goes past a word that is not quoted.
func (s *scanner) literal(word string) {
	s.space()
	if !bytes.HasPrefix(s.line[s.at:], []byte(word)) {
		s.want(word)
		return
	}
	s.at += len(word)
}

// end fails if there is more on the line.
func (s *scanner) end() {
	s.space()
	if s.at < len(s.line) {
		s.want("nothing more")
	}
}
