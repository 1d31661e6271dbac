package schedule

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// validPrefix is how much of text is UTF-8.
func validPrefix(text []byte) int {
	n := 0
	for n < len(text) {
		r, size := utf8.DecodeRune(text[n:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		n += size
	}
	return n
}

// statement is a line of SQL without the semicolon at its end, which consoles want.
func statement(line string) string {
	return strings.TrimSpace(strings.TrimRightFunc(line, func(r rune) bool { return r == ';' || unicode.IsSpace(r) }))
}

// word cuts the first word off a line.
func word(line string) (first, rest string) {
	if i := strings.IndexFunc(line, unicode.IsSpace); i >= 0 {
		return line[:i], strings.TrimSpace(line[i:])
	}
	return line, ""
}

var wordPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\pL\pN_-]+$`) })

func isWord(s string) bool { return wordPattern().MatchString(s) }

// quote shows what was written, if it is not too long to be shown.
func quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}
