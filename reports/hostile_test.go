package reports

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/harness/recheck"
	"github.com/lastseat/lastseat/harness/suite"
)

// hostile is what a server or a history may say where a report expects a name or a sentence.
const hostile = "=cmd|'/c calc'!A1\x1b]0;title\x07\x1b[2J\x1b[31m\x00\u202e\u0085\u009b31m\u2028\xff`|<script>]]>&*\r\nFORGED seats: safe\n"

// forged is the line that must not be there.
const forged = "FORGED seats: safe\n"

// poison puts hostile text before every text of a value, but for the words that reports tell cases apart by.
func poison(v reflect.Value, seen map[any]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && !seen[v.Interface()] {
			if v.CanSet() { // the samples share what they point at
				own := reflect.New(v.Type().Elem())
				own.Elem().Set(v.Elem())
				v.Set(own)
			}
			seen[v.Interface()] = true
			poison(v.Elem(), seen)
		}
	case reflect.Interface:
		if err := new(error); v.CanSet() && !v.IsNil() && v.Type() == reflect.TypeOf(err).Elem() {
			v.Set(reflect.ValueOf(errors.New(hostile)))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				poison(v.Field(i), seen)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			poison(v.Index(i), seen)
		}
	case reflect.String:
		words := v.Type() == reflect.TypeFor[harness.Verdict]() || v.String() == isolation.Prevented || v.String() == isolation.LetThrough || v.String() == isolation.NotMeasured
		if v.CanSet() && !words && v.String() != "" {
			v.SetString(hostile + v.String())
		}
	}
}

func poisoned[T any](v *T) *T {
	poison(reflect.ValueOf(v), map[any]bool{})
	return v
}

// renderers are all forms of all reports, each with hostile text in every field.
func renderers() map[string]func(io.Writer) error {
	all := map[string]func(io.Writer) error{}
	for name, make := range map[string]func() *Result{
		"sample": sample, "surprises": surprises, "repeated": repeated, "models": models, "swept": swept, "surrounded": surrounded,
	} {
		for form, write := range map[string]func(io.Writer, *Result) error{
			"text": func(w io.Writer, r *Result) error { return Table(w, r, TableOptions{}) }, "explain.text": func(w io.Writer, r *Result) error { return Explain(w, r, 0) },
			"color.text": func(w io.Writer, r *Result) error { return Table(w, r, TableOptions{Color: true}) },
			"json":       JSON, "csv": CSV, "md": Markdown, "html": HTML, "benchfmt.text": Benchfmt, "xml": junit(JUnitOptions{FailInconclusive: true, Strict: true}),
		} {
			all[name+"."+form] = func(w io.Writer) error { return write(w, poisoned(make())) }
		}
	}
	one := func() *isolation.Result {
		return poisoned(&isolation.Result{
			Rows: []isolation.Measured{
				{Target: "t", Server: "s", Isolation: rc, Anomaly: "P4", Outcome: isolation.Prevented, How: "waits", Expected: isolation.Prevented, AsExpected: true, About: "lost"},
				{Target: "t", Server: "s", Isolation: rc, Anomaly: "G2", Outcome: isolation.LetThrough, How: "both", Expected: isolation.Prevented, About: "skew"},
				{Target: "t", Server: "s", Isolation: ser, Anomaly: "G2", Outcome: isolation.NotMeasured, How: "no such level", AsExpected: true},
			},
			Missing: []Server{{Target: "m", Missing: "none"}}, Errors: []string{"e"},
		})
	}
	for form, write := range map[string]func(io.Writer, *isolation.Result) error{
		"json": IsolationJSON, "md": IsolationMarkdown, "xml": IsolationJUnit, "html": IsolationHTML,
		"text": func(w io.Writer, r *isolation.Result) error { return IsolationText(w, r, false) },
	} {
		all["isolation."+form] = func(w io.Writer) error { return write(w, one()) }
	}
	file := poisoned(&recheck.Result{
		File: "f", Workload: "w", Row: "r", Verdict: harness.Unsafe, Anomalies: []string{"G1c"}, Not: []string{"x"}, ConsistentWith: []string{"y"}, Reason: "why",
		Faults: []harness.Fault{{What: "cut"}}, Witnesses: []recheck.Witness{{Anomaly: "G1c", Text: "T1", Meaning: "p", Cycle: &anomaly.Cycle{
			Names: []string{"T1", "T2"}, Texts: []string{"a", "b"}, Kinds: []string{"ww", "rw"}, Whys: []string{"c", "d"}, Spans: []anomaly.Span{{From: 1, To: 2}, {From: 1, To: -1}},
		}}, {Anomaly: "other", Text: "T1"}},
	})
	all["checked.text"] = func(w io.Writer) error { CheckedText(w, file, true); return nil }
	play := poisoned(&isolation.Replay{Plays: []isolation.Play{{
		Where: "w", Short: "s", Unmet: []string{"u"}, Anomaly: "a",
		Transcript: schedule.Transcript{Title: "t", Sessions: []string{"T1"}, Lines: []schedule.TranscriptLine{{Text: "SELECT", Result: "1"}}, Outcome: "o"},
	}, {Where: "x", Skip: "y"}}})
	all["replay.text"] = func(w io.Writer) error { return ReplayText(w, play) }
	all["transcripts.text"] = func(w io.Writer) error { return Transcripts(w, 0, play.Plays[0].Transcript) }
	explored := poisoned(&Explored{
		Server: "s", Promise: "p", Why: "w", Shortest: &suite.ExploredSchedule{Clients: []string{"c"}, Steps: []suite.ExploredStep{{Text: "t", Answer: "a"}}},
		Rule: "r", Found: []string{"f"}, Anomaly: "P4", Meaning: "x", Mends: []string{"m"}, Saved: []string{"s"}, Scenario: "s",
	})
	all["explored.text"] = func(w io.Writer) error { return ExploredText(w, explored) }
	all["exploredLine.text"] = func(w io.Writer) error { return ExploredLine(w, explored) }
	programs := func() []program.Report {
		all := []program.Report{programReport(), programReport()}
		return *poisoned(&all)
	}
	all["program.text"] = func(w io.Writer) error { return programText(w, 0, programs()) }
	all["programNarrow.text"] = func(w io.Writer) error { return programText(w, 60, programs()) }
	hostileForms(all, "explored", func() []Explored { return []Explored{*explored} }, ExploredFormats())
	hostileForms(all, "checked", func() []recheck.Result { return []recheck.Result{skewed()} }, CheckedFormats())
	hostileForms(all, "replay", playedReplay, ReplayFormats())
	hostileForms(all, "program", func() []program.Report { return []program.Report{programReport(), programReport()} }, ProgramFormats())
	hostileForms(all, "faulted", func() []program.Report { return []program.Report{struckReport()} }, ProgramFormats())
	hostileForms(all, "rounds", roundsReports, RoundsFormats())
	hostileForms(all, "orders", orders, OrdersFormats())
	return all
}

