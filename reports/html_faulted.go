package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/reports/html"
)

// faultedHTML is what came of faults: statements against kinds of faults, and each point that is not all or nothing.
func faultedHTML(r *program.Report, f *program.Faulted, id string) []html.Block {
	var blocks []html.Block
	if len(f.Points) > 0 {
		blocks = append(blocks, pointsMatrix(f, id))
	}
	for _, n := range f.Notes {
		blocks = append(blocks, html.Text{Text: n})
	}
	first := true
	for i := range f.Points {
		point := &f.Points[i]
		if point.Verdict == harness.Safe || shownBy(f, i) != i {
			continue
		}
		blocks = append(blocks, html.Details{
			ID: pointID(id, i), Summary: pointSentence(f, point), Mark: symbol(point.Verdict), Tone: pointTone(point), Note: point.Fault, Open: first, Blocks: pointHTML(r, f, point),
		})
		first = false
	}
	if f.Verdict != harness.Unsafe {
		blocks = append(blocks, html.Code{Label: "these faults again", Text: exploring(r, f.Operations, " --fault all"), Command: true})
	}
	return blocks
}

func pointID(id string, point int) string { return fmt.Sprintf("%s-point-%d", id, point+1) }

func pointTone(p *program.Point) html.Tone {
	if p.Verdict == harness.Unsafe {
		return html.Alarm
	}
	return toneOfVerdict(p.Verdict)
}

// shownBy is the first point that ends as a point does, and so stands for it.
func shownBy(f *program.Faulted, point int) int {
	if f.Points[point].Verdict == harness.Unsafe {
		for i := range point {
			if f.Points[i].Verdict == harness.Unsafe && sameEnd(&f.Points[i], &f.Points[point]) {
				return i
			}
		}
	}
	return point
}

// pointsMatrix is the statements, what comes before and after them, against the kinds of faults.
func pointsMatrix(f *program.Faulted, id string) html.Matrix {
	m := html.Matrix{Corner: "where it strikes", Groups: []html.Group{{Name: "what strikes"}}, Signs: "✓ all or nothing · ✗ not all or nothing · ? not decided · empty: cannot strike there"}
	var kinds []program.FaultKind
	for _, k := range program.FaultKinds() {
		if slices.ContainsFunc(f.Points, func(p program.Point) bool { return p.Kind == k }) {
			kinds = append(kinds, k)
			m.Groups[0].Columns = append(m.Groups[0].Columns, string(k))
		}
	}
	line := func(name, note string, client, statement int) {
		row, any := html.MatrixRow{Name: name, Note: note}, false
		for _, k := range kinds {
			cell := html.Cell{Tone: html.Faint}
			for i := range f.Points {
				p := &f.Points[i]
				if p.Kind != k || p.Client != client || p.Statement != statement {
					continue
				}
				any = true
				cell = html.Cell{Text: symbol(p.Verdict), Title: pointSentence(f, p), Tone: pointTone(p)}
				if p.Verdict != harness.Safe {
					cell.Link = pointID(id, shownBy(f, i))
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		if any || note != "" {
			m.Rows = append(m.Rows, row)
		}
	}
	for client, op := range f.Operations {
		who := ""
		if len(f.Operations) > 1 {
			who = program.ClientName(client) + ": "
		}
		line(who+"the request of "+op, "", client, 0)
		n := 0
		for i := range f.Statements {
			if s := &f.Statements[i]; s.Client == client {
				n++
				line(fmt.Sprintf("%sstatement %d", who, n), statementText(s), client, n)
			}
		}
		line(who+"after the answer of "+op, "", client, program.End)
	}
	return m
}

// statementText is a statement with its parameters.
func statementText(s *program.Step) string {
	text := s.SQL
	if s.Begins != "" {
		text = s.Begins + "; " + text
	}
	if len(s.Params) > 0 {
		text += " -- " + strings.Join(s.Params, ", ")
	}
	return text
}

// pointHTML is a point that is not all or nothing: what the tables hold, beside what they would hold had the operation happened, or not.
func pointHTML(r *program.Report, f *program.Faulted, point *program.Point) (blocks []html.Block) {
	if point.Verdict == harness.Inconclusive {
		return []html.Block{html.Text{Text: "Not decided: " + point.Why + "."}}
	}
	t := html.Table{
		Title: "What the tables hold", Left: []bool{true, true, true, true, true},
		Head: []string{"table", "after the fault", "that is", "had " + f.Operations[point.Client] + " happened", "had it not"},
	}
	for i := range point.Tables {
		s := &point.Tables[i]
		t.Rows = append(t.Rows, []html.Cell{
			{Text: s.Table},
			{Text: tableRows([]program.Difference{s.Holds}, s.Holds.Table)},
			{Text: asIfText(f, point, s.AsIf), Tone: html.Alarm},
			{Text: tableRows([]program.Difference{s.Done}, s.Done.Table)},
			{Text: tableRows([]program.Difference{s.Undone}, s.Undone.Table)},
		})
	}
	if len(t.Rows) > 0 {
		blocks = append(blocks, t)
	}
	for _, rule := range point.Broken {
		blocks = append(blocks, html.Text{Tone: html.Alarm, Text: "Broken: " + rule})
	}
	if mend := mendOf(f, point); mend != "" {
		blocks = append(blocks, html.Text{Text: "What mends it: " + mend + "."})
	}
	blocks = append(blocks, html.Text{Text: "Answered: " + toldText(point.Answers)})
	if others := alsoAfter(f, point); len(others) > 0 {
		blocks = append(blocks, html.Text{Text: "The tables hold the same after: " + strings.Join(others, ", ")})
	}
	return append(blocks, html.Code{Label: "this fault again", Text: striking(r, f, point), Command: true})
}

// mendOf is what would mend a point, where its tables say enough; empty: they do not.
func mendOf(f *program.Faulted, point *program.Point) string {
	seen := map[program.AsIf]bool{}
	for i := range point.Tables {
		seen[point.Tables[i].AsIf] = true
	}
	switch {
	case seen[program.Twice]:
		return "a key in the request that stays the same when it is made again, stored under a unique constraint in the transaction that does the work"
	case seen[program.Done] && seen[program.Undone]:
		return "one transaction around all that " + f.Operations[point.Client] + " writes"
	}
	return ""
}
