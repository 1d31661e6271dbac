package harness

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Visible is text that a terminal, an editor or a browser shows as it is: characters that move the cursor, command a terminal, turn the
// direction of writing, or do not show at all become the escapes that JSON has for them (\u001b), and bytes that are not UTF-8 become
// \xff. Line ends and tabs stay. Histories and servers may send anything; every report is written through a VisibleWriter.
func Visible(text string) string {
	var b strings.Builder
	appendVisible(&b, text, nil)
	return b.String()
}

// VisibleLine is Visible of a text that has to stay on its line: line ends and tabs are escaped as well, so that it cannot pass for
// another line of a report.
func VisibleLine(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(Visible(text), "\n", `\n`), "\t", `\t`)
}

// VisibleWriter writes what is written to it as Visible has it, but for the sequences in pass: those of the report's own colors.
func VisibleWriter(w io.Writer, pass ...string) io.Writer { return &visibleWriter{w: w, pass: pass} }

type visibleWriter struct {
	w    io.Writer
	pass []string
	rest []byte // the beginning of a character
}

func (v *visibleWriter) Write(p []byte) (int, error) {
	data := slices.Concat(v.rest, p)
	end := len(data)
	for i := 1; i < utf8.UTFMax && i <= len(data); i++ { // a character may be divided between two writes
		if tail := data[len(data)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				end -= i
			}
			break
		}
	}
	var b strings.Builder
	appendVisible(&b, string(data[:end]), v.pass)
	v.rest = append([]byte(nil), data[end:]...)
	if _, err := io.WriteString(v.w, b.String()); err != nil {
		return 0, err
	}
	return len(p), nil
}

func appendVisible(b *strings.Builder, text string, pass []string) {
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(b, `\x%02x`, text[0])
		case shows(r):
			b.WriteString(text[:size])
		default:
			if n := passes(text, pass); n > 0 {
				size = n
				b.WriteString(text[:n])
				break
			}
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(b, `\u%04x`, unit)
			}
		}
		text = text[size:]
	}
}

// passes is the length of the sequence in pass that text begins with.
func passes(text string, pass []string) int {
	for _, p := range pass {
		if strings.HasPrefix(text, p) {
			return len(p)
		}
	}
	return 0
}

// shows reports whether a character may stand in a report. Joiners (U+200C, U+200D) belong to the spelling of some languages.
func shows(r rune) bool {
	switch r {
	case '\n', '\t', '\u200c', '\u200d':
		return true
	case '\u2028', '\u2029', '\u115f', '\u1160', '\u3164', '\uffa0': // line ends to some, and letters that are blank
		return false
	}
	return !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Noncharacter_Code_Point, unicode.Variation_Selector)
}
