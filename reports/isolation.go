package reports

import (
	"fmt"
	"io"
	"slices"

	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/reports/html"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// IsolationText writes the matrix for people: anomalies against servers and levels, then every surprise.
func IsolationText(w io.Writer, r *isolation.Result, color bool) error {
	p := &page{width: defaultWidth, colors: colors(color)}
	servers, anomalies := measuredServers(r)
	servers = slices.DeleteFunc(servers, func(s *measuredServer) bool { return len(s.levels) == 0 })
	first := 0
	for _, a := range anomalies {
		first = max(first, twwidth.Width(a))
	}
	for len(servers) > 0 {
		n, left := 0, p.width-first-columnGap
		for n < len(servers) && (n == 0 || servers[n].width() <= left) {
			left -= servers[n].width() + columnGap
			n++
		}
		p.blank()
		matrixPart(p, first, anomalies, servers[:n], color)
		servers = servers[n:]
	}
	p.blank()
	if len(anomalies) > 0 {
		for _, sign := range isolationSigns(r) {
			p.para(pad(sign.Name, 7), sign.Value)
		}
	}
	p.leftOut(r)
	p.surprises(r)
	p.blank()
	p.para("", isolationSummary(r))
	return p.flush(w)
}

// isolationSigns say what stands in the matrix.
func isolationSigns(r *isolation.Result) []html.Fact {
	signs := []html.Fact{
		{Name: "✗", Value: "let through, as declared"},
		{Name: "waits", Value: "prevented: a statement waited for a lock"},
		{Name: "reads", Value: "prevented: the reads saw nothing of it"},
		{Name: "40001", Value: "prevented: the server refused a statement with this error"},
	}
	if r.Count(isolation.Undecided) > 0 {
		signs = append(signs, html.Fact{Name: "?", Value: "undecided: declared let through, and not seen: servers decide when they apply what another commits"})
	}
	signs = append(signs, html.Fact{Name: "!", Value: "a surprise: another thing is declared, and what lastseat run promises rests on that"})
	if slices.ContainsFunc(r.Rows, func(m isolation.Measured) bool { return m.Apart }) {
		signs = append(signs, html.Fact{Name: "apart", Value: "each session on a server of its own; together: all on one server of the cluster"})
	}
	return signs
}

// leftOut says what was not measured.
func (p *page) leftOut(r *isolation.Result) {
	p.blank()
	servers, _ := measuredServers(r)
	said := map[string]bool{} // once of a server that was set in several ways
	for _, s := range servers {
		for _, level := range s.skipped {
			text := fmt.Sprintf("skipped: %s %s – %s", s.target, level, s.why[level])
			if !said[text] {
				p.para("– ", text)
			}
			said[text] = true
		}
	}
	for i := range r.Missing {
		p.para("– ", fmt.Sprintf("skipped: %s – %s", r.Missing[i].Target, r.Missing[i].Missing))
	}
}

func (p *page) surprises(r *isolation.Result) {
	for _, row := range r.Surprises() {
		p.blank()
		p.para("! ", surpriseOf(row))
		p.para("  ", fmt.Sprintf("see it: lastseat isolation --target %s --isolation %s --show %s", ShellWord(row.Target), ShellWord(string(row.Isolation)), ShellWord(row.Anomaly)))
	}
}

// surprise says what was measured, and what is declared.
func surpriseOf(m *isolation.Measured) string {
	return fmt.Sprintf("%s (%s) %s: %s is %s (%s), and declared %s; %s", m.Target, m.Server, m.Isolation, m.Anomaly, m.Outcome, m.How, m.Expected, m.About)
}

func isolationSummary(r *isolation.Result) string {
	undecided := ""
	if n := r.Count(isolation.Undecided); n > 0 {
		undecided = fmt.Sprintf("%d undecided, ", n)
	}
	text := fmt.Sprintf("%s: %d prevented, %d let through, %s%d skipped; ",
		plural(len(r.Rows), "measurement"), r.Count(isolation.Prevented), r.Count(isolation.LetThrough), undecided, r.Count(isolation.NotMeasured))
	switch n := len(r.Surprises()); n {
	case 0:
		text += "all as declared"
	default:
		text += plural(n, "SURPRISE")
	}
	if r.Interrupted {
		text += " · INTERRUPTED: what was measured until then"
	}
	return text
}
