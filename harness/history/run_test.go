package history

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// TestRuns: operations that follow each other on lines, of several processes in turn, across blocks, come back as they were, whatever lies between them and in
// whatever order their names appear.
func TestRuns(t *testing.T) {
	h, hist := threeProcesses(300)
	data := written(t, "h", h, hist)
	for _, old := range []string{"", `,"seq":777,`, `"op":"name1"`} { // a space there: the line is not as we write it
		changed := data
		if old != "" {
			changed = bytes.Replace(data, []byte(old), []byte(strings.Replace(old, ":", ": ", 1)), 1)
		}
		f, err := Read(bytes.NewReader(changed), "h")
		if err != nil || f.Incomplete != "" {
			t.Fatal(err, f)
		}
		if got := written(t, "h", f.Header, f.History); !bytes.Equal(got, data) {
			t.Errorf("with a space in %q, another history was read", old)
		}
	}
}

// TestTooManyNames: the line that has one name too many is told, wherever in a run it is.
func TestTooManyNames(t *testing.T) {
	h, hist := threeProcesses(10)
	lines := bytes.SplitAfter(written(t, "h", h, hist), []byte("\n"))
	const first = 100
	for i := range maxNames {
		at := first + i
		lines[at] = bytes.Replace(lines[at], []byte(`"op":"name`), fmt.Appendf(nil, `"op":"other%d-`, i), 1)
	}
	_, err := Read(bytes.NewReader(bytes.Join(lines, nil)), "h")
	want := first + maxNames - len(hist.Names) + 1 // the header is a line, too, and lines count from 1
	if bad := (*Error)(nil); !errors.As(err, &bad) || bad.Line != want || !strings.Contains(err.Error(), "256 different names") {
		t.Errorf("%v, want an error of line %d", err, want)
	}
}

// threeProcesses is a history of 3,000 operations each of three processes: so many one after the other have one name.
func threeProcesses(alike int) (Header, *harness.History) {
	h, _ := sample()
	hist := newHistory(&h)
	hist.Names = []string{"name0", "name1", "name2"}
	for p := range int32(3) {
		l := &harness.Log{Process: p}
		for i := range 3000 {
			at := int64(i) * 1000
			l.Append(harness.Record{Invoke: at, Begin: at, End: at + 10, Tries: 1, Outcome: harness.OK, Name: uint8((i/alike + int(p)) % 3)},
				harness.Access{Cell: 0, Kind: harness.Writes, Delta: 1, Value: harness.NotSeen, Version: harness.NotSeen})
		}
		hist.Logs = append(hist.Logs, l)
	}
	hist.Final = h.Start.Clone()
	return h, hist
}
