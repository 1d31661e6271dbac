package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/recheck"
	"github.com/lastseat/lastseat/reports/html"
)

// CheckedHTML writes what was said of the files as a page: anomalies against files, and each witness, cycles as pictures.
func CheckedHTML(w io.Writer, files []recheck.Result) error {
	p := &html.Page{Title: "lastseat check"}
	p.Answer, p.Tone = checkedAnswer(files)
	p.Blocks = append(p.Blocks, html.Section{ID: "overview", Title: "Overview", Intro: "A cell leads to its witness.", Blocks: []html.Block{checkedMatrix(files)}})
	for i := range files {
		p.Blocks = append(p.Blocks, checkedFile(i, &files[i]))
	}
	if !noCycles(files) {
		p.Blocks = append(p.Blocks, html.Section{ID: "words", Title: "Words", Blocks: []html.Block{cycleWords()}})
	}
	return html.Write(w, p)
}

// checkedAnswer is what came out, in a sentence.
func checkedAnswer(files []recheck.Result) (text string, tone html.Tone) {
	tone = html.Good
	var unsafe, open []string
	for i := range files {
		switch files[i].Verdict {
		case harness.Unsafe:
			unsafe = append(unsafe, files[i].File)
		case harness.Inconclusive:
			open = append(open, files[i].File)
		}
	}
	switch {
	case len(files) == 0:
		text, tone = "No history was judged.", html.Open
	case len(files) == 1:
		f := &files[0]
		text, tone = fmt.Sprintf("%s is %s: %s.", f.File, f.Verdict, strings.TrimSuffix(f.Reason, ".")), checkedTone(f)
	case len(unsafe) > 0:
		text, tone = fmt.Sprintf("%d of %d histories are unsafe: %s.", len(unsafe), len(files), some(unsafe)), html.Alarm
	case len(open) > 0:
		text, tone = fmt.Sprintf("%d of %d histories were not decided: %s.", len(open), len(files), some(open)), html.Open
	default:
		text = fmt.Sprintf("All %d histories are safe, as far as they were judged.", len(files))
	}
	return text, tone
}

