package reports

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/lastseat/lastseat/harness"
)

// TableOptions says how a table is written.
type TableOptions struct {
	Color bool
	Width int // columns to lay out for; 0: 120
}

// gridFrom is how many rows call for an overview before the tables.
const gridFrom = 40

// Table writes the servers, what the columns mean, and one table for each workload and target. Where there are more than
// 40 rows, a grid of verdicts comes first.
func Table(w io.Writer, r *Result, opt TableOptions) error {
	if opt.Width == 0 {
		opt.Width = defaultWidth
	}
	p := &page{width: opt.Width, colors: colors(opt.Color)}
	header(p, r)
	groups := groups(r)
	all := layOut(r, groups, opt.Width)
	all.legend(p, r)
	if len(r.Rows) > gridFrom {
		if err := grids(p, r, opt.Color); err != nil {
			return err
		}
	}
	for _, g := range groups {
		p.blank()
		p.line(bold(heading(r, g), opt.Color))
		if err := all.write(p, g, opt.Color); err != nil {
			return err
		}
		names, reasons := g.skips(all.full)
		for i := range names {
			p.para("– ", "skipped: "+names[i]+" – "+reasons[i])
		}
		plots(p, r, g)
	}
	return p.flush(w)
}

// heading is "seats on postgres: PostgreSQL 15.19, 64 clients".
func heading(r *Result, g *group) string {
	s := g.workload + " on " + g.target
	more := ""
	for _, row := range slices.Concat(g.rows, g.skipped) {
		if more = row.Server; more != "" {
			break
		}
	}
	if server := r.ServerOf(g.target); more == "" && server != nil {
		more = strings.TrimSpace(server.Info.String())
	}
	if n := g.clients(); n > 0 {
		more = strings.TrimPrefix(more+", "+plural(n, "client"), ", ")
	}
	if more != "" {
		s += ": " + more
	}
	return s
}

// Columns of the table, the reason last. clients and cells are shown where rows differ in them, lag and missed in an open loop,
// standing where isolation models are judged.
const (
	rowColumn = iota
	clientsColumn
	cellsColumn
	verdictColumn
	opsColumn
	relColumn
	conflColumn
	waitColumn
	triesColumn
	p50Column
	p99Column
	lagColumn
	missedColumn
	violationsColumn
	standingColumn
	reasonColumn
)

var columns = [...]string{
	"row", "clients", "cells", "verdict", "ops/s", "rel", "confl", "wait", "tries", "p50", "p99", "lag", "missed", "violations", "standing",
	"reason",
}

// Blanks behind the columns. Where room is short, figures stand closer: few fill their columns.
var (
	loose = [len(columns)]int{2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0}
	tight = [len(columns)]int{1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 2, 1, 2, 2, 2, 0}
)

const (
	leastReason = 12 // what a reason gets even where the width is too small
	fullReason  = 36 // what reasons must still get for levels to be spelled out, unless they need less
)

// layout is shared by all groups, so that their columns stand in line.
type layout struct {
	result *Result
	shown  []int // the columns
	full   bool  // levels by their full names
	gaps   [len(columns)]int
	widths [len(columns)]int
}

// layOut takes the most generous layout that leaves room for the reasons.
func layOut(r *Result, groups []*group, width int) *layout {
	longest := 0
	for _, g := range groups {
		for _, row := range g.rows {
			if !row.Failed() { // errors are cut anyway
				longest = max(longest, twwidth.Width(reasonCell(row)))
			}
		}
	}
	var l *layout
	for _, l = range []*layout{{full: true, gaps: loose}, {gaps: loose}, {gaps: tight}} {
		l.result, l.shown = r, shownColumns(r)
		if l.measure(groups, width) >= min(longest, fullReason) {
			break
		}
	}
	return l
}

func shownColumns(r *Result) []int {
	a, open, models := axesOf(r), openLoop(r), judgesModels(r)
	var shown []int
	for i := range columns {
		switch {
		case i == clientsColumn && !a.clients, i == cellsColumn && !a.cells, (i == lagColumn || i == missedColumn) && !open,
			i == standingColumn && !models:
		default:
			shown = append(shown, i)
		}
	}
	return shown
}

// openLoop reports whether operations were due at a rate.
func openLoop(r *Result) bool {
	return slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Report != nil && row.Report.Accounting.Scheduled() > 0 })
}

// judgesModels reports whether rows are judged by isolation models.
func judgesModels(r *Result) bool {
	return slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Expected != nil && row.Expected.Model != "" })
}

