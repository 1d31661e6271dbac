package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/reports/html"
)

// ProgramHTML writes explored programs as a page: pairs against levels, and the simplest schedule of each that breaks.
func ProgramHTML(w io.Writer, all []program.Report) error {
	p := &html.Page{Title: "lastseat explore", Tone: html.Good}
	m := html.Matrix{Corner: "operations at a time"}
	evidence := html.Section{ID: "evidence", Title: "Pair by pair", Intro: "Time runs downwards, a column a client; each has a copy of the program."}
	cells := map[string]map[int]html.Cell{}
	var names, unsafe []string
	open := 0
	for i := range all {
		r := &all[i]
		m.Groups = append(m.Groups, html.Group{Name: string(r.Level), Note: r.Server, Columns: []string{"verdict"}})
		for k := range r.Pairs {
			pair := &r.Pairs[k]
			id := fmt.Sprintf("pair-%d-%d", i+1, k+1)
			if cells[pair.Name()] == nil {
				cells[pair.Name()] = map[int]html.Cell{}
				names = append(names, pair.Name())
			}
			tone := toneOfVerdict(pair.Verdict)
			switch pair.Verdict {
			case harness.Unsafe:
				tone = html.Alarm // nobody asked for it
				unsafe = append(unsafe, pair.Name()+" at "+string(r.Level))
			case harness.Inconclusive:
				open++
			}
			cells[pair.Name()][i] = html.Cell{Text: symbol(pair.Verdict) + " " + string(pair.Verdict), Title: verdictOf(pair), Tone: tone, Link: id}
			evidence.Blocks = append(evidence.Blocks, html.Details{
				ID: id, Summary: pair.Name() + " at " + string(r.Level), Mark: symbol(pair.Verdict), Tone: tone, Open: pair.Verdict == harness.Unsafe && len(unsafe) == 1,
				Blocks: pairHTML(r, pair),
			})
		}
	}
	for i := range all {
		for k := range all[i].Faults {
			f := &all[i].Faults[k]
			name, id := f.Name()+", with faults", fmt.Sprintf("faults-%d-%d", i+1, k+1)
			if cells[name] == nil {
				cells[name] = map[int]html.Cell{}
				names = append(names, name)
			}
			tone := toneOfVerdict(f.Verdict)
			switch f.Verdict {
			case harness.Unsafe:
				tone = html.Alarm
				unsafe = append(unsafe, name+" at "+string(all[i].Level))
			case harness.Inconclusive:
				open++
			}
			cells[name][i] = html.Cell{Text: symbol(f.Verdict) + " " + string(f.Verdict), Title: faultedVerdict(f), Tone: tone, Link: id}
			evidence.Blocks = append(evidence.Blocks, html.Details{
				ID: id, Summary: name + " at " + string(all[i].Level), Mark: symbol(f.Verdict), Tone: tone, Open: f.Verdict == harness.Unsafe && len(unsafe) == 1,
				Blocks: faultedHTML(&all[i], f),
			})
		}
	}
	for _, name := range names {
		row := html.MatrixRow{Name: name}
		for i := range all {
			row.Cells = append(row.Cells, cells[name][i])
		}
		m.Rows = append(m.Rows, row)
	}
	file := ""
	if len(all) > 0 {
		file = all[0].File + ": "
		p.Facts = append(p.Facts, all[0].App, all[0].Server, fmt.Sprintf("%d clients at a time", all[0].Clients))
	}
	switch {
	case len(names) == 0:
		p.Answer, p.Tone = "Nothing was explored.", html.Open
	case len(unsafe) > 0:
		p.Answer, p.Tone = fmt.Sprintf("%sunsafe: %s can end as no serial order does.", file, some(unsafe)), html.Alarm
		if all[0].Struck {
			p.Answer = fmt.Sprintf("%sunsafe: not all or nothing: %s.", file, some(unsafe))
		}
	case open > 0:
		p.Answer, p.Tone = fmt.Sprintf("%s%s not decided; none that was decided breaks.", file, plural(open, "pair")), html.Open
	default:
		p.Answer = file + "none of the schedules that were run breaks."
	}
	p.Blocks = []html.Block{html.Section{ID: "overview", Title: "Overview", Intro: "A cell leads to its schedules.", Blocks: []html.Block{m}}, evidence}
	return html.Write(w, p)
}

// pairHTML is what came of a pair: the text that the terminal has, with the schedule drawn.
func pairHTML(r *program.Report, pair *program.Pair) []html.Block {
	blocks := []html.Block{html.Text{Text: verdictOf(pair)}}
	if e := pair.Shortest; e != nil && len(e.Answers) >= len(pair.Operations) {
		t := programTranscript(pair, e)
		t.Title = fmt.Sprintf("The simplest (%s)", plural(e.Preemptions, "interruption"))
		blocks = append(blocks, lanesOf(&t))
		var items []string
		for _, rule := range e.Broken {
			items = append(items, "Broken: "+rule)
		}
		if e.Anomaly != "" {
			items = append(items, "This is "+e.Anomaly+": "+strings.TrimSuffix(e.Meaning, ".")+".")
		}
		for _, mend := range e.Mends {
			items = append(items, "What mends it: "+mend)
		}
		if len(items) > 0 {
			blocks = append(blocks, html.List{Items: items})
		}
	}
	var text strings.Builder
	if err := ProgramPair(&text, defaultWidth, r, pair); err == nil {
		blocks = append(blocks, html.Details{Summary: "All of it in words", Blocks: []html.Block{html.Code{Text: strings.TrimSpace(text.String())}}})
	}
	return blocks
}

// faultedHTML is what came of faults: the text that the terminal has.
func faultedHTML(r *program.Report, f *program.Faulted) []html.Block {
	var text strings.Builder
	if err := ProgramFaulted(&text, defaultWidth, r, f); err != nil {
		return nil
	}
	return []html.Block{html.Text{Text: faultedVerdict(f)}, html.Code{Text: strings.TrimSpace(text.String())}}
}
