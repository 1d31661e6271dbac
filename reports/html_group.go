package reports

import (
	"math"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/reports/html"
)

// groupHTML is a workload on a target: its figures as charts, then as a table.
func groupHTML(r *Result, g *group) []html.Block {
	var blocks []html.Block
	if charts := chartsHTML(r, g); len(charts) > 0 {
		blocks = append(blocks, charts...)
	} else if side := comparedHTML(r, g); len(side.Blocks) > 0 {
		blocks = append(blocks, side)
	}
	for _, row := range g.rows {
		if row.Report == nil || len(row.Report.Faults) == 0 {
			continue
		}
		if all := timelinesHTML(row); len(all) > 0 {
			t := all[0]
			t.Title = nameOf(r, row) + ": " + t.Title
			blocks = append(blocks, t)
		}
	}
	if len(g.rows) > 0 {
		blocks = append(blocks, tableHTML(r, g))
	}
	names, reasons := g.skips(true)
	for i := range names {
		blocks = append(blocks, html.Text{Tone: html.Faint, Text: "skipped: " + names[i] + " – " + reasons[i]})
	}
	if note := baseNote(r, g); note != "" {
		blocks = append(blocks, html.Text{Tone: html.Faint, Text: note})
	}
	if note := queueNote(r, g); note != "" {
		blocks = append(blocks, html.Text{Tone: html.Faint, Text: note})
	}
	return blocks
}

// comparedHTML is the throughput and the latencies of rows beside each other.
func comparedHTML(r *Result, g *group) html.Side {
	bars := html.Bars{Title: "Ok operations a second"}
	conflicts := html.Bars{Title: "Attempts that a conflict ended"}
	waits := html.Bars{Title: "Clients' time spent waiting for locks or backing off"}
	latencies := html.Latencies{Title: "Latency of ok operations", Unit: latency}
	most := 0.0
	for _, row := range g.rows {
		most = max(most, row.Goodput().Median)
	}
	anyConflict, anyWait := false, false
	for _, row := range g.rows {
		if row.Report == nil || row.Report.Accounting.Processed() == 0 {
			continue
		}
		name := rowName(row.Label, false)
		if step := axesOf(r).step(row); step != "" {
			name += ", " + step
		}
		rep := row.Report
		bar := func(share float64, text string) html.Bar {
			return html.Bar{Name: mark(row) + " " + name, Text: text, Share: share, Tone: toneOf(row), Link: rowID(r, row)}
		}
		bars.Rows = append(bars.Rows, bar(row.Goodput().Median/math.Max(most, 1e-9), opsCell(row)))
		conflicts.Rows = append(conflicts.Rows, bar(rep.Accounting.ConflictRate(), share(rep.Accounting.ConflictRate())))
		waits.Rows = append(waits.Rows, bar(rep.Waiting(), share(rep.Waiting())))
		anyConflict, anyWait = anyConflict || rep.Accounting.ConflictRate() > 0, anyWait || rep.Waiting() > 0
		if p, any := percentilesOf(row, name); any {
			latencies.Rows = append(latencies.Rows, p)
		}
	}
	var side html.Side
	if len(bars.Rows) > 0 {
		side.Blocks = append(side.Blocks, bars)
	}
	if len(latencies.Rows) > 0 {
		side.Blocks = append(side.Blocks, latencies)
	}
	if anyConflict {
		side.Blocks = append(side.Blocks, conflicts)
	}
	if anyWait {
		side.Blocks = append(side.Blocks, waits)
	}
	return side
}

// chartsHTML are curves over the steps of a sweep, and what can be seen in them in words.
func chartsHTML(r *Result, g *group) []html.Block {
	var blocks []html.Block
	for _, c := range g.charts(axesOf(r)) {
		var side html.Side
		figures := append(figuresDrawn(),
			figure{"latency, median (ms)", func(row *Row) float64 { return ms(row.Report.Accounting.Latency[harness.OK].Quantile(0.5)) }, rate},
			figure{"latency, 99th percentile (ms)", func(row *Row) float64 { return ms(row.Report.Accounting.Latency[harness.OK].Quantile(0.99)) }, rate},
			figure{"time spent waiting", func(row *Row) float64 { return row.Report.Waiting() }, share})
		for _, f := range figures {
			if c.highest(f) > 0 {
				side.Blocks = append(side.Blocks, c.html(f))
			}
		}
		blocks = append(blocks, side)
		if facts := c.facts(); len(facts) > 0 {
			blocks = append(blocks, html.List{Items: facts})
		}
	}
	return blocks
}

// html is one figure's curves.
func (c *chart) html(f figure) html.Chart {
	out := html.Chart{Title: f.name, Axis: c.axis.name, Unit: f.unit}
	if c.fixed != "" {
		out.Title += ", " + c.fixed
	}
	for _, v := range c.values {
		out.Values = append(out.Values, stepNumber(v))
	}
	for _, k := range c.curves {
		curve := html.Curve{Name: rowName(k.label, false)}
		for _, v := range c.values {
			at, broken := math.NaN(), false
			if row := k.step(c, v); row != nil {
				at, broken = f.of(row), row.Report.Violations() > 0
			}
			curve.Points, curve.Broken = append(curve.Points, at), append(curve.Broken, broken)
		}
		out.Curves = append(out.Curves, curve)
	}
	return out
}

// tableHTML has the columns of Table; a row's name leads to its evidence.
func tableHTML(r *Result, g *group) html.Table {
	full := &layout{result: r, shown: usedColumns(r)}
	t := html.Table{Head: full.pick(headings(r))}
	for _, i := range full.shown {
		t.Left = append(t.Left, isText(i))
	}
	for _, row := range g.rows {
		cells := cellsOf(r, row, true)
		var line []html.Cell
		for _, i := range full.shown {
			cell := html.Cell{Text: cells[i]}
			switch i {
			case rowColumn:
				cell.Link, cell.Title = rowID(r, row), "its evidence"
			case verdictColumn:
				cell.Tone = toneOf(row)
			case reasonColumn:
				cell.Text = row.Reason()
			}
			line = append(line, cell)
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}
