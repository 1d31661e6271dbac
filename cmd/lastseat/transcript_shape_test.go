package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lastseat/lastseat/reports"
)

// shape is what of a command's output is the same each time that it runs.
type shape struct {
	// lines are words, figures aside, that depend on nothing: titles, headings, legends, skipped rows. For commands that are
	// deterministic they are all words.
	lines []string
	// rows are those of tables, of stress alone.
	rows []tableRow
	// explained are lines that depend on the rows' verdicts.
	explained []string
}

// tableRow is a row's name, its verdict and the reason. The name of a row of the first matrix is its strategy, and its verdict all
// the verdicts.
type tableRow struct{ name, verdict, reason string }

var (
	dates     = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d UTC`)
	seeds     = regexp.MustCompile(`seed[ =]\d+`)
	durations = regexp.MustCompile(`\b\d[\d.,]*(–\d[\d.,]*)? ?(ns|µs|ms|s|min)\b`)
	decimals  = regexp.MustCompile(`\b\d+(\.\d+)+\b`)
	// What runs one after the other runs again when the minute changes, and keys go on from there.
	generatedKeys = regexp.MustCompile(`\b\d{7,}\b`)
	anyNumbers    = regexp.MustCompile(`\b\d[\d.,]*`)

	matrixLine  = regexp.MustCompile(`^(\S+)((?: +[✓✗!?·–]\*?)+)$`)
	headingLine = regexp.MustCompile(`^(✗|! [^\d]|  fix )`) // not "! 13 operations failed": how many fail, and how, is luck
	summaryLine = regexp.MustCompile(`^\d[\d,]* rows?: `)
	tableTitle  = regexp.MustCompile(`^\S+ on \S+: `)
)

// shortLevels are levels as the table writes them where it has little room: which it has depends on how long the figures are.
var shortLevels = strings.NewReplacer("@read-uncommitted", "@ru", "@read-committed", "@rc", "@repeatable-read", "@rr", "@serializable", "@ser")

// timeless is a line without dates, seeds, times, versions and generated keys.
func timeless(line string) string {
	for _, re := range []*regexp.Regexp{dates, seeds, durations, decimals, generatedKeys} {
		line = re.ReplaceAllString(line, "#")
	}
	return strings.Join(strings.Fields(line), " ")
}

// figureless is a line without any numbers; names such as P4 stay.
func figureless(line string) string { return anyNumbers.ReplaceAllString(timeless(line), "#") }

// transcriptShape is the shape of what a command printed.
func transcriptShape(command, output string) shape {
	switch {
	case strings.HasPrefix(command, "lastseat run"):
		return tableShape(output)
	default: // the words, however they are wrapped
		return shape{lines: strings.Fields(timeless(output))}
	}
}

// tableShape is the shape of a run's report. Witnesses, plots and measurements, all indented, differ from run to run.
func tableShape(output string) shape {
	var s shape
	var table *columns
	begun := false
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "levels ") {
			continue // explains short names, where there are any
		}
		cells := matrixLine.FindStringSubmatch(line)
		switch {
		case line == "", line == "…":
			table = nil
		case strings.HasPrefix(line, "row ") && strings.Contains(line, " verdict"):
			table, begun = columnsOf(line), true
			s.lines = append(s.lines, lastingColumns(line))
		case table != nil && !strings.HasPrefix(line, "– "):
			table.add(&s.rows, line)
		case tableTitle.MatchString(line), strings.HasPrefix(line, "– "):
			table = nil
			s.lines = append(s.lines, shortLevels.Replace(figureless(line)))
		case cells != nil:
			s.rows = append(s.rows, tableRow{name: cells[1], verdict: strings.ReplaceAll(cells[2], " ", "")})
		case strings.HasPrefix(line, "* "), strings.HasPrefix(line, "✓ "): // legends, of the verdicts that are there
			s.explained = append(s.explained, figureless(line))
		case !begun && columnLegend(line):
		case !begun && line[0] != ' ':
			s.lines = append(s.lines, figureless(line))
		case headingLine.MatchString(line), summaryLine.MatchString(line):
			s.explained = append(s.explained, figureless(line))
		}
	}
	return s
}

// mayGo are the columns that a table leaves out where its figures are too long for its width.
func mayGo() []string {
	names := []string{"vs reference", "p50, p99"}
	for _, c := range reports.ColumnTexts() {
		if !slices.Contains([]string{"row", "clients", "cells", "verdict", "reason"}, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

// lastingColumns is a table's heading without the columns that may go.
func lastingColumns(heading string) string {
	names := regexp.MustCompile(" {2,}").Split(heading, -1)
	return strings.Join(slices.DeleteFunc(names, func(n string) bool { return slices.Contains(mayGo(), n) }), "  ")
}

// columnLegend reports whether a line says what a column is that may go.
func columnLegend(line string) bool {
	return slices.ContainsFunc(mayGo(), func(n string) bool { return strings.HasPrefix(line, n+"  ") })
}

// columns are where a table's columns begin, in runes; a column that is not there begins at -1.
type columns struct{ verdict, reason int }

func columnsOf(heading string) *columns {
	at := func(name string) int {
		if i := strings.Index(heading, " "+name); i >= 0 {
			return utf8.RuneCountInString(heading[:i]) + 1
		}
		return -1
	}
	return &columns{at("verdict"), at("reason")}
}

// add takes a line of the table: a row, or more of a row's reason.
func (c *columns) add(rows *[]tableRow, line string) {
	runes := []rune(line)
	reason := ""
	if c.reason >= 0 && len(runes) > c.reason {
		reason = figureless(string(runes[c.reason:]))
	}
	if runes[0] == ' ' {
		if n := len(*rows); n > 0 && reason != "" {
			(*rows)[n-1].reason += " " + reason
		}
		return
	}
	row := tableRow{reason: reason}
	row.name = shortLevels.Replace(strings.Join(strings.Fields(string(runes[:min(c.verdict, len(runes))])), " "))
	if len(runes) > c.verdict {
		words := append(strings.Fields(string(runes[c.verdict:])), "", "")
		row.verdict = words[0] + " " + strings.Trim(words[1], "*,")
	}
	*rows = append(*rows, row)
}

// decided reports whether a row's verdict says something.
func (r tableRow) decided() bool {
	return !strings.HasPrefix(r.verdict, "?") && !strings.HasPrefix(r.verdict, "·")
}

// like says what is different between what a page shows and what came out, if anything is. Stress needs luck: a row that comes out
// undecided, on a page or here, contradicts no other verdict. undecided counts those that the page shows as decided.
func (s shape) like(got shape) (undecided int, difference string) {
	if d := firstDifference(s.lines, got.lines); d != "" {
		return 0, d
	}
	if d := firstDifference(rowNames(s.rows), rowNames(got.rows)); d != "" {
		return 0, d
	}
	same := true
	for i, want := range s.rows {
		row := got.rows[i]
		if strings.ContainsAny(want.verdict+row.verdict, "?·") {
			same = same && want.verdict == row.verdict
			if want.decided() && !row.decided() {
				undecided++
			}
			continue
		}
		if row.verdict != want.verdict {
			return 0, fmt.Sprintf("row %s is shown as %q, and came out as %q", want.name, want.verdict, row.verdict)
		}
		if !alike(want.reason, row.reason) {
			return 0, fmt.Sprintf("row %s has the reason %q, and came out with %q", want.name, want.reason, row.reason)
		}
	}
	if same {
		return 0, firstDifference(s.explained, got.explained)
	}
	return undecided, ""
}

func rowNames(rows []tableRow) []string {
	var all []string
	for _, r := range rows {
		all = append(all, r.name)
	}
	return all
}

// alike compares reasons, either of which may be cut off.
func alike(a, b string) bool {
	a, cutA := strings.CutSuffix(a, "…")
	b, cutB := strings.CutSuffix(b, "…")
	return a == b || cutA && strings.HasPrefix(b, a) || cutB && strings.HasPrefix(a, b)
}

// firstDifference is where two lists part, with the words before it.
func firstDifference(shown, got []string) string {
	if slices.Equal(shown, got) {
		return ""
	}
	i := 0
	for i < min(len(shown), len(got)) && shown[i] == got[i] {
		i++
	}
	around := func(list []string) string { return strings.Join(list[max(0, i-5):min(len(list), i+8)], " ") }
	return fmt.Sprintf("shown:\n\t%s\ncame out:\n\t%s", around(shown), around(got))
}

const sampleTable = `lastseat · seed 75763 · 2026-11-21 07:04 UTC · took 407 ms

sqlite  SQLite 3.53.4, throwaway, NOT DURABLE (journal_mode wal, synchronous NORMAL), serializable by default

seats         sqlite
              ser
naive-tx      ✓
plain         –

seats on sqlite: SQLite 3.53.4, 2 clients
row                 clients  verdict    ops/s  vs best  violations  reason
naive-autocommit@ser      1  · quiet   19,084     0.93              only 3 of 1000 trials
naive-autocommit@ser      2  ✗ unsafe  19,084     0.93         677  check and write apart (split)
atomic@ser                2  ✓ safe*   20,553     1.00  0 in 2,005  the write itself
                                                                    checks
– skipped: nowait@ser – the engine has no NOWAIT

✗ split: the check and the write are separate transactions
  broke     oversold (12 violations, 12 seats)
  fix       put the check into the write itself
  re-run    lastseat run
4 rows: 1 safe, 1 unsafe as expected · seed 75763
`

// TestShape: figures, times, versions and widths may differ, and what else is changed in an output is noticed.
func TestShape(t *testing.T) {
	const run = "lastseat run --target sqlite"
	want := transcriptShape(run, sampleTable)
	if len(want.rows) != 5 || len(want.explained) != 3 || want.rows[4] != (tableRow{"atomic@ser 2", "✓ safe", "the write itself checks"}) {
		t.Fatalf("%+v", want)
	}
	cut := transcriptShape(run, strings.Replace(sampleTable, "– skipped: nowait@ser – the engine has no NOWAIT\n\n", "…\n", 1))
	if len(cut.rows) != 5 || len(cut.explained) != 3 {
		t.Errorf("what follows an ellipsis is taken for rows: %+v", cut)
	}
	changed := func(pairs ...string) shape {
		return transcriptShape(run, strings.NewReplacer(pairs...).Replace(sampleTable))
	}
	for _, pairs := range [][]string{
		{"75763", "9", "2026-11-21 07:04", "2027-01-02 23:59", "407 ms", "12 s", "3.53.4", "3.60.0"},
		{"19,084", "   103", "  0.93", " ~10.9", "677", "  1", "(12 violations, 12 seats)", "(1 violation, 1 seat)"},
		{"the write itself\n" + strings.Repeat(" ", 68) + "checks\n", "the write itself checks\n"},
		{"· quiet   19,084     0.93              only 3 of 1000 trials", "✗ unsafe  19,084     0.93         677  check and write apart (split)"},
		{"  vs best  violations", "  violations", "     0.93", "", "     1.00", ""},
		{"row                 clients", "row                          clients", "autocommit@ser      ", "autocommit@serializable      ", "atomic@ser                2", "atomic@serializable                2", "@ser – the", "@serializable – the", "                         checks", "                                  checks"},
		{"  re-run", "! 13 operations failed in seats on sqlite\n  re-run"},
		{"oversold", "conservation"}, // which of several checks a race breaks is luck
	} {
		if undecided, d := want.like(changed(pairs...)); d != "" || undecided > 0 {
			t.Errorf("%q counts as a difference: %s", pairs, d)
		}
	}
	for _, pairs := range [][]string{
		{"✗ unsafe", "✓ safe  "},
		{"✓ safe*", "✗ unsafe"},
		{"✓ safe*", "! UNSAFE, expected safe"},
		{"atomic@ser                2", "atomic@rc                 2"},
		{"atomic@ser                2", "atomic@ser                4"},
		{"check and write apart (split)", "lost update possible (P4)"},
		{" vs best ", " rel     "},
		{"checks\n–", "checks\noptimistic@ser            2  ✓ safe    20,553     1.00  0 in 2,005  compares versions\n–"},
		{"has no NOWAIT", "has NOWAIT"},
		{"naive-tx      ✓", "naive-tx      ✗"},
		{"plain         –", "plane         –"},
		{"NOT DURABLE", "durable"},
		{"✗ split: the check", "✗ split: a check"},
		{"fix       put", "fix       push"},
		{"1 unsafe as expected", "1 unsafe"},
	} {
		if _, d := want.like(changed(pairs...)); d == "" {
			t.Errorf("%q is no difference", pairs)
		}
	}
	if undecided, d := want.like(changed("✓ safe* ", "? inconclusive ")); d != "" || undecided != 1 {
		t.Errorf("an undecided row: %d, %s", undecided, d)
	}
}

// TestShapeOfWords: all words of a deterministic command count, however they are wrapped, and so do its numbers.
func TestShapeOfWords(t *testing.T) {
	const explore = "lastseat explore --target sqlite"
	want := transcriptShape(explore, "seats (SQLite 3.53.4), promised\nunsafe: 6 of 10 schedules break (1.35 s)\n1  UPDATE stock SET available = 0\norders: 2000049\n")
	for text, same := range map[string]bool{
		"seats (SQLite 3.60.1),\n promised unsafe:  6 of 10 schedules break (12 s)\n1  UPDATE stock SET available = 0\norders: 2000053\n": true,
		"seats (SQLite 3.53.4), promised\nunsafe: 7 of 10 schedules break (1.35 s)\n1  UPDATE stock SET available = 0\norders: 2000049\n": false,
		"seats (SQLite 3.53.4), promised\nunsafe: 6 of 10 schedules break (1.35 s)\n1  UPDATE stock SET available = 1\norders: 2000049\n": false,
		"seats (SQLite 3.53.4), promised\nsafe: 6 of 10 schedules break (1.35 s)\n1  UPDATE stock SET available = 0\norders: 2000049\n":   false,
		"seats (SQLite 3.53.4), promised\nunsafe: 6 of 10 schedules break (1.35 s)\n":                                                     false,
		"seats (SQLite 3.53.4), promised\nunsafe: 6 of 10 schedules break (1.35 s)\n1  UPDATE stock SET available = 0\norders: none\n":    false,
	} {
		if _, d := want.like(transcriptShape(explore, text)); (d == "") != same {
			t.Errorf("%q: same %v, want %v", text, d == "", same)
		}
	}
}
