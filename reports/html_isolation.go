package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/reports/html"
)

// IsolationHTML writes the measurements as a page: the matrix, whose cells lead to what was played.
func IsolationHTML(w io.Writer, r *isolation.Result) error {
	p := &html.Page{Title: "lastseat isolation", Tone: html.Good}
	surprises := r.Surprises()
	switch {
	case len(r.Errors) > 0:
		p.Answer, p.Tone = "The measurement did not come to its end: "+r.Errors[0], html.Alarm
	case len(surprises) > 0:
		p.Answer, p.Tone = fmt.Sprintf("Servers do not keep to what is declared: %s. %s", isolationSummary(r), surpriseOf(surprises[0])), html.Alarm
	case len(r.Rows) == r.Count(isolation.NotMeasured):
		p.Answer, p.Tone = "Nothing was measured.", html.Open
	default:
		p.Answer = "Every level does what is declared: " + isolationSummary(r) + "."
	}
	evidence := html.Section{ID: "evidence", Title: "What was played", Intro: "Time runs downwards, a column a session."}
	for i := range r.Rows {
		m := &r.Rows[i]
		if m.Outcome == isolation.NotMeasured {
			continue
		}
		d := html.Details{
			ID: measuredID(i), Summary: fmt.Sprintf("%s on %s at %s", m.Anomaly, m.Target, m.Isolation), Mark: matrixCell(m), Tone: measuredTone(m),
			Note: m.Outcome + ": " + m.How, Open: !m.AsExpected,
		}
		d.Blocks = append(d.Blocks, html.Text{Text: m.About}, html.Text{
			Tone: measuredTone(m), Text: fmt.Sprintf("%s: %s (%s), and declared %s.", m.Server, m.Outcome, m.How, m.Expected),
		})
		if m.Transcript != nil {
			d.Blocks = append(d.Blocks, lanesOf(m.Transcript))
		}
		d.Blocks = append(d.Blocks, html.Code{
			Label: "see it again", Command: true,
			Text: fmt.Sprintf("lastseat isolation --target %s --isolation %s --show %s", ShellWord(m.Target), ShellWord(string(m.Isolation)), ShellWord(m.Anomaly)),
		})
		evidence.Blocks = append(evidence.Blocks, d)
	}
	blocks := []html.Block{isolationMatrixHTML(r), isolationWords(r)}
	servers, _ := measuredServers(r)
	for _, s := range servers {
		for _, level := range s.skipped {
			blocks = append(blocks, html.Text{Tone: html.Faint, Text: fmt.Sprintf("skipped: %s %s – %s", s.target, level, s.why[level])})
		}
	}
	for i := range r.Missing {
		blocks = append(blocks, html.Text{Tone: html.Faint, Text: "skipped: " + r.Missing[i].Target + " – " + r.Missing[i].Missing})
	}
	p.Blocks = []html.Block{html.Section{ID: "overview", Title: "Overview", Intro: "A cell leads to what was played.", Blocks: blocks}, evidence}
	return html.Write(w, p)
}

func measuredID(i int) string { return fmt.Sprintf("row-%d", i+1) }

func measuredTone(m *isolation.Measured) html.Tone {
	switch {
	case !m.AsExpected:
		return html.Alarm
	case m.Outcome == isolation.LetThrough:
		return html.Bad
	case m.Outcome == isolation.Undecided:
		return html.Open
	}
	return html.Good
}