// some are the first few names, and how many more there are.
func some(names []string) string {
	const most = 3
	text := strings.Join(names[:min(len(names), most)], ", ")
	if len(names) > most {
		text += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return text
}

func checkedTone(f *recheck.Result) html.Tone {
	if f.Verdict == harness.Unsafe {
		return html.Alarm // nothing says that it was expected to be
	}
	return toneOfVerdict(f.Verdict)
}

// witnessID is what the file's first witness of an anomaly is found by.
func witnessID(file, witness int) string { return fmt.Sprintf("file-%d-%d", file+1, witness+1) }

// checkedMatrix is files against the anomalies that some of them show.
func checkedMatrix(files []recheck.Result) html.Matrix {
	m := html.Matrix{Corner: "history", Groups: []html.Group{{Name: "", Columns: []string{"verdict"}}}}
	var anomalies []string
	seen := map[string]bool{}
	for i := range files {
		for _, wit := range files[i].Witnesses {
			if !seen[wit.Anomaly] {
				seen[wit.Anomaly] = true
				anomalies = append(anomalies, wit.Anomaly)
			}
		}
	}
	if len(anomalies) > 0 {
		m.Groups = append(m.Groups, html.Group{Name: "shown", Columns: anomalies})
	}
	for i := range files {
		f := &files[i]
		row := html.MatrixRow{Name: f.File, Cells: []html.Cell{{
			Text: symbol(f.Verdict) + " " + string(f.Verdict), Tone: checkedTone(f), Link: fmt.Sprintf("file-%d", i+1), Title: f.Reason,
		}}}
		for _, a := range anomalies {
			cell, n := html.Cell{Tone: html.Faint}, 0
			for k := range f.Witnesses {
				if f.Witnesses[k].Anomaly != a {
					continue
				}
				if n++; n == 1 {
					cell = html.Cell{Tone: html.Bad, Link: witnessID(i, k), Title: f.Witnesses[k].Meaning}
				}
				cell.Text = "✗ " + number(int64(n))
			}
			row.Cells = append(row.Cells, cell)
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

// checkedFile is what a history shows.
func checkedFile(i int, f *recheck.Result) html.Section {
	s := html.Section{ID: fmt.Sprintf("file-%d", i+1), Title: f.File, Blocks: []html.Block{
		html.Text{Tone: checkedTone(f), Text: symbol(f.Verdict) + " " + string(f.Verdict) + ": " + f.Reason},
	}}
	pairs := []html.Fact{{Name: "format", Value: f.Format}, {Name: "operations", Value: number(int64(f.Operations))}}
	for _, fact := range []html.Fact{{Name: "workload", Value: f.Workload}, {Name: "row", Value: f.Row}, {Name: "model that had to hold", Value: f.Model}} {
		if fact.Value != "" {
			pairs = append(pairs, fact)
		}
	}
	s.Blocks = append(s.Blocks, html.Facts{Pairs: pairs})
	var items []string
	if len(f.Faults) > 0 {
		items = append(items, "Faults: "+faultsText(f.Faults)+".")
	}
	if f.Clocks != nil {
		items = append(items, "Clocks: "+f.Clocks.String()+".")
	}
	for _, line := range refuted(f) {
		items = append(items, strings.ToUpper(line[:1])+line[1:]+".")
	}
	if len(f.ConsistentWith) > 0 && f.Verdict != harness.Inconclusive {
		items = append(items, "Consistent with: "+strings.Join(f.ConsistentWith, ", ")+".")
	}
	if len(items) > 0 {
		s.Blocks = append(s.Blocks, html.List{Items: items})
	}
	for k := range f.Witnesses {
		wit := &f.Witnesses[k]
		d := html.Details{ID: witnessID(i, k), Summary: wit.Title(), Mark: "✗", Tone: html.Bad, Note: wit.Meaning, Open: k == 0}
		if wit.Cycle != nil && drawable(wit.Cycle) {
			d.Blocks = append(d.Blocks, cycleHTML(witnessID(i, k)+"-edge", wit.Cycle, f.Format))
		} else {
			d.Blocks = append(d.Blocks, html.Code{Text: wit.Text})
		}
		if wit.Timeline != nil {
			d.Blocks = append(d.Blocks, timelineHTML(wit.Timeline))
		}
		s.Blocks = append(s.Blocks, d)
	}
	if f.Format != "" {
		s.Blocks = append(s.Blocks, html.Code{Label: "judge it again", Text: "lastseat check " + ShellWord(f.File), Command: true})
	}
	return s
}

// cycleWords explain what stands at the arrows of a cycle.
func cycleWords() html.Words {
	return html.Words{Title: "What the arrows of a cycle mean", Words: []html.Fact{
		{Name: "A → B", Value: "A has to come before B in any order, one after the other, that explains the answers; a cycle has none"},
		{Name: "wr", Value: "write, then read: B read what A wrote"},
		{Name: "ww", Value: "write, then write: B wrote upon what A had written"},
		{Name: "rw", Value: "read, then write: A read what B then overwrote, and did not see it"},
		{Name: "realtime", Value: "A was answered before B began"},
		{Name: "process", Value: "the same client made A, and then B"},
	}}
}

// drawable reports whether the cycle has all that its picture shows: a file may say anything.
func drawable(c *anomaly.Cycle) bool {
	n := len(c.Names)
	return n >= 2 && len(c.Texts) == n && len(c.Kinds) == n && len(c.Whys) == n
}

// timelineHTML are the operations that show an anomaly, with those around them.
func timelineHTML(t *anomaly.Timeline) html.Operations {
	o := html.Operations{Title: "The operations that show it are marked", Units: t.Unit + " of the history, not to scale", Ordered: true}
	if t.Omitted > 0 {
		o.Title += fmt.Sprintf("; %s at the same time are left out", plural(t.Omitted, "more operation"))
	}
	for _, op := range t.Operations {
		one := html.Operation{Client: "process " + number(op.Process), Name: op.Text, Marked: op.Shows, From: float64(op.From), To: float64(op.To), Answer: fmt.Sprintf("%s %d to %d", t.Unit, op.From, op.To)}
		switch {
		case op.To < 0:
			one.Answer, one.Unended = fmt.Sprintf("%s %d, outcome unknown", t.Unit, op.From), true
		case op.Failed:
			one.Answer, one.Wrong = one.Answer+", failed", true
		}
		if op.Process < 0 {
			one.Client = "no process"
		}
		o.All = append(o.All, one)
	}
	return o
}

// cycleHTML is a cycle as a picture, with its transactions, its steps, and when they were.
func cycleHTML(id string, c *anomaly.Cycle, format string) html.Cycle {
	out := html.Cycle{ID: id, Left: c.Omitted, Units: "events of the history"}
	if format == "lastseat" {
		out.Units = "as recorded"
	}
	if c.Omitted > 0 {
		out.Gap = len(c.Names) / 2
	}
	for i := range c.Names {
		n := html.Node{Letter: c.Letter(i), Name: c.Names[i], Text: c.Texts[i], Kind: c.Kinds[i], Why: c.Whys[i]}
		if i < len(c.Spans) {
			n.Process, n.From, n.To = c.Spans[i].Process, c.Spans[i].From, c.Spans[i].To
		}
		out.Nodes = append(out.Nodes, n)
	}
	return out
}
