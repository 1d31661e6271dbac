package reports

import (
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/lastseat/lastseat/harness"
)

// levelWidth is what a level takes in a grid: its short name and a blank.
const levelWidth = 4

// block is a target's columns of a grid: one for each level.
type block struct {
	target string
	levels []harness.Level
}

func (b *block) width() int { return max(len(b.levels)*levelWidth-1, twwidth.Width(b.target)) }

// grids writes, for each workload, strategies against targets and levels, in as many grids as the width asks for.
func grids(p *page, r *Result, color bool) error {
	p.blank()
	for _, line := range wrap("✓ safe, ✗ unsafe as expected, ! unsafe but promised safe, ? inconclusive, – skipped", p.width) {
		p.line(paint(line, color))
	}
	if axesOf(r).any() {
		p.line("where a row has several steps: what any of them showed")
	}
	var workloads []string
	for i := range r.Rows {
		if w := r.Rows[i].Label.Workload; !slices.Contains(workloads, w) {
			workloads = append(workloads, w)
		}
	}
	for _, w := range workloads {
		if err := grid(p, r, w, color); err != nil {
			return err
		}
	}
	return nil
}

func grid(p *page, r *Result, workload string, color bool) error {
	marks := map[place]string{}
	var strategies []string
	var blocks []*block
	first := twwidth.Width(workload)
	for i := range r.Rows {
		row := &r.Rows[i]
		l := row.Label
		if l.Workload != workload || row.Foreign {
			continue
		}
		way := l
		way.Isolation = harness.NoLevel // its levels stand side by side
		name := rowName(way, true)
		in := place{l.Target, name, l.Isolation}
		marks[in] = louder(marks[in], mark(row))
		if !slices.Contains(strategies, name) {
			strategies = append(strategies, name)
			first = max(first, twwidth.Width(name))
		}
		at := slices.IndexFunc(blocks, func(b *block) bool { return b.target == l.Target })
		if at < 0 {
			at = len(blocks)
			blocks = append(blocks, &block{target: l.Target})
		}
		if !slices.Contains(blocks[at].levels, l.Isolation) {
			blocks[at].levels = append(blocks[at].levels, l.Isolation)
		}
	}
	for _, b := range blocks {
		slices.SortFunc(b.levels, func(x, y harness.Level) int { return strength(x) - strength(y) })
	}
	for len(blocks) > 0 {
		n, left := 0, p.width-first-columnGap
		for n < len(blocks) && (n == 0 || blocks[n].width() <= left) {
			left -= blocks[n].width() + columnGap
			n++
		}
		if err := gridPart(p, workload, first, strategies, blocks[:n], marks, color); err != nil {
			return err
		}
		blocks = blocks[n:]
	}
	return nil
}

func gridPart(p *page, workload string, first int, strategies []string, blocks []*block, marks map[place]string, color bool) error {
	p.blank()
	top, levels, widths := []string{workload}, []string{""}, []int{first}
	for _, b := range blocks {
		var names strings.Builder
		for _, l := range b.levels {
			name := l.Short()
			if l == harness.NoLevel {
				name = ""
			}
			names.WriteString(pad(name, levelWidth))
		}
		top, levels = append(top, b.target), append(levels, strings.TrimRight(names.String(), " "))
		widths = append(widths, b.width())
	}
	var out strings.Builder
	t := plainTable(&out, widths)
	rows := [][]string{top, levels}
	for _, s := range strategies {
		rows = append(rows, gridRow(s, blocks, marks))
	}
	for _, row := range rows {
		if err := t.Append(row); err != nil {
			return err
		}
	}
	if err := t.Render(); err != nil {
		return err
	}
	for line := range strings.Lines(out.String()) {
		line = strings.TrimRight(line, " \n")
		if color {
			line = gridPainter.Replace(line)
		}
		p.line(line)
	}
	return nil
}

func gridRow(strategy string, blocks []*block, marks map[place]string) []string {
	row := []string{strategy}
	for _, b := range blocks {
		var cells strings.Builder
		for _, level := range b.levels {
			m := marks[place{b.target, strategy, level}]
			cells.WriteString(pad(m, levelWidth))
		}
		row = append(row, strings.TrimRight(cells.String(), " "))
	}
	return row
}

// place is where a mark stands in a workload's grid.
type place struct {
	target, row string
	level       harness.Level
}

func mark(row *Row) string {
	if row.Surprise() {
		return surpriseSymbol
	}
	return symbol(row.Verdict())
}

// louder is the mark that says more, where several rows of a sweep share one place.
func louder(a, b string) string {
	const quietToLoud = "–·✓?✗!"
	if strings.Index(quietToLoud, b) >= strings.Index(quietToLoud, a) {
		return b
	}
	return a
}

// strength orders levels, weakest first.
func strength(l harness.Level) int { return slices.Index(harness.Levels(), l) }
