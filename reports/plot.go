package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/guptarohit/asciigraph"
	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/lastseat/lastseat/harness"
)

// curve is one row of the table over the steps of an axis.
type curve struct {
	label harness.Label
	mark  string // stands for it in the plots: one letter
	steps []*Row // fewest clients or cells first
}

// chart is the curves of a group over one axis, the other being fixed.
type chart struct {
	axis   *axis
	fixed  string // where other axes have several values, which ones these are: "10 cells"
	values []float64
	curves []*curve
	left   int // curves that are not drawn
}

const (
	mostCurves = 6  // that can be told apart
	plotHeight = 8  // lines
	plotGap    = 3  // blanks between plots
	leastPlot  = 36 // columns that a plot needs
)

// plots draws each chart of the group, and says in words what can be seen in it.
func plots(p *page, r *Result, g *group) {
	for _, c := range g.charts(axesOf(r)) {
		p.blank()
		c.draw(p)
		for _, fact := range c.facts() {
			p.para("  → ", fact)
		}
	}
}

// charts are over the first axis that there is, one for each step of the others.
func (g *group) charts(a axes) []*chart {
	over := max(slices.Index(a[:], true), 0)
	var all []*chart
	for _, row := range g.rows {
		if row.Control || row.Report == nil || row.Report.Accounting.Processed() == 0 {
			continue
		}
		fixed := a.stepBut(row, over)
		at := slices.IndexFunc(all, func(c *chart) bool { return c.fixed == fixed })
		if at < 0 {
			at = len(all)
			all = append(all, &chart{axis: &allAxes[over], fixed: fixed})
		}
		all[at].add(row)
	}
	all = slices.DeleteFunc(all, func(c *chart) bool { return len(c.values) < 2 })
	for _, c := range all {
		slices.Sort(c.values)
		c.choose()
	}
	return all
}

func (c *chart) add(row *Row) {
	if v := c.at(row); !slices.Contains(c.values, v) {
		c.values = append(c.values, v)
	}
	at := slices.IndexFunc(c.curves, func(k *curve) bool { return k.label == row.Label })
	if at < 0 {
		at = len(c.curves)
		c.curves = append(c.curves, &curve{label: row.Label})
	}
	c.curves[at].steps = append(c.curves[at].steps, row)
}

// at is where on the axis the row is.
func (c *chart) at(row *Row) float64 { return c.axis.of(row) }

// choose keeps as many curves as can be told apart: two that broke, then the fastest.
func (c *chart) choose() {
	ranked := slices.Clone(c.curves)
	broken := 0
	rank := map[*curve]float64{}
	for _, k := range c.curves {
		rank[k] = k.peak()
		if k.broke() >= 0 && broken < 2 {
			broken++
			rank[k] = math.Inf(1)
		}
	}
	slices.SortStableFunc(ranked, func(a, b *curve) int {
		switch {
		case rank[a] > rank[b]:
			return -1
		case rank[a] < rank[b]:
			return 1
		}
		return 0
	})
	ranked = ranked[:min(len(ranked), mostCurves)]
	c.left = len(c.curves) - len(ranked)
	c.curves = slices.DeleteFunc(c.curves, func(k *curve) bool { return !slices.Contains(ranked, k) })
	c.letter()
}

// letter gives each curve a letter of its name, one column wide, that no other has.
func (c *chart) letter() {
	taken := ""
	for _, k := range c.curves {
		for _, l := range k.label.Strategy + string(k.label.Isolation) + "0123456789" {
			if l != '-' && twwidth.Width(string(l)) == 1 && !strings.ContainsRune(taken, l) {
				k.mark = string(l)
				break
			}
		}
		taken += k.mark
	}
}

// peak is the curve's highest goodput.
func (k *curve) peak() float64 {
	best := 0.0
	for _, row := range k.steps {
		best = max(best, row.Goodput().Median)
	}
	return best
}

// broke is the first step that shows a violation; -1: none does.
func (k *curve) broke() int {
	return slices.IndexFunc(k.steps, func(row *Row) bool { return row.Report.Violations() > 0 })
}