// measure sets the widths; what is left goes to the reason, and is returned.
func (l *layout) measure(groups []*group, width int) int {
	for i, name := range columns {
		l.widths[i] = twwidth.Width(name)
	}
	for _, g := range groups {
		for _, row := range g.rows {
			for i, cell := range l.cells(row) {
				for line := range strings.SplitSeq(cell, "\n") {
					l.widths[i] = max(l.widths[i], twwidth.Width(line))
				}
			}
		}
	}
	left := width
	for _, i := range l.shown[:len(l.shown)-1] {
		left -= l.widths[i] + l.gaps[i]
	}
	l.widths[reasonColumn] = max(left, leastReason)
	return left
}

// cells are a row's columns but the reason.
func (l *layout) cells(row *Row) []string {
	cells := make([]string, reasonColumn)
	cells[rowColumn], cells[verdictColumn] = rowName(row.Label, l.full), verdictCell(row)
	cells[clientsColumn], cells[cellsColumn] = number(int64(row.Clients)), number(int64(row.Cells))
	rep := row.Report
	if rep == nil {
		return cells
	}
	a := &rep.Accounting
	if a.Processed() > 0 {
		cells[opsColumn], cells[relColumn] = opsCell(row), relationOf(l.result, row).String()
		cells[conflColumn], cells[waitColumn], cells[triesColumn] = share(a.ConflictRate()), share(rep.Waiting()), factor(a.TriesPerOp())
	}
	if ok := &a.Latency[harness.OK]; ok.Count() > 0 {
		cells[p50Column], cells[p99Column] = latency(ok.Quantile(0.50)), latency(ok.Quantile(0.99))
	}
	if a.Scheduled() > 0 {
		cells[lagColumn], cells[missedColumn] = latency(a.Lag.Quantile(0.99)), short(a.Skipped+a.Dropped)
	}
	if all, familiar := row.ConsistentWith(); all != nil {
		cells[standingColumn] = cmp.Or(strings.Join(familiar, "\n"), "none")
	}
	switch n := rep.Violations(); {
	case n > 0:
		cells[violationsColumn] = short(n)
	case rep.Trials > 0:
		cells[violationsColumn] = "0 in " + short(rep.Trials)
	}
	return cells
}

// opsCell is the goodput, and of repeats how far the median's interval reaches: 1,234 ±3%.
func opsCell(row *Row) string {
	g := row.Goodput()
	if !g.Known() {
		return rate(g.Median)
	}
	return rate(g.Median) + " ±" + share(g.Spread())
}

// write lets tablewriter write the group's table, then colours it: no escape sequence can disturb a width.
func (l *layout) write(p *page, g *group, color bool) error {
	if len(g.rows) == 0 {
		return nil
	}
	var widths, gaps, right []int
	for at, i := range l.shown {
		widths, gaps = append(widths, l.widths[i]), append(gaps, l.gaps[i])
		if i != rowColumn && i != verdictColumn && i != standingColumn && i != reasonColumn {
			right = append(right, at)
		}
	}
	var b strings.Builder
	t := plainTable(&b, widths, gaps, right...)
	t.Header(l.pick(columns[:]))
	for _, row := range g.rows {
		if err := t.Append(l.pick(append(l.cells(row), fit(reasonCell(row), l.widths[reasonColumn])))); err != nil {
			return err
		}
	}
	return render(p, t, &b, color)
}

// pick is the cells of the columns that are shown.
func (l *layout) pick(all []string) []string {
	var cells []string
	for _, i := range l.shown {
		cells = append(cells, all[i])
	}
	return cells
}

// plainTable is a table without borders whose columns have these widths, and gaps behind them; right names those that are
// aligned to the right.
func plainTable(w io.Writer, widths, gaps []int, right ...int) *tablewriter.Table {
	cell := tw.CellConfig{
		// Cells are cut to their columns already; wrapping would also join blanks.
		Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapTruncate},
	}
	padded := tw.NewMapper[int, int]()
	for i, width := range widths {
		padded.Set(i, width+gaps[i])
		cell.Padding.PerColumn = append(cell.Padding.PerColumn, tw.Padding{Right: strings.Repeat(" ", gaps[i]), Overwrite: true})
		align := tw.AlignLeft
		if slices.Contains(right, i) {
			align = tw.AlignRight
		}
		cell.Alignment.PerColumn = append(cell.Alignment.PerColumn, align)
	}
	bare := tw.Rendition{Borders: tw.BorderNone, Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone}}
	return tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewBlueprint(bare)),
		tablewriter.WithConfig(tablewriter.Config{
			Header: cell, Row: cell, Widths: tw.CellWidth{PerColumn: padded},
			Behavior: tw.Behavior{TrimSpace: tw.Off, TrimLine: tw.Off},
		}))
}

func render(p *page, t *tablewriter.Table, b *strings.Builder, color bool) error {
	if err := t.Render(); err != nil {
		return err
	}
	for line := range strings.Lines(b.String()) {
		p.line(paint(strings.TrimRight(line, " \n"), color))
	}
	return nil
}
