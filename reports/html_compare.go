package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/compare"
	"github.com/lastseat/lastseat/harness/threshold"
	"github.com/lastseat/lastseat/reports/html"
)

// CompareHTML writes a comparison as a page: the answer, verdicts that changed, thresholds, figures that differ, and all figures row by row.
func CompareHTML(w io.Writer, r *compare.Result) error {
	answer, tone := compareAnswer(r)
	p := &html.Page{Title: "lastseat compare", Answer: upperFirst(answer) + ".", Tone: tone}
	add := func(blocks ...html.Block) { p.Blocks = append(p.Blocks, blocks...) }
	for _, s := range []struct {
		id, title string
		items     []string
	}{{"why", "Why, as far as it was measured", compareWhy(r)}, {"do", "What to do", compareDo(r)}} {
		if len(s.items) > 0 {
			add(html.Section{ID: s.id, Title: s.title, Blocks: []html.Block{html.List{Items: s.items}}})
		}
	}
	add(html.Section{ID: "sides", Title: "What is compared", Blocks: []html.Block{sidesHTML(r)}})
	if t := changesHTML(r); len(t.Rows) > 0 {
		add(html.Section{ID: "verdicts", Title: "Verdicts that changed", Intro: "A row leads to its evidence.", Blocks: []html.Block{t}})
	}
	add(thresholdsHTML(r.Thresholds)...)
	add(figuresHTML(r)...)
	if blocks := comparedRows(r); len(blocks) > 0 {
		add(html.Section{ID: "rows", Title: "Row by row", Blocks: blocks})
	}
	for _, l := range []struct {
		id, title string
		rows      []compare.Lone
	}{{"only-old", "Only in the old", r.OnlyOld}, {"only-new", "Only in the new", r.OnlyNew}} {
		if len(l.rows) == 0 {
			continue
		}
		var items []string
		for i := range l.rows {
			items = append(items, loneText(&l.rows[i]))
		}
		add(html.Section{ID: l.id, Title: l.title, Blocks: []html.Block{html.List{Items: items}}})
	}
	return html.Write(w, p)
}

