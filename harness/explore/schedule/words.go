package schedule

import (
	"regexp"
	"strings"
	"sync"
)

// firstWords are a statement's first two words, in capitals.
func firstWords(sql string) (first, second string) {
	words := strings.Fields(strings.ToUpper(sql))
	words = append(words, "", "")
	return words[0], words[1]
}

// Begins reports whether the statement begins a transaction.
func Begins(sql string) bool { return begins(sql) }

// Ends reports whether the statement ends a transaction.
func Ends(sql string) bool { return ends(sql) }

// Answers reports whether the statement answers rows, even if there are none.
func Answers(sql string) bool {
	return reads(sql) || returning().MatchString(sql)
}

var returning = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)\bRETURNING\b`) })

// Sent is a statement as it is sent, with what earlier ones of its session answered in the places of their labels in braces: {seen}.
func Sent(sql string, seen map[string]string) string { return sent(fill(sql, seen)) }

// fill puts the first value that a labelled statement answered in the place of its label in braces. Other braces stay.
func fill(sql string, seen map[string]string) string {
	return braces().ReplaceAllStringFunc(sql, func(place string) string {
		if value, ok := seen[place[1:len(place)-1]]; ok {
			return value
		}
		return place
	})
}

var braces = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{[\w-]+\}`) })

// First is the first value that a statement answered, as SQL has it. NULL where it answered no row, as a scalar subquery has it.
func First(rows [][]string) string {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return "NULL"
	}
	return Literal(rows[0][0])
}

// Literal is an answered value as SQL has it: a number and NULL as they are, all else in quotes. 007 is a text: as a number it would be
// another value.
func Literal(value string) string {
	if value == "NULL" || number().MatchString(value) {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", "''") + "'"
}

var number = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`) })

// begins: the statement begins a transaction.
func begins(sql string) bool {
	first, _ := firstWords(sql)
	return first == "BEGIN" || first == "START"
}

// ends: the statement ends a transaction, unless it goes back to a savepoint.
func ends(sql string) bool {
	first, second := firstWords(sql)
	switch first {
	case "COMMIT", "END", "ABORT":
		return true
	case "ROLLBACK":
		return second != "TO"
	}
	return false
}

// takesBack: the statement goes back to where the transaction was not refused yet.
func takesBack(sql string) bool {
	first, second := firstWords(sql)
	return first == "ROLLBACK" && second == "TO"
}

// reads: the statement answers rows, even if there are none.
func reads(sql string) bool {
	first, _ := firstWords(sql)
	switch first {
	case "SELECT", "WITH", "SHOW", "VALUES", "TABLE", "EXPLAIN", "PRAGMA":
		return true
	}
	return false
}

// sorts reports whether the statement says in which order it answers rows: by an ORDER BY outside of subqueries and texts.
func sorts(sql string) bool {
	var outside strings.Builder
	depth := 0
	for i := 0; i < len(sql); i++ {
		switch c := sql[i]; c {
		case '\'', '"', '`':
			if end := strings.IndexByte(sql[i+1:], c); end >= 0 {
				i += end + 1
			}
			continue
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			outside.WriteByte(sql[i])
		}
	}
	return orderBy().MatchString(outside.String())
}

var orderBy = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)\bORDER\s+BY\b`) })

// sent is a statement as it is sent: with a blank after its first word, and the words that begin and end transactions in
// capitals, because that is how drivers know them.
func sent(sql string) string {
	first, rest := word(sql)
	switch {
	case rest == "" && (ends(sql) || begins(sql)), strings.EqualFold(sql, "BEGIN IMMEDIATE"):
		return strings.ToUpper(sql)
	case rest == "":
		return sql
	}
	return first + " " + rest
}
