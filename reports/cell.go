package reports

import (
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/threshold"
)

// symbol stands for a verdict where a word has no room.
func symbol(v harness.Verdict) string {
	switch v {
	case harness.Safe, threshold.Prevented:
		return "✓"
	case harness.Unsafe, threshold.Allowed:
		return "✗"
	case harness.Quiet:
		return "·"
	case harness.Skipped:
		return "–"
	}
	return "?"
}

// surpriseSymbol marks a surprise where there is room for one character only.
const surpriseSymbol = "!"

// loud is what a surprise says instead of its verdict.
const loud = "✗ UNSAFE!"

// verdictCell is "✓ safe"; a star marks a green that no positive control stood beside.
func verdictCell(row *Row) string {
	if row.Surprise() {
		return loud
	}
	v := row.Verdict()
	s := symbol(v) + " " + string(v)
	if uncontrolled(row) {
		s += "*"
	}
	return s
}

func uncontrolled(row *Row) bool {
	return row.Verdict() == harness.Safe && row.Report.Control == nil
}

// reasonCell is the reason in a few words; Explain has the whole of it.
func reasonCell(row *Row) string {
	expected := row.Expected
	switch {
	case row.Failed():
		// The row is named already: "set up postgres/naive-tx@read-committed: …".
		if _, cause, ok := strings.Cut(row.Err.Error(), row.Label.String()+": "); ok {
			return "error: " + cause
		}
		return row.Reason()
	case row.Control:
		return "positive control"
	case row.Surprise() && expected != nil && !expected.Safe:
		return "worse than expected: " + expected.Short
	case row.Surprise() && expected != nil:
		return "expected safe: " + expected.Short
	case row.Surprise():
		return "an invariant broke"
	case row.Verdict() == harness.Quiet && expected != nil && !expected.Safe:
		return "nothing shown"
	case row.Verdict() == harness.Quiet:
		return row.Reason()
	case row.Verdict() == harness.Inconclusive && expected != nil && !expected.Safe && row.Report != nil:
		return "expected unsafe, not shown"
	case row.Verdict() == harness.Inconclusive:
		cut, _, _ := strings.Cut(row.Reason(), ":")
		return cut
	case expected != nil && expected.Safe && expected.Model != "":
		return "keeps " + expected.Model
	case expected != nil:
		return expected.Short
	}
	return row.Reason()
}

const (
	esc    = "\x1b["
	reset  = esc + "0m"
	green  = esc + "32m"
	red    = esc + "31m"
	yellow = esc + "33m"
	loudly = esc + "1;37;41m" // bold white on red
	strong = esc + "1m"
)

// colors are the sequences that a report in color holds.
func colors(color bool) []string {
	if !color {
		return nil
	}
	return []string{reset, green, red, yellow, loudly, strong}
}

// painter colours verdicts in finished text.
var painter = strings.NewReplacer(
	loud, loudly+loud+reset,
	"✓ safe", green+"✓ safe"+reset,
	"✗ unsafe", red+"✗ unsafe"+reset,
	"? inconclusive", yellow+"? inconclusive"+reset,
)

// gridPainter colours single symbols.
var gridPainter = strings.NewReplacer(
	"✓", green+"✓"+reset, "✗", red+"✗"+reset, "?", yellow+"?"+reset, "!", loudly+"!"+reset,
)

func paint(line string, color bool) string {
	if !color {
		return line
	}
	return painter.Replace(line)
}

func bold(s string, color bool) string {
	if !color {
		return s
	}
	return strong + s + reset
}
