package history

import (
	"bytes"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// TestAsWritten: what the reader of lines as they are written takes, the reader of all JSON reads as the same, whatever was changed on the line; and it
// takes every line with an operation or an entry that is as it was written and has no error of a client's.
func TestAsWritten(t *testing.T) {
	taken, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHeader(t)
		hist := newHistory(&h)
		drawOps(t, hist)
		hist.Final = drawFinal(t, hist)
		var out buffer
		w, err := newWriter(&out, "h.jsonl", h)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Append(hist); err != nil {
			t.Fatal(err)
		}
		if err := w.Finish(hist.Final); err != nil {
			t.Fatal(err)
		}
		for _, line := range bytes.SplitAfter(out.Bytes(), []byte("\n"))[1:] {
			if len(line) == 0 {
				continue
			}
			changed := bytes.Clone(line)
			if rapid.Bool().Draw(t, "change") {
				at := rapid.IntRange(0, len(line)-2).Draw(t, "at")
				changed[at] = rapid.SampledFrom([]byte(`"0123456789-.,:{}[] \abeinstw`)).Draw(t, "to")
			}
			if sameAsAnyJSON(t, len(h.Start.Values), changed) {
				taken++
			} else if refused++; bytes.Equal(line, changed) && usual(line) {
				t.Fatalf("refused as written: %s", line)
			}
		}
	})
	if taken == 0 || refused == 0 {
		t.Errorf("%d lines were taken and %d refused", taken, refused)
	}
}

// usual reports whether a line is one of those that a file has most of.
func usual(line []byte) bool {
	plain := !bytes.ContainsFunc(line[:len(line)-1], func(r rune) bool { return r < ' ' || r > '~' || r == '\\' }) &&
		!bytes.Contains(line, []byte(`"error"`)) && !bytes.Contains(line, []byte(`"clock"`))
	for digits, at := 0, 0; at < len(line); at++ {
		if digits++; line[at] < '0' || line[at] > '9' {
			digits = 0
		}
		plain = plain && digits <= fewDigits
	}
	return plain && (bytes.HasPrefix(line, []byte(`{"id"`)) || bytes.HasPrefix(line, []byte(`{"journal"`)))
}

// sameAsAnyJSON reports whether the line was taken, and fails where the two readers differ.
func sameAsAnyJSON(t *rapid.T, cells int, line []byte) bool {
	quick := lineReader{cells: cells, names: map[string]string{}}
	n := quick.writtenEntry(line)
	got := row{entries: quick.entries, alone: keyJournal}
	if n == 0 {
		n = quick.writtenOp(line, &quick.row.op)
		got = quick.row
	}
	if n == 0 {
		return false
	}
	all := lineReader{cells: cells, names: map[string]string{}}
	want, err := all.read(line)
	if err != nil || n != len(line) || !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: read as %+v, want %+v, %v", line, got, want, err)
	}
	return true
}
