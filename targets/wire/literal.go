package wire

import (
	"encoding/hex"
	"strings"
)

// Cut cuts off the first statement of a text, without the semicolon at its end.
func (p Protocol) Cut(sql string) (one, rest string) { return p.grammar.cut(sql) }

// Span is the length of the string, the quoted name or the comment that a text begins with; 0: of none. within: a word's letter comes just
// before.
func (p Protocol) Span(sql string, within bool) int {
	if sql == "" {
		return 0
	}
	return p.grammar.span(sql, within)
}

// Quotes reports whether a quote begins a string, and not a name.
func (p Protocol) Quotes(quote byte) bool {
	return quote == '\'' || quote == '"' && p.grammar.backslash
}

// Literal is a text as statements write it, whatever is in it, and whatever a session has set: quotes are doubled, and what has a backslash
// is written so that it means itself.
func (p Protocol) Literal(text string) string {
	switch {
	case !strings.Contains(text, `\`):
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	case p.grammar.backslash:
		return "_utf8mb4 0x" + hex.EncodeToString([]byte(text))
	}
	return " E'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(text) + "'"
}
