package harness

import "strings"

// Level is an isolation level by its full name.
type Level string

// The levels of the SQL standard, and none for stores that have no levels.
const (
	NoLevel         Level = "none"
	ReadUncommitted Level = "read-uncommitted"
	ReadCommitted   Level = "read-committed"
	RepeatableRead  Level = "repeatable-read"
	Serializable    Level = "serializable"
)

// Levels are the four levels, weakest first.
func Levels() []Level { return []Level{ReadUncommitted, ReadCommitted, RepeatableRead, Serializable} }

// Short is the level's short name: ru, rc, rr, ser.
func (l Level) Short() string {
	switch l {
	case ReadUncommitted:
		return "ru"
	case ReadCommitted:
		return "rc"
	case RepeatableRead:
		return "rr"
	case Serializable:
		return "ser"
	}
	return string(l)
}

// SQL is the level as SQL writes it: READ COMMITTED.
func (l Level) SQL() string { return strings.ToUpper(strings.ReplaceAll(string(l), "-", " ")) }

// ParseLevel accepts full and short names.
func ParseLevel(s string) (Level, bool) {
	for _, l := range append(Levels(), NoLevel) {
		if s == string(l) || s == l.Short() {
			return l, true
		}
	}
	return "", false
}
