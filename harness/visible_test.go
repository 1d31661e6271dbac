package harness_test

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
)

func TestVisible(t *testing.T) {
	for text, want := range map[string]string{
		"plain, ünïcode 漢字 ✓\n\t": "plain, ünïcode 漢字 ✓\n\t",
		"\x1b[2J\x00\a\r\u007f":   `\u001b[2J\u0000\u0007\u000d\u007f`,
		"\u009b31m\u0085":         `\u009b31m\u0085`,
		"a\u202eb\u2066c\ufeff":   `a\u202eb\u2066c\ufeff`,
		"\u200b\u2028\U000e0041":  `\u200b\u2028\udb40\udc41`,
		"\xff\xc3":                `\xff\xc3`,
	} {
		if got := harness.Visible(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if got := harness.VisibleLine("a\nb\tc\x1b"); got != `a\nb\tc\u001b` {
		t.Error(got)
	}
	var b bytes.Buffer
	if _, err := io.WriteString(harness.VisibleWriter(&b, "\x1b[32m"), "\x1b[32mgreen\x1b[31m"); err != nil || b.String() != "\x1b[32mgreen"+`\u001b[31m` {
		t.Error(b.String(), err)
	}
}

// TestVisibleInPieces: however a text is divided into writes, the same is written; JSON stays what it was.
func TestVisibleInPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + rapid.SampledFrom([]string{"", "é", "\x1b", "漢", "\U0001F600", "\u202e"}).Draw(t, "more")
		var b bytes.Buffer
		w := harness.VisibleWriter(&b)
		for rest := []byte(text); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "n")
			if _, err := w.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if b.String() != harness.Visible(text) || !utf8.Valid(b.Bytes()) {
			t.Fatalf("%q: %q, want %q", text, &b, harness.Visible(text))
		}
		doc, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var again string
		if err := json.Unmarshal([]byte(harness.Visible(string(doc))), &again); err != nil || again != text {
			t.Fatalf("%q became %q, %v", text, again, err)
		}
	})
}