// isolationMatrixHTML is anomalies against servers and levels.
func isolationMatrixHTML(r *isolation.Result) html.Matrix {
	servers, anomalies := measuredServers(r)
	m := html.Matrix{Corner: "anomaly", Signs: "✗ let through, as declared · waits, reads, or an error's number: how it was prevented · ? undecided · ! not as declared"}
	number := map[*isolation.Measured]int{}
	for i := range r.Rows {
		number[&r.Rows[i]] = i
	}
	for _, s := range servers {
		if len(s.levels) == 0 {
			continue
		}
		g := html.Group{Name: s.target, Note: strings.TrimSpace(s.title()[0] + " " + s.title()[1])}
		for _, l := range s.levels {
			g.Columns = append(g.Columns, l.Short())
		}
		m.Groups = append(m.Groups, g)
	}
	for _, a := range anomalies {
		row := html.MatrixRow{Name: a}
		for i := range r.Rows {
			if r.Rows[i].Anomaly == a {
				row.Note = r.Rows[i].About
				break
			}
		}
		for _, s := range servers {
			for _, l := range s.levels {
				cell := html.Cell{Tone: html.Faint}
				if at := s.cells[l][a]; at != nil {
					cell = html.Cell{Text: matrixCell(at), Title: at.Outcome + ": " + at.How, Tone: measuredTone(at), Link: measuredID(number[at])}
				}
				row.Cells = append(row.Cells, cell)
			}
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

func isolationWords(r *isolation.Result) html.Words {
	levels := html.Fact{Name: "ru, rc, rr, ser", Value: "read-uncommitted, read-committed, repeatable-read, serializable"}
	return html.Words{Title: "What the signs mean", Words: append(isolationSigns(r), levels)}
}

// ReplayHTML writes what came of a schedule as a page: where outcomes differ, then each play.
func ReplayHTML(w io.Writer, r *isolation.Replay) error {
	p := &html.Page{Title: "lastseat replay", Tone: html.Good}
	text := replaySummary(r)
	p.Answer = strings.ToUpper(text[:1]) + text[1:] + "."
	switch {
	case r.Err != nil:
		p.Answer, p.Tone = p.Answer+" Not everywhere: "+r.Err.Error(), html.Alarm
	case r.Broken() > 0:
		p.Tone = html.Alarm
	case r.Played() == 0:
		p.Tone = html.Open
	}
	t := html.Table{Head: []string{"where", "outcome", "as the file expects"}, Left: []bool{true, true, true}}
	plays := html.Section{ID: "evidence", Title: "Statement by statement", Intro: "Time runs downwards, a column a session."}
	for i := range r.Plays {
		s := &r.Plays[i]
		if s.Skip != "" {
			t.Rows = append(t.Rows, []html.Cell{{Text: s.Where}, {Text: "skipped: " + s.Skip, Tone: html.Faint}, {}})
			continue
		}
		tone, fits := html.Good, "yes"
		if len(s.Unmet) > 0 || s.Anomaly != "" {
			tone, fits = html.Alarm, "no"
		}
		t.Rows = append(t.Rows, []html.Cell{{Text: s.Where, Link: measuredID(i)}, {Text: s.Short}, {Text: fits, Tone: tone}})
		d := html.Details{ID: measuredID(i), Summary: s.Where, Tone: tone, Note: s.Short, Open: len(plays.Blocks) == 0 || tone == html.Alarm, Blocks: []html.Block{lanesOf(&s.Transcript)}}
		for _, text := range s.Unmet {
			d.Blocks = append(d.Blocks, html.Text{Tone: html.Alarm, Text: "✗ " + text})
		}
		if s.Anomaly != "" {
			d.Blocks = append(d.Blocks, html.Text{Tone: html.Alarm, Text: "! " + s.Anomaly})
		}
		plays.Blocks = append(plays.Blocks, d)
	}
	outcomes := html.List{Title: "Outcomes"}
	all, where := outcomesOf(r)
	if len(all) > 1 {
		outcomes.Title = fmt.Sprintf("%d different outcomes", len(all))
	}
	for _, o := range all {
		outcomes.Items = append(outcomes.Items, o+" – at "+strings.Join(where[o], ", "))
	}
	p.Blocks = []html.Block{html.Section{ID: "overview", Title: "Overview", Intro: "A name leads to what was played there.", Blocks: []html.Block{outcomes, t}}, plays}
	return html.Write(w, p)
}
