package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/threshold"
	"github.com/lastseat/lastseat/reports/html"
)

// HTML writes the run as a page for people: the answer, the overview, whose cells lead to their evidence, the figures, and the servers.
func HTML(w io.Writer, r *Result) error {
	text, tone := answer(r)
	if missed := thresholdSummary(r.Thresholds); missed != "" {
		text, tone = text+behind(" ", missed, "."), html.Alarm
	}
	p := &html.Page{Title: "lastseat run", Answer: text, Tone: tone, Facts: factsOf(r)}
	add := func(blocks ...html.Block) { p.Blocks = append(p.Blocks, blocks...) }
	if tips := inShort(r); len(tips) > 0 {
		add(html.List{Items: tips})
	}
	for _, warning := range warnings(r) {
		add(html.Text{Tone: html.Open, Text: "Warning: " + warning})
	}
	if blocks := overviewHTML(r); len(blocks) > 0 {
		add(html.Section{ID: "overview", Title: "Overview", Intro: "A cell leads to its evidence.", Blocks: append(blocks, verdictWords())})
	}
	if t := brokenHTML(r); len(t.Rows) > 0 {
		add(html.Section{ID: "broke", Title: "What broke, and what mends it", Blocks: []html.Block{t}})
	}
	add(thresholdsHTML(r.Thresholds)...)
	for i, g := range groups(r) {
		if len(g.rows)+len(g.skipped) > 0 {
			add(html.Section{ID: fmt.Sprintf("figures-%d", i), Title: heading(r, g), Blocks: groupHTML(r, g)})
		}
	}
	add(columnWords())
	if blocks := evidenceHTML(r); len(blocks) > 0 {
		add(html.Section{ID: "evidence", Title: "Evidence, row by row", Blocks: blocks})
	}
	add(serversHTML(r))
	var again []html.Block
	if r.Command != "" {
		again = append(again, html.Code{Label: "all of it", Text: r.Command, Command: true})
	}
	if r.Decide != "" {
		again = append(again, html.Code{Label: "what is undecided, with more time", Text: r.Decide, Command: true})
	}
	if len(again) > 0 {
		add(html.Section{ID: "again", Title: "Run it again", Blocks: again})
	}
	return html.Write(w, p)
}

// answer is what came out, in a sentence.
func answer(r *Result) (string, html.Tone) {
	var run, surprises, safe, unsafe, open int
	var broken []string
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Skip != "" {
			continue
		}
		run++
		switch {
		case row.Surprise():
			surprises++
			broken = append(broken, nameOf(r, row))
		case row.Verdict() == harness.Unsafe:
			unsafe++
		case row.Verdict() == harness.Safe:
			safe++
		case row.Verdict() != harness.Quiet:
			open++
		}
	}
	rest := fmt.Sprintf("%d safe, %d unsafe as expected", safe, unsafe)
	if open > 0 {
		rest += fmt.Sprintf(", %d not decided", open)
	}
	switch {
	case run == 0:
		return "Nothing was run.", html.Open
	case surprises > 0:
		const most = 3
		names := strings.Join(broken[:min(len(broken), most)], "; ")
		if len(broken) > most {
			names += fmt.Sprintf("; and %d more", len(broken)-most)
		}
		return fmt.Sprintf("%s of %d broke although expected to be safe: %s. The others: %s.", plural(surprises, "row"), run, names, rest), html.Alarm
	case unsafe > 0 && r.Strict:
		return fmt.Sprintf("%s of %d broke, and --strict counts that as a failure: %s.", plural(unsafe, "row"), run, rest), html.Alarm
	case safe+unsafe == 0:
		return fmt.Sprintf("Nothing was decided: %s showed too little.", plural(run, "row")), html.Open
	case open > 0:
		return fmt.Sprintf("What was decided is as expected: %s, of %s.", rest, plural(run, "row")), html.Open
	case unsafe > 0:
		return fmt.Sprintf("All is as expected: %s, of %s.", rest, plural(run, "row")), html.Bad
	}
	return fmt.Sprintf("Nothing broke: %s, of %s.", rest, plural(run, "row")), html.Good
}

