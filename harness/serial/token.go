package serial

import (
	"regexp"
	"strings"
	"sync"
)

// shape is what a piece of a text looks like.
type shape uint8

const (
	plain  shape = iota
	moment       // a date or a time
	random       // a UUID or another long word that looks drawn
	word         // another long one: it may be drawn where others of the column are
	number
	client // it stands for a client
)

// token is a piece of a text.
type token struct {
	shape shape
	text  string
}

// pieces finds what may be volatile: times (ISO, RFC 1123, JavaScript's, by numerals, a clock's, without separators, seconds since 1970
// in units down to ns), UUIDs and long words, numbers.
var pieces = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(strings.Join([]string{
		`(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?(?: ?(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?` +
			`|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? [0-9A-Za-z ]{6,13} \d\d:\d\d:\d\d(?: [A-Z]{3,4}(?:[+-]\d{4})?)?` +
			`|\b\d{1,2}[/.]\d{1,2}[/.]\d{4}(?:,? \d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?)?\b` +
			`|\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: [AP]M)?\b|\b20\d{10}(?:\d\d){0,2}\b|\b1[0-9]{9}(?:\d{3}){0,3}(?:\.\d+)?\b)`,
		`([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9A-Za-z_+/-]{16,}=*)`,
		`(\d+)`,
	}, "|"))
})

// tokens divides a text into pieces. A long word that holds a key is no word that was drawn, but words around a key.
func tokens(text string, k keys) (all []token) {
	at := 0
	add := func(shape shape, end int) {
		if end > at {
			all = append(all, token{shape, text[at:end]})
		}
		at = end
	}
	for _, m := range pieces().FindAllStringSubmatchIndex(text, -1) {
		if m[0] < at {
			continue
		}
		add(plain, m[0])
		switch {
		case m[2] >= 0:
			add(moment, m[1])
		case m[4] >= 0 && !k.within(text[m[0]:m[1]]):
			add(wordShape(text[m[0]:m[1]]), m[1])
		default:
			for _, n := range digits.FindAllStringIndex(text[m[0]:m[1]], -1) {
				add(plain, m[0]+n[0])
				add(number, m[0]+n[1])
			}
			add(plain, m[1])
		}
	}
	add(plain, len(text))
	return all
}

var (
	digits = regexp.MustCompile(`\d+`)
	lower  = regexp.MustCompile(`[a-z]`)
	upper  = regexp.MustCompile(`[A-Z]`)
)

// wordShape is random if a long word looks like one that was drawn: it has digits, too; and what might be a path looks like base64.
// Base64 that is filled up needs no digits.
func wordShape(text string) shape {
	mixed := lower.MatchString(text) && upper.MatchString(text) && len(text) >= 20
	switch {
	case mixed && strings.HasSuffix(text, "=") && len(text)%4 == 0:
		return random
	case !digits.MatchString(text):
		return word
	case !strings.ContainsAny(text, "+/"), mixed:
		return random
	}
	return word
}

// keys are values that sequences have generated, each with the sequences that may have.
type keys map[string][]string

// of is which sequences may have generated a number. It may be filled up with zeros.
func (k keys) of(number string) []string {
	if number = strings.TrimLeft(number, "0"); number == "" {
		number = "0"
	}
	return k[number]
}

// within reports whether a word holds a key that is too long to be there by chance.
func (k keys) within(word string) bool {
	const long = 5
	for _, n := range digits.FindAllString(word, -1) {
		if len(n) >= long && k.of(n) != nil {
			return true
		}
	}
	return false
}
