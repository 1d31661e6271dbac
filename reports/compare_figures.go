package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/lastseat/lastseat/harness/compare"
	"github.com/lastseat/lastseat/harness/stats"
	"github.com/lastseat/lastseat/harness/threshold"
	"github.com/lastseat/lastseat/reports/html"
)

// figureLine is a figure of a row, in cells.
type figureLine struct {
	at                                     int // of the row
	row, metric, old, now, change, p, says string
	tone                                   html.Tone
}

var figureHead = []string{"row", "figure", "old", "new", "change", "p", ""}

func (l *figureLine) cells() []string {
	return []string{l.row, l.metric, l.old, l.now, l.change, l.p, l.says}
}

// figureLines are the figures that differ; where nobody can know, throughput and p99 of all rows. left is how many there are beside.
func figureLines(r *compare.Result) (lines []figureLine, left int) {
	for i := range r.Rows {
		for k := range r.Rows[i].Figures {
			f := &r.Rows[i].Figures[k]
			if !f.Differs && (f.Known || !slices.Contains([]string{threshold.Broken, threshold.Throughput, "p99"}, f.Metric)) {
				left++
				continue
			}
			l := figureLine{at: i, row: r.Rows[i].Name, metric: f.Metric, old: summaryText(f.Unit, &f.Old), now: summaryText(f.Unit, &f.New), change: changeText(f)}
			switch {
			case !f.Known:
				l.says, l.tone = "cannot be known", html.Open
			case f.Worse:
				l.says, l.tone = "worse", html.Bad
			default:
				l.says, l.tone = "better", html.Good
			}
			l.p = pText(f)
			lines = append(lines, l)
		}
	}
	return lines, left
}

// pText is how likely the difference is by luck; exact: none of it is.
func pText(f *compare.Figure) string {
	switch {
	case !f.Known:
		return "?"
	case f.Counted && f.Old.High == 0 && f.New.High == 0:
		return "exact"
	}
	return fmt.Sprintf("%.3f", f.P)
}

// summaryText is a median with its interval: 1,204 (1,180…1,230).
func summaryText(u threshold.Unit, s *compare.Summary) string {
	text := u.Text(s.Median)
	if s.Low == 0 && s.High == 0 || s.N < stats.LeastRuns {
		return text
	}
	low, unit, _ := strings.Cut(u.Text(s.Low), " ")
	high, same, _ := strings.Cut(u.Text(s.High), " ")
	if _, middle, _ := strings.Cut(text, " "); unit != same || unit != middle {
		low, high = u.Text(s.Low), u.Text(s.High)
	}
	return text + " (" + low + "…" + high + ")"
}

// changeText is "-45 %".
func changeText(f *compare.Figure) string {
	switch {
	case f.Old.Median == 0 && f.New.Median == 0:
		return "0 %"
	case f.Old.Median == 0:
		return "from 0"
	}
	return fmt.Sprintf("%+.0f %%", 100*f.Change)
}

// figures writes the figures that differ, or of which nobody can know.
func (p *page) figures(r *compare.Result) {
	lines, left := figureLines(r)
	if len(lines)+left == 0 {
		return
	}
	p.blank()
	if len(lines) > 0 {
		all := [][]string{figureHead}
		last := ""
		for i := range lines {
			cells := lines[i].cells()
			if cells[0] == last {
				cells[0] = ""
			}
			last = lines[i].row
			all = append(all, cells)
		}
		widths := make([]int, len(figureHead))
		for _, cells := range all {
			for i, c := range cells {
				widths[i] = max(widths[i], twwidth.Width(c))
			}
		}
		for _, cells := range all {
			line := pad(cells[0], widths[0]) + "  " + pad(cells[1], widths[1])
			for i := 2; i < len(cells)-1; i++ {
				line += "  " + padLeft(cells[i], widths[i])
			}
			p.line(line + "  " + cells[len(cells)-1])
		}
	}
	if left > 0 {
		p.para("", leftText(r, left, "--json"))
	}
}

func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(width-twwidth.Width(s), 0)) + s
}

// leftText says how many figures are not shown, why, and where they are.
func leftText(r *compare.Result, left int, where string) string {
	if !known(r) {
		return fmt.Sprintf("%s more: %s.", plural(left, "figure"), where)
	}
	if left == 1 {
		return fmt.Sprintf("1 figure does not differ (all: %s).", where)
	}
	return fmt.Sprintf("%s of %s do not differ (all: %s).", plural(left, "figure"), plural(len(r.Rows), "row"), where)
}