// step is the curve's row at that value of the axis, or nil.
func (k *curve) step(c *chart, value float64) *Row {
	at := slices.IndexFunc(k.steps, func(row *Row) bool { return c.at(row) == value })
	if at < 0 {
		return nil
	}
	return k.steps[at]
}

// figure is one thing to draw over the steps.
type figure struct {
	name string
	of   func(*Row) float64
	unit func(float64) string
}

func figuresDrawn() []figure {
	return []figure{
		{"ok operations a second", func(row *Row) float64 { return row.Goodput().Median }, rate},
		{"conflict rate", func(row *Row) float64 { return row.Report.Accounting.ConflictRate() }, share},
		{"violations in 1,000 ok operations", violationRate, rate},
	}
}

// violationRate is violations in 1,000 ok operations: rows do not all run equally long.
func violationRate(row *Row) float64 {
	ok := row.Report.Accounting.Outcomes[harness.OK]
	if ok == 0 {
		return 0
	}
	return 1000 * float64(row.Report.Violations()) / float64(ok)
}

// draw puts as many plots side by side as have room, their legend below. What is nothing but zero is said instead of drawn.
func (c *chart) draw(p *page) {
	abreast := max(1, (p.width+plotGap)/(leastPlot+plotGap))
	width := (p.width+plotGap)/abreast - plotGap
	var drawn [][]string
	var flat []string
	for _, f := range figuresDrawn() {
		if c.highest(f) == 0 {
			flat = append(flat, f.name)
			continue
		}
		drawn = append(drawn, c.plot(f, width))
	}
	for plots := range slices.Chunk(drawn, abreast) {
		sideBySide(p, plots, width)
	}
	var legend []string
	for _, k := range c.curves {
		legend = append(legend, k.mark+" "+rowName(k.label, false))
	}
	text := "by " + c.axis.name
	if c.fixed != "" {
		text += ", " + c.fixed
	}
	text += ": " + strings.Join(legend, "  ")
	if c.left > 0 {
		text += fmt.Sprintf("  (%s more in the table only)", plural(c.left, "row"))
	}
	for _, name := range flat {
		text += "; " + name + ": 0 throughout"
	}
	p.para("  ", text)
}

// sideBySide writes plots beside each other.
func sideBySide(p *page, plots [][]string, width int) {
	for i := range plotHeight + 4 {
		var line strings.Builder
		for at, plot := range plots {
			text := ""
			if i < len(plot) {
				text = plot[i]
			}
			if at < len(plots)-1 {
				text = pad(text, width+plotGap)
			}
			line.WriteString(text)
		}
		p.line(line.String())
	}
}

func (c *chart) highest(f figure) float64 {
	most := 0.0
	for _, k := range c.curves {
		for _, row := range k.steps {
			most = max(most, f.of(row))
		}
	}
	return most
}

// plot is one figure's lines, at most width wide: its name, the curves, the axis.
func (c *chart) plot(f figure, width int) []string {
	var series [][]float64
	var chars []asciigraph.CharSet
	for _, k := range c.curves {
		values := make([]float64, len(c.values))
		for i, v := range c.values {
			values[i] = math.NaN()
			if row := k.step(c, v); row != nil {
				values[i] = f.of(row)
			}
		}
		series, chars = append(series, values), append(chars, asciigraph.CreateCharSet(k.mark))
	}
	// How wide the labels on the left are, and how far the last one below stands out, is the library's business.
	const least = 10
	var lines []string
	for room := width; room >= least; room-- {
		text := asciigraph.PlotMany(series,
			asciigraph.Height(plotHeight), asciigraph.Width(room), asciigraph.Offset(3),
			asciigraph.LowerBound(0), asciigraph.SeriesChars(chars...), asciigraph.YAxisValueFormatter(f.unit),
			asciigraph.XAxisRange(0, float64(len(c.values)-1)), asciigraph.XAxisTickCount(len(c.values)),
			asciigraph.XAxisValueFormatter(func(i float64) string { return stepNumber(c.values[int(math.Round(i))]) }))
		lines = strings.Split(text, "\n")
		over := 0
		for _, line := range lines {
			over = max(over, twwidth.Width(strings.TrimRight(line, " "))-width)
		}
		if over == 0 {
			break
		}
		room -= over - 1
	}
	return append([]string{"  " + f.name}, lines...)
}
