package wire

import "strings"

// Mask is a text of SQL without its values and comments: a ? stands for each string and number. Spaces are one. What stands in double
// quotes is a name for PostgreSQL, and may be a string for MySQL; there it goes too. In doubt more is left out than needed.
func (p Protocol) Mask(sql string) string {
	var b strings.Builder
	space := func() {
		if s := b.String(); s != "" && !strings.HasSuffix(s, " ") {
			b.WriteByte(' ')
		}
	}
	for i := 0; i < len(sql); {
		c := sql[i]
		within := i > 0 && wordByte(sql[i-1])
		n := p.grammar.span(sql[i:], within)
		switch {
		case c == '\'' && p.grammar.dollar && within && (sql[i-1] == 'e' || sql[i-1] == 'E') && (i == 1 || !wordByte(sql[i-2])):
			i += max(escaped.quoted(sql[i:]), 1) // E'…'
			b.WriteByte('?')
		case n > 0 && (c == '-' || c == '/' || c == '#'):
			space()
			i += n
		case n > 0 && (c == '`' || c == '"' && p.grammar.dollar):
			b.WriteString(sql[i : i+n])
			i += n
		case n > 0 && openEnded(sql[i:i+n]):
			b.WriteString("? …")
			return b.String()
		case n > 0:
			if !strings.HasSuffix(b.String(), "?") { // a doubled quote
				b.WriteByte('?')
			}
			i += n
		case c >= '0' && c <= '9' && !within || c == '.' && i+1 < len(sql) && sql[i+1] >= '0' && sql[i+1] <= '9' && !within:
			i += numeral(sql[i:])
			b.WriteByte('?')
		case c == '$' && i+1 < len(sql) && wordByte(sql[i+1]): // a parameter
			b.WriteByte(c)
			for i++; i < len(sql) && wordByte(sql[i]); i++ {
				b.WriteByte(sql[i])
			}
		case c <= ' ':
			space()
			i++
		default:
			b.WriteByte(c)
			i++
		}
	}
	return strings.TrimSpace(b.String())
}

// openEnded reports whether it hangs on a setting of the session where a string ends: a backslash before a quote may be one of its
// characters, or take the quote along.
func openEnded(s string) bool {
	backslashes := 0
	for i := 1; i < len(s); i++ {
		if s[i] == '\\' {
			backslashes++
			continue
		}
		if s[i] == s[0] && backslashes%2 == 1 {
			return true
		}
		backslashes = 0
	}
	return false
}

// numeral is the length of the number that s begins with.
func numeral(s string) int {
	for i := 1; i < len(s); i++ {
		sign := (s[i] == '-' || s[i] == '+') && (s[i-1] == 'e' || s[i-1] == 'E')
		if !wordByte(s[i]) && s[i] != '.' && !sign {
			return i
		}
	}
	return len(s)
}

// escaped is the grammar of strings with backslashes.
var escaped = grammar{backslash: true}