// TestHostileText: whatever a server or a history says, no report holds a character that a terminal obeys, a formula that a spreadsheet
// runs, markup that a browser runs, or a line that passes for the report's own.
func TestHostileText(t *testing.T) {
	for name, write := range renderers() {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			got := b.String()
			if got == "" || !utf8.ValidString(got) {
				t.Fatalf("%q", got)
			}
			plain := got
			if strings.HasPrefix(name[strings.Index(name, ".")+1:], "color") {
				for _, c := range colors(true) {
					plain = strings.ReplaceAll(plain, c, "")
				}
			}
			if plain != harness.Visible(plain) {
				t.Errorf("it holds what does not show: %q", plain)
			}
			legal(t, name[strings.LastIndex(name, ".")+1:], got)
		})
	}
}

// legal fails if a report of that form is not what programs take it for.
func legal(t *testing.T, form, got string) {
	t.Helper()
	switch form {
	case "json":
		if !json.Valid([]byte(got)) {
			t.Errorf("no JSON: %s", got)
		}
	case "xml":
		for dec := xml.NewDecoder(strings.NewReader(got)); ; {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	case "csv":
		lines, err := csv.NewReader(strings.NewReader(got)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range lines[1] {
			if _, err := strconv.ParseFloat(cell, 64); err != nil && cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("a spreadsheet takes %q for a formula", cell)
			}
		}
	case "md":
		fence := ""
		for line := range strings.Lines(got) {
			ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
			switch {
			case len(ticks) >= 3 && fence == "":
				fence = ticks
			case fence != "" && strings.TrimSpace(line) == fence:
				fence = ""
			case fence == "" && (strings.Contains(line, "<script>") || line == forged):
				t.Errorf("markup, or a line of its own: %s", line)
			}
		}
	case "html":
		for _, never := range []string{"<script", "javascript:", " src=", "@import", "url("} {
			if strings.Contains(strings.ToLower(strings.ReplaceAll(got, "url(#", "")), never) { // arrows name their heads
				t.Errorf("the page holds %s", never)
			}
		}
		if strings.Contains(got, "]]>&*") {
			t.Error("text that is not escaped")
		}
	case "text":
		for line := range strings.Lines(got) {
			if strings.TrimSpace(line) == strings.TrimSpace(forged) && line[0] != ' ' {
				t.Errorf("a line of its own: %s", line)
			}
		}
	}
}
