package reports

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/recheck"
)

// clocked is a run of one row, by three workers.
func clocked() *Result {
	r := sample()
	r.Rows = []Row{ran("postgres", "PostgreSQL 15.19", "for-update", rc, lockPromise, 900, 9*time.Millisecond, 0)}
	r.Rows[0].Report.Clocks = &engine.Clocks{Workers: 3, Slack: 80_000, Incomparable: []string{}, Orders: 40_321, LeftOut: 12}
	return r
}

// TestClocksAreShown: each report of a row, and of a history, says what the workers' clocks prove; a row that was read from JSON does, too.
func TestClocksAreShown(t *testing.T) {
	const want = "3 workers, times agree within ±0.08 ms; 12 of 40321 orders between workers are left out"
	r := clocked()
	var saved bytes.Buffer
	if err := JSON(&saved, r); err != nil {
		t.Fatal(err)
	}
	again, err := ReadJSON(saved.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	f := &recheck.Result{File: "h", Verdict: harness.Safe, Clocks: r.Rows[0].Report.Clocks}
	for name, write := range map[string]func(io.Writer) error{
		"text":      func(w io.Writer) error { return Explain(w, r, 400) },
		"HTML":      func(w io.Writer) error { return HTML(w, r) },
		"JSON":      func(w io.Writer) error { return Explain(w, again, 400) },
		"check":     func(w io.Writer) error { CheckedText(w, f, false); return nil },
		"check.htm": func(w io.Writer) error { return CheckedHTML(w, []recheck.Result{*f}) },
	} {
		var out bytes.Buffer
		if err := write(&out); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %v: %s", name, err, out.String())
		}
	}
}
