package schedule

import "strings"

// firstWords are a statement's first two words, in capitals.
func firstWords(sql string) (first, second string) {
	words := strings.Fields(strings.ToUpper(sql))
	words = append(words, "", "")
	return words[0], words[1]
}

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
