package reports

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/harness/recheck"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/browser"
	"github.com/lastseat/lastseat/internal/required"
)

// openBrowser starts Chromium, or skips the test where there is none and nobody requires it.
func openBrowser(t *testing.T) *browser.Browser {
	t.Helper()
	b, err := browser.Start(t.Context(), filepath.Join(t.TempDir(), "browser"))
	if errors.Is(err, browser.ErrMissing) {
		required.Missing(t, "chromium", err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// lookedAt is a page, and what a person does there.
type lookedAt struct {
	name   string
	write  func(io.Writer) error
	answer string   // is seen first
	cell   string   // is clicked
	opens  string   // by its ID
	seen   []string // there
}

// playedOn is a schedule of two sessions of which one waits.
func playedOn() schedule.Transcript {
	return schedule.Transcript{Title: "lost update", Sessions: []string{"T1", "T2"}, Outcome: "P4: prevented", Lines: []schedule.TranscriptLine{
		{Session: 0, Text: "UPDATE seat SET available = 0", Result: "1 row"},
		{Session: 1, Text: "UPDATE seat SET available = 5", Result: "ERROR 40001", Waited: true, Until: 2},
		{Session: 0, Text: "COMMIT"},
	}}
}

// playedReplay is a schedule that was played on one server, not as its file expects, and not on another.
func playedReplay() *isolation.Replay {
	return &isolation.Replay{Plays: []isolation.Play{
		{Where: "postgres@read-committed", Short: "T1 commits, T2 fails", Transcript: playedOn(), Unmet: []string{"seat.schedule:9: T2 commits"}},
		{Where: "mysql", Skip: "no server"},
	}}
}

// skewed is a history with a cycle.
func skewed() recheck.Result {
	return recheck.Result{File: "skew.edn", Format: "jepsen-edn", Verdict: "unsafe", Reason: "found G2-item", Operations: 3, Witnesses: []recheck.Witness{{
		Anomaly: "G2-item", Meaning: "write skew", Cycle: &anomaly.Cycle{
			Names: []string{"T2 (process 0)", "T3 (process 1)"}, Texts: []string{"read x [], append y 1", "read y [], append x 1"}, Kinds: []string{"rw", "rw"},
			Whys: []string{"A did not see B", "B did not see A"}, Spans: []anomaly.Span{{Process: 0, From: 0, To: 2}, {Process: 1, From: 1, To: 3}},
		},
	}}}
}

func looks() []lookedAt {
	measured := measurements(true)
	for i := range measured.Rows {
		if m := &measured.Rows[i]; m.Outcome != isolation.NotMeasured {
			t := playedOn()
			m.Transcript = &t
		}
	}
	return []lookedAt{
		{
			"run", func(w io.Writer) error { return HTML(w, surprises()) }, "broke although expected to be safe", `.matrix td.loud a`, "row-1",
			[]string{"broke oversold", "client 7 and client 22 both read 1", "lastseat check"},
		},
		{
			"sweep", func(w io.Writer) error { return HTML(w, swept()) }, "rows", `.matrix td a`, "row-2", []string{"latency p99", "could it fail?"},
		},
		{
			"explore", func(w io.Writer) error { return ExploredHTML(w, []suite.Explored{*explored()}) }, "schedules", `.matrix td a`, "row-1",
			[]string{"The simplest schedule that breaks", "What mends it"},
		},
		{
			"isolation", func(w io.Writer) error { return IsolationHTML(w, measured) }, "Servers do not keep to what is declared", `.matrix td.loud a`, "row-6",
			[]string{"UPDATE seat SET available = 5", "waits for a lock, goes on after 3", "ERROR 40001"},
		},
		{
			"check", func(w io.Writer) error { return CheckedHTML(w, []recheck.Result{skewed()}) }, "skew.edn is unsafe", `.matrix td.bad a`, "file-1-1",
			[]string{"A before B", "A did not see B", "B before A", "Each would have to come before itself"},
		},
		{
			"replay", func(w io.Writer) error { return ReplayHTML(w, playedReplay()) }, "NOT AS EXPECTED", `td.words a`, "row-1",
			[]string{"UPDATE seat SET available = 0", "seat.schedule:9: T2 commits"},
		},
		{
			"program", func(w io.Writer) error { return ProgramHTML(w, []program.Report{programReport()}) }, "can end as no serial order does",
			`.matrix td.loud a`, "pair-1-1",
			[]string{"The simplest schedule (1 interruption)", "waits for a lock, goes on after 4", "one after the other: a, then b", "409 sold out", "What mends it, each by itself", "lastseat replay 'out/buy buy.schedule'"},
		},
		{
			"faults", func(w io.Writer) error { return ProgramHTML(w, []program.Report{struckReport()}) }, "a fault leaves half of it done", `.matrix td.loud a`, "faults-1-1",
			[]string{"where it strikes", "lost-commit", "as if it had not happened", "--only buy --fault lost-commit:2"},
		},
		{
			"orders", func(w io.Writer) error { return OrdersHTML(w, orders()) }, "some order of its statements breaks at postgres@read-committed", `td.words a`, "row-1",
			[]string{"T1  SELECT 1", "it left -1", "lastseat replay out/x.schedule"},
		},
		{
			"rounds", func(w io.Writer) error { return RoundsHTML(w, roundsReports()) }, "under load it ends as no serial order does", `.matrix td.loud a`, "burst-1-1",
			[]string{"How round 3 ended", "clients told 409", "lastseat explore shop.yaml --only buy,buy"},
		},
	}
}

// TestPagesAreSeen: in a browser without scripts each page shows its answer, asks for nothing, and a click on a cell opens its evidence; it
// fits a phone, has its own colors in the dark, and on paper all evidence is there.
func TestPagesAreSeen(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser starts; run without -short")
	}
	b, dir := openBrowser(t), t.TempDir()
	eval := func(expression string) string {
		t.Helper()
		got, err := b.Eval(expression)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, look := range looks() {
		path := filepath.Join(dir, look.name+".html")
		f, err := os.Create(path)
		must(err)
		must(errors.Join(look.write(f), f.Close()))
		must(errors.Join(b.Resize(1200, 900), b.Media("screen", "light"), b.Open(path)))
		if got := eval(`document.querySelector("h1").innerText`); !strings.Contains(got, look.answer) {
			t.Errorf("%s: the answer is %q, want %q", look.name, got, look.answer)
		}
		if y, err := strconv.ParseFloat(eval(`document.querySelector("h1").getBoundingClientRect().bottom`), 64); err != nil || y > 300 {
			t.Errorf("%s: the answer ends %v below the top: %v", look.name, y, err)
		}
		light := eval(`getComputedStyle(document.body).backgroundColor`)
		must(b.Click(look.cell))
		if got := eval(`location.hash`); got != "#"+look.opens {
			t.Errorf("%s: the cell leads to %q, want %s", look.name, got, look.opens)
			continue
		}
		there := `document.getElementById("` + look.opens + `")`
		if got := eval(there + `.closest("details").open + " " + ` + there + `.checkVisibility()`); got != "true true" {
			t.Errorf("%s: its evidence is open, and seen: %s", look.name, got)
		}
		top, err := strconv.ParseFloat(eval(there+`.getBoundingClientRect().top`), 64)
		if err != nil || top < 0 || top > 900 {
			t.Errorf("%s: its evidence is %v below the window's top: %v", look.name, top, err)
		}
		text := eval(there + `.innerText`)
		for _, want := range look.seen {
			if !strings.Contains(text, want) {
				t.Errorf("%s: its evidence does not say %q: %s", look.name, want, text)
			}
		}
		must(b.Media("screen", "dark"))
		if dark := eval(`getComputedStyle(document.body).backgroundColor`); dark == light {
			t.Errorf("%s: in the dark it is as light: %s", look.name, dark)
		}
		must(errors.Join(b.Media("print", "light"), b.Open(path)))
		if got := eval(`[...document.querySelectorAll("details > .inner")].filter(e => e.getBoundingClientRect().height == 0).length`); got != "0" {
			t.Errorf("%s: on paper %s parts stay folded", look.name, got)
		}
		must(errors.Join(b.Media("screen", "light"), b.Resize(390, 800), b.Open(path)))
		if got := eval(`document.documentElement.scrollWidth`); got != "390" {
			t.Errorf("%s: a phone 390 wide has to scroll over %s", look.name, got)
		}
		if all := b.Elsewhere(); len(all) > 0 || len(b.Asked()) != 1 {
			t.Errorf("%s: the page asks for %q", look.name, b.Asked())
		}
	}
}
