package html_test

import (
	"bytes"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lastseat/lastseat/reports/html"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

const markup = `<b>"x" & 'y'</b> ` + "\x1b[31m"

func percent(v float64) string { return time.Duration(v * 1e9).String() }

// every is a page with every block there is, each with markup in its texts.
func every() *html.Page {
	const ms = time.Millisecond
	return &html.Page{
		Title: "all " + markup, Tone: html.Alarm, Answer: markup, Facts: []string{"a", markup},
		Blocks: []html.Block{
			html.Section{ID: "s", Title: markup, Intro: markup, Blocks: []html.Block{html.Text{Tone: html.Good, Text: markup}}},
			html.Details{ID: "row-1", Summary: markup, Mark: "✓", Tone: html.Bad, Note: markup, Open: true, Blocks: []html.Block{html.List{Items: []string{markup}}}},
			html.Code{Label: markup, Text: markup, Command: true},
			html.Facts{Pairs: []html.Fact{{Name: markup, Value: markup}}},
			html.Table{Head: []string{markup, "n"}, Left: []bool{true}, Rows: [][]html.Cell{{{Text: markup, Title: markup, Link: "row-1"}, {Text: "1", Tone: html.Open}}}},
			html.Matrix{
				Title: markup, Corner: markup, Groups: []html.Group{{Name: markup, Note: markup, Columns: []string{"rc"}}},
				Rows: []html.MatrixRow{{Name: markup, Cells: []html.Cell{{Text: "!", Title: markup, Tone: html.Alarm, Link: `row-1" onclick="`}}}},
			},
			html.Side{Blocks: []html.Block{html.Bars{Title: markup, Rows: []html.Bar{{Name: markup, Text: "9", Share: 7, Tone: html.Good}, {Name: "none", Share: -1}}}}},
			html.Words{Title: markup, Words: []html.Fact{{Name: markup, Value: markup}}},
			html.Chart{Title: markup, Axis: markup, Values: []string{"1", "2", "4"}, Unit: percent, Curves: []html.Curve{
				{Name: markup, Points: []float64{1, math.NaN(), 3}, Broken: []bool{false, false, true}}, {Name: "flat", Points: []float64{0, 0, 0}},
			}},
			html.Latencies{Title: markup, Unit: time.Duration.String, Rows: []html.Percentiles{{Name: markup, P50: ms, P95: 3 * ms, P99: 20 * ms, Max: 900 * ms}}},
			html.Distribution{
				Title: markup, Unit: time.Duration.String, Bars: []html.Span{{From: ms, To: ms + ms/9, Count: 3}, {From: 40 * ms, To: 41 * ms, Count: 1}},
				Marks: []html.Mark{{Name: "p50", At: ms}},
			},
			html.Timeline{
				Title: markup, Seconds: 2, Unit: percent, Parts: []html.Part{{To: 0.5}, {From: 0.5, To: 1}, {From: 1, To: 1.2}, {From: 1.8, To: 2}},
				Curves: []html.Curve{{Name: markup, Points: []float64{5, math.NaN(), 7, 0}}, {Name: "p99", Points: []float64{1, 2, 3}}}, Shades: []html.Shade{{From: 0.5, To: 9, Name: markup, Fault: true}},
			},
			html.Lanes{Title: markup, Sessions: []string{markup, "T2"}, Outcome: markup, Turns: []html.Turn{
				{Session: 0, Text: markup, Answer: markup, Waited: true, Until: 1},
				{Session: 1, Text: "COMMIT", Error: true, Answer: "no"},
				{Session: 1, Text: "again", Waited: true, Until: 2},
			}},
			html.Operations{Title: markup, Units: markup, All: []html.Operation{
				{Client: markup, Name: markup, Answer: markup, Did: markup, From: 1.5, To: 30}, {Client: "client 2", Name: "buy", Answer: "ok", From: 2, To: 2, Wrong: true},
			}},
			html.Operations{},
			html.Cycle{ID: "edge", Units: markup, Nodes: []html.Node{
				{Letter: "A", Name: markup, Text: markup, Kind: "rw", Why: markup, From: 0, To: 5},
				{Letter: "B", Name: "T2", Kind: "ww", From: 3, To: -1, Process: 1},
				{Letter: "C", Kind: "realtime", From: 4, To: 9, Process: 1},
			}},
		},
	}
}

// TestPage: every block is written, and no text of it becomes markup.
func TestPage(t *testing.T) {
	var b bytes.Buffer
	if err := html.Write(&b, every()); err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"<b>\"x\"", "<b>&#34;x&#34;", "\x1b", `onclick="`, "NaN", "Inf"} {
		if at := strings.Index(b.String(), never); at >= 0 {
			t.Errorf("the page holds %s: %s", never, b.String()[max(at-80, 0):min(at+80, b.Len())])
		}
	}
	path := filepath.Join("testdata", "every.html")
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s (-want +got; -update accepts):\n%s", path, diff)
	}
}

// TestPlaces: a statement that waits reaches down to where it went on, unless its session did something else meanwhile.
func TestPlaces(t *testing.T) {
	l := html.Lanes{Sessions: []string{"T1", "T2"}, Turns: []html.Turn{
		{Session: 0, Waited: true, Until: 2}, {Session: 1, Waited: true, Until: 1}, {Session: 1}, {Session: 1, Waited: true, Until: 4}, {Session: 1},
	}}
	for i, want := range []html.Place{{Row: 2, End: 5}, {Row: 3, End: 4, Ended: true}, {Row: 4, End: 5}, {Row: 5, End: 6}, {Row: 6, End: 7}} {
		got := l.Places()[i]
		if got.Row != want.Row || got.End != want.End || got.Ended != want.Ended || got.Column != l.Turns[i].Session+2 {
			t.Errorf("turn %d is in column %d, rows %d to %d (ended %v), want %d to %d (%v)", i, got.Column, got.Row, got.End, got.Ended, want.Row, want.End, want.Ended)
		}
	}
}
