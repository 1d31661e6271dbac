package wire

import "strings"

// Control is what statements do to transactions: any of the following.
type Control uint8

// What a statement may do.
const (
	Begins Control = 1 << iota
	Commits
	RollsBack
	// callsCode: how many answers the statement has cannot be known.
	callsCode
	// writes: it writes rows, and may return them.
	writes
)

// controls is what a request's statements do together, and what each of them does.
func controls(sql string, g grammar) (all Control, each []Control) {
	for rest := sql; rest != ""; {
		var one string
		one, rest = g.cut(rest)
		c, empty := g.control(one)
		if empty {
			continue
		}
		all |= c
		each = append(each, c)
	}
	return all & (Begins | Commits | RollsBack), each
}

// control is what one statement does. empty: it is only spaces and comments.
func (g grammar) control(one string) (c Control, empty bool) {
	first, rest := g.word(one)
	if first == "" {
		return 0, strings.TrimSpace(g.skip(one)) == ""
	}
	if len(first) > len("ROLLBACK") {
		return 0, false
	}
	switch strings.ToUpper(first) {
	case "BEGIN":
		return Begins, false
	case "START":
		return g.followed(rest, map[string]Control{"TRANSACTION": Begins}), false
	case "COMMIT", "END":
		return Commits, false
	case "ROLLBACK":
		return g.rollback(rest), false
	case "ABORT":
		return RollsBack, false
	case "XA":
		return g.followed(rest, map[string]Control{"START": Begins, "BEGIN": Begins, "COMMIT": Commits, "ROLLBACK": RollsBack}), false
	case "CALL":
		return callsCode, false
	case "INSERT", "UPDATE", "DELETE", "REPLACE":
		return writes, false
	}
	return 0, false
}

// followed is what a statement does by its second word.
func (g grammar) followed(rest string, by map[string]Control) Control {
	second, _ := g.word(rest)
	return by[strings.ToUpper(second)]
}

// rollback is what a rollback does: to a savepoint, nothing that ends the transaction.
func (g grammar) rollback(rest string) Control {
	second, rest := g.word(rest)
	third, _ := g.word(rest) // after WORK or TRANSACTION
	if strings.EqualFold(second, "TO") || strings.EqualFold(third, "TO") {
		return 0
	}
	return RollsBack
}

// grammar is how texts are written.
type grammar struct {
	backslash bool // escapes in strings
	hash      bool // begins a comment
	dollar    bool // $$ quotes
	nested    bool // comments go in comments
}

// cut cuts off the first statement.
func (g grammar) cut(sql string) (one, rest string) {
	if strings.IndexByte(sql, ';') < 0 {
		return sql, ""
	}
	for i := 0; i < len(sql); {
		if sql[i] == ';' {
			return sql[:i], sql[i+1:]
		}
		i += max(1, g.span(sql[i:], i > 0 && wordByte(sql[i-1])))
	}
	return sql, ""
}

// span is the length of the string, the quoted name or the comment that s begins with; 0: of none. within: a word's letter comes
// just before.
func (g grammar) span(s string, within bool) int {
	switch c := s[0]; {
	case c == '\'' || c == '"' || c == '`':
		return g.quoted(s)
	case c == '$' && g.dollar && !within:
		end := strings.IndexByte(s[1:], '$')
		if end < 0 || strings.ContainsFunc(s[1:1+end], func(r rune) bool { return r < 0x80 && !wordByte(byte(r)) }) {
			return 0
		}
		tag := s[:end+2]
		if at := strings.Index(s[len(tag):], tag); at >= 0 {
			return at + 2*len(tag)
		}
		return len(s)
	}
	return g.comment(s)
}

func (g grammar) quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && g.backslash && s[0] != '`':
			i++
		case s[i] == s[0]:
			return i + 1 // a doubled quote begins the next string
		}
	}
	return len(s)
}

func (g grammar) comment(s string) int {
	switch {
	case strings.HasPrefix(s, "--"), g.hash && s[0] == '#':
		if end := strings.IndexByte(s, '\n'); end >= 0 {
			return end + 1
		}
		return len(s)
	case strings.HasPrefix(s, "/*"):
		depth := 1
		for i := 2; i < len(s)-1; i++ {
			switch {
			case s[i] == '*' && s[i+1] == '/':
				if depth--; depth == 0 || !g.nested {
					return i + 2
				}
				i++
			case s[i] == '/' && s[i+1] == '*':
				depth++
				i++
			}
		}
		return len(s)
	}
	return 0
}

// skip leaves out spaces and comments that s begins with.
func (g grammar) skip(s string) string {
	for {
		s = strings.TrimLeft(s, " \t\r\n\f\v(")
		if s == "" {
			return s
		}
		n := g.comment(s)
		if n == 0 {
			return s
		}
		s = s[n:]
	}
}

// word is the first word of s.
func (g grammar) word(s string) (word, rest string) {
	s = g.skip(s)
	i := 0
	for i < len(s) && wordByte(s[i]) {
		i++
	}
	return s[:i], s[i:]
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
