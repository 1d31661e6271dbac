package harness

import (
	"regexp"
	"strings"
)

// PointOf is where a statement known only by its text is announced. It goes by the statement's words, and tells no more than they
// surely mean: whatever is not a plain read or the bounds of a transaction is AtStatement. readsLock: plain reads take locks, as
// those of some engines do at serializable.
func PointOf(sql string, readsLock bool) Point {
	sql = bare(sql)
	word, rest, _ := strings.Cut(sql, " ")
	rest = strings.TrimSpace(rest)
	switch word {
	case "BEGIN":
		if first, _, _ := strings.Cut(rest, " "); first == "IMMEDIATE" || first == "EXCLUSIVE" {
			return AtLock
		}
		return beginning(rest)
	case "START":
		return beginning(rest)
	case "SELECT":
		if !readsLock && plainRead(rest) {
			return AtRead
		}
	case "COMMIT", "END":
		if endsIt(rest) {
			return AtCommit
		}
	case "ROLLBACK", "ABORT":
		if endsIt(rest) {
			return AtRollback
		}
	}
	return AtStatement
}

// leading is a comment before a statement, which runs to the end of its line.
var leading = regexp.MustCompile(`^\s*--.*(\n|$)`)

// bare is the statement in capitals, with one space between its words, and without what comes before and after it.
func bare(sql string) string {
	for leading.MatchString(sql) {
		sql = leading.ReplaceAllString(sql, "")
	}
	return strings.TrimRight(strings.ToUpper(strings.Join(strings.Fields(sql), " ")), "; ")
}

// beginning: others cannot see a transaction begin, unless its snapshot is taken there, or more follows.
func beginning(rest string) Point {
	if strings.Contains(rest, "SNAPSHOT") || strings.Contains(rest, ";") {
		return AtStatement
	}
	return AtBegin
}

// endsIt tells the end of a transaction from ROLLBACK TO a savepoint, COMMIT PREPARED and the like.
func endsIt(rest string) bool {
	return rest == "" || rest == "WORK" || rest == "TRANSACTION" || rest == "TRAN"
}

// A SELECT is more than a plain read if it has a locking clause, or calls a function that may do anything. What a comment or a
// second statement hides is not looked for.
var (
	harmless = regexp.MustCompile(`\b(COUNT|SUM|MIN|MAX|AVG|COALESCE|IN|EXISTS|AND|OR|NOT|FROM|JOIN|AS|ON|USING|WHERE|SELECT|DISTINCT|` +
		`UNION|ALL|ANY|BY|VALUES|WHEN|THEN|ELSE)\s*\(`)
	locksOrCalls = regexp.MustCompile(`\bFOR (UPDATE|SHARE|NO|KEY)\b|\bLOCK\b|\bINTO\b|[\w"` + "`" + `\]]\s*\(|--|/\*|#|;`)
)

func plainRead(rest string) bool {
	return !locksOrCalls.MatchString(harmless.ReplaceAllString(rest, " "))
}
