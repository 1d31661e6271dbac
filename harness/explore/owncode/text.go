package owncode

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// maxText is how many characters of a value are shown.
const maxText = 40

// Text is a value as a transcript shows it, much as SQL has it.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return quoted(v)
	case []byte:
		if utf8.Valid(v) {
			return quoted(string(v))
		}
		return fmt.Sprintf("%d bytes", len(v))
	case time.Time:
		return quoted(v.Format("2006-01-02 15:04:05.999999"))
	default:
		return short(fmt.Sprint(v))
	}
}

func quoted(s string) string { return "'" + strings.ReplaceAll(short(s), "'", "''") + "'" }

// short is the beginning of a long text, on one line.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= maxText {
		return s
	}
	return string([]rune(s)[:maxText-1]) + "…"
}
