package serial

import (
	"regexp"
	"strings"
)

// shape is what a piece of a text looks like.
type shape uint8

const (
	plain  shape = iota
	moment       // a date or a time
	random       // a UUID or another token that looks drawn
	number
)

// token is a piece of a text.
type token struct {
	shape shape
	text  string
}

// pieces finds what may be volatile: times (ISO, RFC 1123, JavaScript's, a clock's, seconds since 1970 in units down to ns), UUIDs
// and long words, numbers.
var pieces = regexp.MustCompile(strings.Join([]string{
	`(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?(?: ?(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?` +
		`|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? [0-9A-Za-z ]{6,13} \d\d:\d\d:\d\d(?: [A-Z]{3,4}(?:[+-]\d{4})?)?` +
		`|\d\d:\d\d:\d\d(?:[.,]\d+)?|\b1[0-9]{9}(?:\d{3}){0,3}(?:\.\d+)?\b)`,
	`([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9A-Za-z_-]{16,}=*)`,
	`(\d+)`,
}, "|"))

// tokens divides a text into pieces.
func tokens(text string) (all []token) {
	at := 0
	for _, m := range pieces.FindAllStringSubmatchIndex(text, -1) {
		if m[0] > at {
			all = append(all, token{plain, text[at:m[0]]})
		}
		t := token{plain, text[m[0]:m[1]]}
		switch {
		case m[2] >= 0:
			t.shape = moment
		case m[4] >= 0 && drawn(t.text):
			t.shape = random
		case m[6] >= 0:
			t.shape = number
		}
		all = append(all, t)
		at = m[1]
	}
	if at < len(text) {
		all = append(all, token{plain, text[at:]})
	}
	return all
}

// drawn reports whether a long word looks like one that was drawn: it has digits, too.
func drawn(word string) bool { return strings.ContainsAny(word, "0123456789") }
