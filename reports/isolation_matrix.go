package reports

import (
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/isolation"
)

// measuredServer is a server's part of the matrix.
type measuredServer struct {
	target, server string
	levels         []harness.Level
	cells          map[harness.Level]map[string]*isolation.Measured
	skipped        []harness.Level
	why            map[harness.Level]string
}

// servers are the rows by server, and the anomalies in their order.
func measuredServers(r *isolation.Result) (all []*measuredServer, anomalies []string) {
	for i := range r.Rows {
		row := &r.Rows[i]
		at := slices.IndexFunc(all, func(s *measuredServer) bool { return s.target == row.Target && s.server == row.Server })
		if at < 0 {
			at = len(all)
			all = append(all, &measuredServer{
				target: row.Target, server: row.Server,
				cells: map[harness.Level]map[string]*isolation.Measured{}, why: map[harness.Level]string{},
			})
		}
		s := all[at]
		if row.Outcome == isolation.NotMeasured {
			if s.why[row.Isolation] == "" {
				s.skipped = append(s.skipped, row.Isolation)
				s.why[row.Isolation] = row.How
			}
			continue
		}
		if !slices.Contains(anomalies, row.Anomaly) {
			anomalies = append(anomalies, row.Anomaly)
		}
		if s.cells[row.Isolation] == nil {
			s.levels = append(s.levels, row.Isolation)
			s.cells[row.Isolation] = map[string]*isolation.Measured{}
		}
		s.cells[row.Isolation][row.Anomaly] = row
	}
	return all, anomalies
}

// cell is what a cell of the matrix says.
func matrixCell(m *isolation.Measured) string {
	var text string
	switch {
	case m == nil:
		return ""
	case m.Outcome == isolation.LetThrough:
		text = "✗"
	case m.Outcome == isolation.Undecided:
		text = "?"
	default:
		// "error 40001" is told by its number, "reads 10" by its verb. A code that is a name begins with the product's own, and an underscore.
		how, _ := strings.CutPrefix(m.How, "error ")
		text, _, _ = strings.Cut(how, " ")
		if _, code, ok := strings.Cut(text, "_"); ok {
			text = code
		}
	}
	if !m.AsExpected {
		text = surpriseSymbol + text
	}
	return text
}

// columnWidth is what a level's column takes.
func (s *measuredServer) columnWidth(level harness.Level) int {
	width := twwidth.Width(level.Short())
	for _, m := range s.cells[level] {
		width = max(width, twwidth.Width(matrixCell(m)))
	}
	return max(width, 5)
}

func (s *measuredServer) width() int {
	width := -1
	for _, level := range s.levels {
		width += s.columnWidth(level) + 1
	}
	return max(width, twwidth.Width(s.target), widestWord(s.title()))
}

// title is the server in up to two lines: PostgreSQL 15.20, and what it is set to.
func (s *measuredServer) title() (lines [2]string) {
	lines[0], lines[1], _ = strings.Cut(s.server, ", ")
	return lines
}

func widestWord(lines [2]string) int { return max(twwidth.Width(lines[0]), twwidth.Width(lines[1])) }

// matrixPart writes the columns of some servers.
func matrixPart(p *page, first int, anomalies []string, servers []*measuredServer, color bool) {
	line := func(name string, cell func(s *measuredServer) string) {
		text := pad(name, first)
		for _, s := range servers {
			text += strings.Repeat(" ", columnGap) + pad(cell(s), s.width())
		}
		text = strings.TrimRight(text, " ")
		if color {
			text = gridPainter.Replace(text)
		}
		if text != "" {
			p.line(text)
		}
	}
	line("", func(s *measuredServer) string { return s.target })
	for i := range 2 {
		line("", func(s *measuredServer) string { return s.title()[i] })
	}
	columns := func(s *measuredServer, text func(harness.Level) string) string {
		var b strings.Builder
		for _, level := range s.levels {
			b.WriteString(pad(text(level), s.columnWidth(level)+1))
		}
		return b.String()
	}
	line("", func(s *measuredServer) string { return columns(s, harness.Level.Short) })
	for _, a := range anomalies {
		line(a, func(s *measuredServer) string {
			return columns(s, func(l harness.Level) string { return matrixCell(s.cells[l][a]) })
		})
	}
}