func upperFirst(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// sidesHTML says what is compared.
func sidesHTML(r *compare.Result) html.Block {
	t := html.Table{Head: []string{"", "result", "servers"}, Left: []bool{true, true, true}}
	for i, s := range []*compare.Side{&r.Old, &r.New} {
		facts := sideFacts(s)
		t.Rows = append(t.Rows, []html.Cell{{Text: []string{"old", "new"}[i]}, {Text: facts[0]}, {Text: strings.Join(facts[1:], "; ")}})
	}
	return t
}

func changesHTML(r *compare.Result) html.Table {
	t := html.Table{Head: []string{"row", "old", "new", "reason"}, Left: []bool{true, true, true, true}}
	for _, row := range verdictsChanged(r) {
		t.Rows = append(t.Rows, []html.Cell{
			{Text: row.Name, Link: comparedID(slices.IndexFunc(r.Rows, func(o compare.Row) bool { return o.Name == row.Name })), Title: "its evidence"},
			{Text: symbol(row.Old) + " " + verdictWord(row.Old, row.OldSurprise), Tone: toneOfVerdict(row.Old)},
			{Text: symbol(row.New) + " " + verdictWord(row.New, row.NewSurprise), Tone: changeTone(row)},
			{Text: row.Why},
		})
	}
	return t
}

func changeTone(row *compare.Row) html.Tone {
	switch row.Change {
	case compare.Violation:
		return html.Alarm
	case compare.Worse:
		return html.Open
	case compare.Better:
		return html.Good
	case compare.Same, compare.Other:
	}
	return toneOfVerdict(row.New)
}

func comparedID(i int) string { return fmt.Sprintf("row-%d", i+1) }

// figuresHTML are the figures that differ, and throughput as bars, the old above the new.
func figuresHTML(r *compare.Result) []html.Block {
	lines, left := figureLines(r)
	if len(lines)+left == 0 {
		return nil
	}
	s := html.Section{ID: "figures", Title: "Figures that differ"}
	if !known(r) || len(lines) == 0 {
		s.Title = "Figures"
	}
	for _, note := range compareNotes(r) {
		s.Blocks = append(s.Blocks, html.Text{Text: note})
	}
	if r.More != "" {
		s.Blocks = append(s.Blocks, html.Code{Text: r.More, Command: true})
	}
	t := html.Table{Head: []string{"row", "figure", "change", "", "old", "new", "p"}, Left: []bool{true, true, false, true, false, false, false}} // what matters fits a phone
	for i := range lines {
		l := &lines[i]
		name := html.Cell{Text: l.row, Link: comparedID(l.at)}
		if i > 0 && lines[i-1].at == l.at {
			name = html.Cell{}
		}
		t.Rows = append(t.Rows, []html.Cell{name, {Text: l.metric}, {Text: l.change}, {Text: l.says, Tone: l.tone}, {Text: l.old}, {Text: l.now}, {Text: l.p}})
	}
	if len(t.Rows) > 0 {
		s.Blocks = append(s.Blocks, t)
	}
	if left > 0 {
		s.Blocks = append(s.Blocks, html.Text{Tone: html.Faint, Text: leftText(r, left, "below")})
	}
	s.Blocks = append(s.Blocks, barsHTML(r)...)
	return []html.Block{s}
}

// barsHTML is throughput, the old above the new.
func barsHTML(r *compare.Result) []html.Block {
	bars := html.Bars{Title: "Throughput: ok operations a second", Note: "the old above the new, each row by its own measure"}
	for i := range r.Rows {
		f := throughput(&r.Rows[i])
		if f == nil {
			continue
		}
		most := max(f.Old.Median, f.New.Median)
		tone := html.Faint
		if f.Differs {
			if tone = html.Good; f.Worse {
				tone = html.Bad
			}
		}
		bars.Rows = append(bars.Rows,
			html.Bar{Name: r.Rows[i].Name, Text: f.Unit.Text(f.Old.Median), Share: f.Old.Median / most, Tone: html.Plain, Link: comparedID(i)},
			html.Bar{Name: "→ " + changeText(f), Text: f.Unit.Text(f.New.Median), Share: f.New.Median / most, Tone: tone, Link: comparedID(i)})
	}
	if len(bars.Rows) == 0 {
		return nil
	}
	return []html.Block{bars}
}

func throughput(row *compare.Row) *compare.Figure { return figureOf(row, threshold.Throughput) }

// comparedRows are all rows with all of their figures.
func comparedRows(r *compare.Result) (blocks []html.Block) {
	for i := range r.Rows {
		row := &r.Rows[i]
		d := html.Details{ID: comparedID(i), Summary: row.Name, Mark: symbol(row.New), Tone: changeTone(row), Note: changedVerdict(row), Open: row.Change == compare.Violation}
		if row.Why != "" {
			d.Blocks = append(d.Blocks, html.Text{Text: row.Why})
		}
		if len(row.Figures) > 0 {
			t := html.Table{Head: []string{"figure", "old", "samples", "new", "samples", "change", "p", ""}, Left: []bool{true, false, false, false, false, false, false, true}}
			for k := range row.Figures {
				f := &row.Figures[k]
				says := "cannot be known"
				if f.Known {
					says = "no difference shown"
				}
				if f.Differs {
					if says = "better"; f.Worse {
						says = "worse"
					}
				}
				t.Rows = append(t.Rows, []html.Cell{
					{Text: f.Metric},
					{Text: summaryText(f.Unit, &f.Old)},
					{Text: fmt.Sprint(f.Old.N)},
					{Text: summaryText(f.Unit, &f.New)},
					{Text: fmt.Sprint(f.New.N)},
					{Text: changeText(f)},
					{Text: pText(f)},
					{Text: says},
				})
			}
			d.Blocks = append(d.Blocks, t)
		}
		if row.Command != "" {
			d.Blocks = append(d.Blocks, html.Code{Label: "run it again", Text: row.Command, Command: true})
		}
		blocks = append(blocks, d)
	}
	return blocks
}
