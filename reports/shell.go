package reports

import (
	"fmt"
	"regexp"
	"strings"
)

// ShellWord is a text as one word of a POSIX shell's command, to be copied from a report. What does not show is written by printf: a
// terminal would obey it, and a report would escape it. Line ends at the very end are lost: the shell drops them.
func ShellWord(text string) string {
	switch {
	case plainWord.MatchString(text):
		return text
	case !unprintable.MatchString(text):
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ', c >= 0x7f, strings.IndexByte(`\'"%$`+"`", c) >= 0:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return `"$(printf '` + b.String() + `')"`
}

var (
	plainWord   = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)
	unprintable = regexp.MustCompile(`[^ -~\pL\pN]`)
)
