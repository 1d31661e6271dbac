package reports

import (
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
)

// throughShell is what a program gets as its arguments when a line is typed to a shell.
func throughShell(t interface {
	Fatalf(string, ...any)
}, line string,
) []string {
	out, err := exec.Command("sh", "-c", `printf '%s\0' `+line).Output()
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// TestShellWord: a word of a command arrives as it was, whatever is in it, and shows.
func TestShellWord(t *testing.T) {
	same := func(t interface {
		Fatalf(string, ...any)
	}, text string,
	) {
		word := ShellWord(text)
		if got := throughShell(t, word+" next"); len(got) != 2 || got[0] != text || got[1] != "next" {
			t.Fatalf("%q as %s is %q", text, word, got)
		}
		if word != harness.VisibleLine(word) {
			t.Fatalf("%q as %q does not show", text, word)
		}
	}
	for _, text := range []string{
		"plain", "", "a b", "it's", `"q"`, "$HOME", "`id`", "a\nb", `back\slash`, "*", "~", "!x", "a;b", "-n", "\x1b[2J", "\u202e", "é", "100%s", "\xff", "#c", "{a,b}",
	} {
		same(t, text)
	}
	rapid.Check(t, func(t *rapid.T) {
		same(t, strings.ReplaceAll(rapid.StringOfN(rapid.RuneFrom([]rune("a '\"$`\\\n\t*%é\u202e\x1b!#;&|")), 0, 12, -1).Draw(t, "text"), "\x00", "")+"z")
	})
}
