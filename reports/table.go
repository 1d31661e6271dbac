package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// TableOptions says how a table is written.
type TableOptions struct {
	Color bool
	Width int // of a line, in columns; 0: 120
}

// gridFrom is how many rows call for an overview before the tables.
const gridFrom = 40

// Text writes the table, and below it what Explain says.
func Text(w io.Writer, r *Result, opt TableOptions) error {
	if err := Table(w, r, opt); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return Explain(w, r, opt.Width)
}

// Table writes the servers, what the columns mean, and one table for each workload and target, as wide as the options say: columns of
// least worth are left out where there is no room for them. Where there are more than 40 rows, a grid of verdicts comes first.
func Table(w io.Writer, r *Result, opt TableOptions) error {
	p := &page{width: cmp.Or(opt.Width, defaultWidth), colors: colors(opt.Color)}
	header(p, r)
	groups := groups(r)
	all := layOut(r, groups, p.width)
	all.legend(p, r)
	if overview(r) {
		if err := grids(p, r, opt.Color); err != nil {
			return err
		}
	}
	for _, g := range groups {
		p.blank()
		for _, line := range wrap(heading(r, g), p.width) {
			p.line(bold(line, opt.Color))
		}
		if err := all.write(p, g, opt.Color); err != nil {
			return err
		}
		names, reasons := g.skips(all.full)
		for i := range names {
			p.para("– ", "skipped: "+names[i]+" – "+reasons[i])
		}
		if note := baseNote(r, g); note != "" && all.shows(bestColumn) {
			p.para("– ", note)
		}
		if note := queueNote(r, g); note != "" {
			p.para("– ", note)
		}
		plots(p, r, g)
	}
	if foreign := foreignTo(r); len(foreign) > 0 {
		p.blank()
		for _, f := range foreign {
			p.line(f.line(p.width))
		}
	}
	return p.flush(w)
}

// overview reports whether there are so many rows that a grid of verdicts helps.
func overview(r *Result) bool {
	n := 0
	for i := range r.Rows {
		if !r.Rows[i].Foreign {
			n++
		}
	}
	return n > gridFrom
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

// plainTable is a table without borders whose columns have these widths; right names those that are aligned to the right.
func plainTable(w io.Writer, widths []int, right ...int) *tablewriter.Table {
	cell := tw.CellConfig{
		// Cells are cut to their columns already; wrapping would also join blanks.
		Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapTruncate},
	}
	padded := tw.NewMapper[int, int]()
	for i, width := range widths {
		gap := columnGap
		if i == len(widths)-1 {
			gap = 0
		}
		padded.Set(i, width+gap)
		cell.Padding.PerColumn = append(cell.Padding.PerColumn, tw.Padding{Right: strings.Repeat(" ", gap), Overwrite: true})
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
