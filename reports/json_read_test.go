package reports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// timed is a run with what only a run has: rounds, a timeline, an interrupt, sampled waits.
func timed() *Result {
	r := surrounded()
	rep := r.Rows[2].Report
	rep.Rounds = []engine.Round{{From: 1e7, To: 9e8, WarmUp: true}, {From: 11e8, To: 2e9}}
	rep.LockWait, rep.Accounting.Waited, rep.Full = 1.0/3, 1234567, true
	a := &rep.Accounting
	a.Latency[harness.Failed].Record(time.Second)
	a.Latency[harness.Unknown].Record(2 * time.Second)
	a.Lag.Record(time.Millisecond)
	rep.Results[1].Skipped, rep.Results[1].Waived = "the store keeps no journal", true
	r.Rows[1].Err = fmt.Errorf("read: %w", context.Canceled)
	r.Interrupted, r.Strict, r.Decide = true, true, "lastseat run --budget 1m"
	r.Reference.Strategy, r.Reference.Env = "naive-tx", "redis"
	return r
}

// TestReadJSON: reports of a result that was read from its JSON are those of the result itself, in every form.
func TestReadJSON(t *testing.T) {
	text := func(w io.Writer, r *Result) error { return Text(w, r, TableOptions{}) }
	forms := map[string]func(io.Writer, *Result) error{
		"json": JSON, "csv": CSV, "markdown": Markdown, "benchfmt": Benchfmt, "text": text, "junit": junit(JUnitOptions{}),
		"junit strict": junit(JUnitOptions{Strict: true, FailInconclusive: true}),
	}
	for name, made := range map[string]func() *Result{
		"sample": sample, "surprises": surprises, "models": models, "repeated": repeated, "swept": swept, "surrounded": surrounded, "timed": timed,
		"empty": func() *Result { return &Result{} },
	} {
		saved := written(t, made(), JSON)
		if kind, err := KindOf([]byte(saved)); err != nil || kind != RunKind {
			t.Errorf("%s: it is %q: %v", name, kind, err)
		}
		for form, write := range forms {
			again, err := ReadJSON([]byte(saved))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if diff := cmp.Diff(written(t, made(), write), written(t, again, write)); diff != "" {
				t.Errorf("%s, %s (-run +read):\n%s", name, form, diff)
			}
		}
		again, err := ReadJSON([]byte(saved))
		if err != nil || again.ExitCode() != made().ExitCode() {
			t.Errorf("%s: exit code %d, want %d: %v", name, again.ExitCode(), made().ExitCode(), err)
		}
	}
}

// TestReadJSONRefuses: what is no result, or of another version, is refused with what is wrong.
func TestReadJSONRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "no result of lastseat",
		"[]":                           "no result of lastseat",
		`{"rows":[]}`:                  "has no version",
		`{"version":2}`:                "nothing says which command",
		`{"version":2,"kind":"other"}`: `its kind is "other"`,
		`{"version":9,"seed":1}`:       "its version is 9",
		`{"version":2,"seed":1,"rows":[{"clients":"many"}]}`:      "clients",
		`{"version":2,"seed":1,"reference":"a@b"}`:                "not an isolation level",
		`{"version":2,"kind":"run","rows":[{"trials":1e400}]}`:    "trials",
		`{"version":2,"kind":"run","seed":1,"started":"then"}`:    "then",
		`{"version":2,"kind":"run","servers":[{"settings":"x"}]}`: "settings",
	} {
		_, err := KindOf([]byte(text))
		if err == nil {
			_, err = ReadJSON([]byte(text))
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// FuzzReadJSON: any text is read or refused, and what was read can be written in every form.
func FuzzReadJSON(f *testing.F) {
	for _, r := range []*Result{sample(), models(), timed()} {
		var b strings.Builder
		if err := JSON(&b, r); err != nil {
			f.Fatal(err)
		}
		f.Add(b.String())
	}
	f.Add(`{"version":2,"rows":[{"verdict":"quiet","elapsed_seconds":1,"runs":[{}],"latency":{"ok":{"ns":[-1,5],"count":[-3]}}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ReadJSON([]byte(text))
		if err != nil {
			return
		}
		for _, form := range Formats(JUnitOptions{}) {
			if err := form.Write(io.Discard, r); err != nil && !errors.Is(err, io.ErrShortWrite) {
				t.Errorf("%s: %v", form.Flag, err)
			}
		}
	})
}