// factsOf are when and how it ran.
func factsOf(r *Result) []string {
	var facts []string
	if !r.Started.IsZero() {
		facts = append(facts, r.Started.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if r.Elapsed > 0 {
		facts = append(facts, "took "+span(r.Elapsed))
	}
	facts = append(facts, fmt.Sprintf("seed %d", r.Seed))
	if r.Load != "" {
		facts = append(facts, "load: "+r.Load)
	}
	if r.Interrupted {
		facts = append(facts, "INTERRUPTED: this is what was measured until then")
	}
	return facts
}

// inShort are the fastest safe rows: what to use.
func inShort(r *Result) []string {
	var tips []string
	for _, g := range groups(r) {
		var best *Row
		for _, row := range g.rows {
			if row.Verdict() == harness.Safe && !row.Control && (best == nil || row.Goodput().Median > best.Goodput().Median) {
				best = row
			}
		}
		if best != nil {
			tips = append(tips, fmt.Sprintf("Fastest safe for %s on %s: %s, %s ok operations a second", g.workload, g.target,
				rowName(best.Label, true), rate(best.Goodput().Median))+atStep(r, best)+".")
		}
	}
	if r.Decide != "" {
		tips = append(tips, "What is not decided needs more time: the last command of this page gives it that.")
	}
	return tips
}

func atStep(r *Result, row *Row) string {
	if step := axesOf(r).step(row); step != "" {
		return " at " + step
	}
	return ""
}

// rowID is what a row's evidence is found by.
func rowID(r *Result, row *Row) string {
	for i := range r.Rows {
		if &r.Rows[i] == row {
			return fmt.Sprintf("row-%d", i+1)
		}
	}
	return ""
}

// toneOf is how a row's verdict is shown.
func toneOf(row *Row) html.Tone {
	if row.Surprise() {
		return html.Alarm
	}
	return toneOfVerdict(row.Verdict())
}

func toneOfVerdict(v harness.Verdict) html.Tone {
	switch v {
	case harness.Safe, threshold.Prevented:
		return html.Good
	case harness.Unsafe, threshold.Allowed:
		return html.Bad
	case harness.Inconclusive:
		return html.Open
	}
	return html.Faint
}

// overviewHTML is a matrix for each workload: rows against targets and levels.
func overviewHTML(r *Result) []html.Block {
	var blocks []html.Block
	for _, o := range overviews(r) {
		blocks = append(blocks, o.matrix(r, func(row *Row) html.Cell {
			return html.Cell{Text: mark(row), Title: verdictCell(row) + ": " + reasonCell(row), Tone: toneOf(row), Link: rowID(r, row)}
		}))
	}
	return blocks
}

// matrixSigns are the signs of an overview of rows.
const matrixSigns = "✓ safe · ✗ unsafe, as expected · ! unsafe although expected safe · ? not decided · – skipped"

// matrix is the overview with a cell for each row.
func (o *overviewOf) matrix(r *Result, cell func(*Row) html.Cell) html.Matrix {
	m := html.Matrix{Title: o.workload, Corner: "strategy", Signs: matrixSigns}
	for _, b := range o.blocks {
		g := html.Group{Name: b.target}
		if s := r.ServerOf(b.target); s != nil {
			g.Note = strings.TrimSpace(s.Info.String())
		}
		for _, l := range b.levels {
			g.Columns = append(g.Columns, cmp.Or(strings.TrimPrefix(l.Short(), string(harness.NoLevel)), "·"))
		}
		m.Groups = append(m.Groups, g)
	}
	for _, name := range o.rows {
		line := html.MatrixRow{Name: name}
		for _, b := range o.blocks {
			for _, l := range b.levels {
				if row := o.at[place{b.target, name, l}]; row != nil {
					line.Cells = append(line.Cells, cell(row))
				} else {
					line.Cells = append(line.Cells, html.Cell{Tone: html.Faint})
				}
			}
		}
		m.Rows = append(m.Rows, line)
	}
	return m
}

// brokenHTML has a line for each surprise, and for each way in which rows broke that were expected to.
func brokenHTML(r *Result) html.Table {
	t := html.Table{Head: []string{"row", "verdict", "what goes wrong", "what mends it", "violations"}, Left: []bool{true, true, true, true}}
	type way struct{ line, more int }
	ways := map[string]*way{}
	for _, wanted := range []bool{true, false} {
		for i := range r.Rows {
			row := &r.Rows[i]
			if row.Verdict() != harness.Unsafe || row.Surprise() != wanted {
				continue
			}
			wrong, mends := wayOf(row)
			if w := ways[wrong]; w != nil && !wanted {
				w.more++
				continue
			}
			if !wanted {
				ways[wrong] = &way{line: len(t.Rows)}
			}
			t.Rows = append(t.Rows, []html.Cell{
				{Text: nameOf(r, row), Link: rowID(r, row)},
				{Text: verdictCell(row), Tone: toneOf(row)},
				{Text: wrong},
				{Text: mends},
				{Text: number(row.Report.Violations())},
			})
		}
	}
	for _, w := range ways {
		t.Rows[w.line][0].Text += more(w.more)
	}
	return t
}

// wayOf is what went wrong, and what mends it.
func wayOf(row *Row) (wrong, mends string) {
	p := row.Expected
	switch {
	case p == nil:
		return "an invariant broke: " + brokenChecks(row), ""
	case p.Safe:
		return "it was promised: " + p.Reason + "; and it broke: " + brokenChecks(row),
			"the strategy as written, " + product(row) + " or lastseat itself is wrong: run it again, and if it breaks again, please report it with its history"
	case p.Missing == 0 || p.By != "":
		wrong = p.Reason
	default:
		wrong = p.Missing.Main().Named() + ": " + p.Missing.Main().Meaning()
	}
	if p.Missing != 0 {
		mends = fixOf(p).Advice()
	}
	return wrong, mends
}

// serversHTML is what was read back from the servers.
func serversHTML(r *Result) html.Section {
	s := html.Section{ID: "servers", Title: "Servers, as they were read back"}
	for i := range r.Servers {
		server := &r.Servers[i]
		if server.Missing != "" {
			s.Blocks = append(s.Blocks, html.Text{Tone: html.Faint, Text: server.Target + " was skipped: " + server.Missing})
			continue
		}
		info := &server.Info
		pairs := []html.Fact{{Name: "default isolation", Value: string(info.DefaultLevel)}}
		if len(info.Settings) > 0 {
			pairs = append(pairs, html.Fact{Name: "survives a crash", Value: yes(info.Durable)}, html.Fact{Name: "throwaway", Value: yes(info.Throwaway)})
		}
		if info.Connections > 0 {
			pairs = append(pairs, html.Fact{Name: "connections, at most", Value: number(int64(info.Connections))})
		}
		if info.Pooling != "" {
			pairs = append(pairs, html.Fact{Name: "pooler", Value: info.Pooling})
		}
		if info.Wire != "" {
			pairs = append(pairs, html.Fact{Name: "through", Value: info.Wire})
		}
		for _, set := range info.Settings {
			pairs = append(pairs, html.Fact{Name: set.Name, Value: set.Value})
		}
		blocks := []html.Block{html.Facts{Pairs: pairs}}
		if info.Note != "" {
			blocks = append(blocks, html.Text{Text: info.Note})
		}
		s.Blocks = append(s.Blocks, html.Details{ID: fmt.Sprintf("server-%d", i+1), Summary: server.Target, Note: strings.TrimSpace(info.String()), Blocks: blocks})
	}
	for i := range r.Backends {
		s.Blocks = append(s.Blocks, html.Text{Text: r.Backends[i].Component + ": " + describeBackend(&r.Backends[i])})
	}
	return s
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// verdictWords explain the signs of an overview.
func verdictWords() html.Words {
	w := html.Words{Title: "What the signs and levels mean", Words: []html.Fact{
		{Name: "✓ ✗ ! ? · –", Value: "safe; unsafe, as expected; unsafe although expected safe; not decided; quiet; skipped"},
		{Name: "ru, rc, rr, ser", Value: "read-uncommitted, read-committed, repeatable-read, serializable"},
	}}
	for _, v := range VerdictTexts() {
		w.Words = append(w.Words, html.Fact{Name: v.Name, Value: v.Meaning})
	}
	return w
}

// columnWords explain the figures, and the ways of going wrong.
func columnWords() html.Words {
	w := html.Words{Title: "What the columns and anomalies mean"}
	for _, c := range ColumnTexts() {
		w.Words = append(w.Words, html.Fact{Name: c.Name, Value: c.Meaning})
	}
	for _, h := range (^promise.Hazards(0)).List() {
		w.Words = append(w.Words, html.Fact{Name: h.Named(), Value: h.Meaning()})
	}
	return w
}

// overviewOf is the verdicts of a workload's rows against targets and levels.
type overviewOf struct {
	workload string
	rows     []string
	blocks   []*block
	at       map[place]*Row // the one that says most
}

// overviews are one for each workload.
func overviews(r *Result) []*overviewOf {
	var all []*overviewOf
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Foreign {
			continue
		}
		l := row.Label
		at := slices.IndexFunc(all, func(o *overviewOf) bool { return o.workload == l.Workload })
		if at < 0 {
			at = len(all)
			all = append(all, &overviewOf{workload: l.Workload, at: map[place]*Row{}})
		}
		o, level := all[at], l.Isolation
		l.Isolation = harness.NoLevel // its levels stand side by side
		name := rowName(l, true)
		in := place{l.Target, name, level}
		if o.at[in] == nil || louder(mark(o.at[in]), mark(row)) == mark(row) && mark(o.at[in]) != mark(row) {
			o.at[in] = row
		}
		if !slices.Contains(o.rows, name) {
			o.rows = append(o.rows, name)
		}
		b := slices.IndexFunc(o.blocks, func(b *block) bool { return b.target == l.Target })
		if b < 0 {
			b = len(o.blocks)
			o.blocks = append(o.blocks, &block{target: l.Target})
		}
		if !slices.Contains(o.blocks[b].levels, level) {
			o.blocks[b].levels = append(o.blocks[b].levels, level)
			slices.SortFunc(o.blocks[b].levels, func(x, y harness.Level) int { return strength(x) - strength(y) })
		}
	}
	return all
}
