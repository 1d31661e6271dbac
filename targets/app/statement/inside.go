package statement

import (
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/wire"
)

// inside reports whether others can matter to a statement while it runs: it reads something apart from the very rows that it writes, or
// nobody can tell. A write of rows that a key names, or that only adds rows, is whole: servers look at such a row again before they
// change it.
func (r *Reader) inside(words []wire.Word, sql string, s *Statement) bool {
	first := strings.ToUpper(words[0].Text)
	switch {
	case s.Passes || s.Step.Point == harness.AtCommit:
		return false
	case first == "CALL" || first == "DO" || first == "EXECUTE" || first == "MERGE":
		return true
	case first == "INSERT" || first == "REPLACE":
		return has(words, "SELECT") && has(words, "FROM") || has(words, "TABLE")
	case first == "UPDATE" || first == "DELETE":
		return !r.pinned(sql)
	case first == "WITH":
		return s.Writes != 0
	case first == "SELECT" || first == "VALUES" || first == "TABLE":
		_, _, code := r.tables(words)
		return code
	}
	return false
}

// stops reports whether what a statement does before it writes is surely only to read: it writes a table that is known, and no code runs.
func (r *Reader) stops(words []wire.Word, s *Statement) bool {
	if s.Step.Point != harness.AtWrite {
		return false
	}
	if strings.EqualFold(words[0].Text, "WITH") {
		return !s.Locks
	}
	for i, w := range words[1:min(len(words), 6)] {
		if r.names[strings.ToLower(w.Text)] != 0 {
			return true
		}
		if i > 0 && !w.Quoted && slices.Contains([]string{"SET", "VALUES", "SELECT", "WHERE", "USING"}, strings.ToUpper(w.Text)) {
			break
		}
	}
	return false
}

// elsewhere are the words after which a statement reads something apart from the rows that its WHERE names, or names them otherwise.
var elsewhere = []string{"SELECT", "FROM", "USING", "JOIN", "OR", "NOT", "XOR", "||", ",", ";"}

// pinned reports whether a statement is an UPDATE or DELETE of one table whose WHERE names the row by all columns of a unique key, each
// equal to a value, and reads nothing else. In doubt it does not.
func (r *Reader) pinned(sql string) bool {
	words, _, ok := tokens(strings.TrimRight(sql, "; \t\r\n"))
	where, set := slices.Index(words, "WHERE"), slices.Index(words, "SET")
	if !ok || where < 2 {
		return false
	}
	target, rest := words[1:where], words[where:]
	if words[0] == "DELETE" {
		target = words[2:max(where, 2)]
	} else if set > 0 && set < where {
		target = words[1:set]
		if slices.ContainsFunc(words[set:where], func(w string) bool { return w != "," && w != "OR" && w != "NOT" && slices.Contains(elsewhere, w) }) {
			return false
		}
	}
	if slices.ContainsFunc(append(slices.Clone(target), rest...), func(w string) bool { return slices.Contains(elsewhere, w) }) {
		return false
	}
	equal := equalities(rest)
	for _, w := range target {
		for _, key := range r.unique[name(w)] {
			if !slices.ContainsFunc(key, func(column string) bool { return equal[column] == 0 }) {
				return true
			}
		}
	}
	return false
}

// equalities are the columns that a WHERE without OR and NOT compares with a value, and where that stands.
func equalities(where []string) map[string]int {
	equal := map[string]int{}
	for i, w := range where {
		if w != "=" || i < 2 || i+1 == len(where) || where[i+1] != value {
			continue
		}
		before := i - 2
		if where[before] == "." { // table.column
			before -= 2
		}
		for before > 0 && where[before] == "(" {
			before--
		}
		after := append(where[i+2:], "")[0]
		if before >= 0 && (where[before] == "WHERE" || where[before] == "AND") &&
			slices.Contains([]string{"", "AND", ")", ":", "RETURNING", "ORDER", "LIMIT"}, after) {
			equal[name(where[i-1])] = i + 1
		}
	}
	return equal
}

// value is any literal or parameter among tokens.
const value = "?"

// name is a token as a name, in lower case.
func name(token string) string { return strings.ToLower(strings.Trim(token, "`\"")) }

// tokens are the words and signs of a statement: names that are not quoted in upper case, a ? for each literal. texts are the same as they
// were written. ok: it holds nothing that products read in different ways.
func tokens(sql string) (all, texts []string, ok bool) {
	for i := 0; i < len(sql); {
		c, from := sql[i], i
		switch {
		case strings.HasPrefix(sql[i:], "--"), strings.HasPrefix(sql[i:], "/*"), c == '\\', c == '#':
			return nil, nil, false
		case c == ' ', c == '\n', c == '\t', c == '\r':
			i++
			continue
		case c == '\'', c == '"', c == '`':
			end := strings.IndexByte(sql[i+1:], c)
			if end < 0 || strings.ContainsRune(sql[i:i+end+1], '\\') {
				return nil, nil, false
			}
			if i += end + 2; c != '\'' {
				all, texts = append(all, sql[from:i]), append(texts, sql[from:i])
			} else if len(all) == 0 || all[len(all)-1] != value { // '' stands for a quote
				all, texts = append(all, value), append(texts, sql[from:i])
			} else {
				texts[len(texts)-1] = "''"
			}
			continue
		case c == '$' || c == '?' || c >= '0' && c <= '9':
			for i++; i < len(sql) && letter(sql[i]); i++ {
			}
			if c == '$' && i < len(sql) && sql[i] == '$' {
				return nil, nil, false
			}
			all, texts = append(all, value), append(texts, sql[from:i])
			continue
		case letter(c):
			for i++; i < len(sql) && letter(sql[i]); i++ {
			}
			all, texts = append(all, strings.ToUpper(sql[from:i])), append(texts, sql[from:i])
			continue
		}
		for i++; i < len(sql) && strings.IndexByte("=<>!|", c) >= 0 && strings.IndexByte("=<>!|", sql[i]) >= 0; i++ {
		}
		all, texts = append(all, sql[from:i]), append(texts, sql[from:i])
	}
	return all, texts, len(all) > 2
}

func letter(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}
