package reports

import (
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/reports/html"
)

// programPart is a pair of operations at a level, or operations that faults struck there.
type programPart struct {
	report  *program.Report
	pair    *program.Pair
	faulted *program.Faulted // of the two, one is nil
	level   int              // which report
	id      string           // that its evidence is found by
	name    string
	verdict harness.Verdict
	says    string // the verdict in a sentence
}

// struckName is what tells operations that faults struck from others.
const struckName = ", with faults"

// programParts are all parts of explored programs, and their names, each once.
type programParts struct {
	all   []program.Report
	parts []*programPart
	names []string
}

func programOverview(all []program.Report) *programParts {
	o := &programParts{all: all}
	add := func(p *programPart) {
		if o.at(p.name, -1) == nil {
			o.names = append(o.names, p.name)
		}
		o.parts = append(o.parts, p)
	}
	for i := range all {
		r := &all[i]
		for k := range r.Pairs {
			pair := &r.Pairs[k]
			add(&programPart{report: r, pair: pair, level: i, id: fmt.Sprintf("pair-%d-%d", i+1, k+1), name: pair.Name(), verdict: pair.Verdict, says: verdictOf(pair)})
		}
		for k := range r.Faults {
			f := &r.Faults[k]
			add(&programPart{
				report: r, faulted: f, level: i, id: fmt.Sprintf("faults-%d-%d", i+1, k+1), name: f.Name() + struckName, verdict: f.Verdict, says: faultedVerdict(f),
			})
		}
	}
	return o
}

// at is the part of a name at a level; -1: at any.
func (o *programParts) at(name string, level int) *programPart {
	for _, p := range o.parts {
		if p.name == name && (level < 0 || p.level == level) {
			return p
		}
	}
	return nil
}

// named are the parts with a verdict, for people.
func (o *programParts) named(v harness.Verdict) (all []string) {
	for _, p := range o.parts {
		if p.verdict == v {
			all = append(all, p.name+" at "+string(p.report.Level))
		}
	}
	return all
}

// answer is what came out, in a sentence.
func (o *programParts) answer() string {
	if len(o.parts) == 0 {
		return "Nothing was explored."
	}
	file, struck := o.all[0].File, o.all[0].Struck
	unsafe, open := o.named(harness.Unsafe), o.named(harness.Inconclusive)
	switch {
	case len(unsafe) > 0 && struck:
		return fmt.Sprintf("%s is unsafe: a fault leaves half of it done, or has it done twice: %s.", file, strings.ReplaceAll(some(unsafe), struckName, ""))
	case len(unsafe) > 0:
		text := fmt.Sprintf("%s is unsafe: %s can end as no serial order does", file, some(unsafe))
		for _, p := range o.parts {
			if p.verdict == harness.Unsafe && p.pair != nil && p.pair.Shortest != nil && p.pair.Shortest.Anomaly != "" {
				return text + ": " + p.pair.Shortest.Anomaly + "."
			}
		}
		return text + "."
	case len(open) > 0:
		return fmt.Sprintf("%s: not decided: %s; nothing that was decided breaks.", file, some(open))
	case struck:
		return fmt.Sprintf("%s is safe: at every point that a fault struck it is all or nothing.", file)
	}
	return fmt.Sprintf("%s is safe: none of the schedules that were run breaks.", file)
}

// tone is that of the answer.
func (o *programParts) tone() html.Tone {
	switch {
	case len(o.named(harness.Unsafe)) > 0:
		return html.Alarm // nobody asked for it
	case len(o.parts) == 0 || len(o.named(harness.Inconclusive)) > 0:
		return html.Open
	}
	return html.Good
}

func (p *programPart) tone() html.Tone {
	if p.verdict == harness.Unsafe {
		return html.Alarm
	}
	return toneOfVerdict(p.verdict)
}

// html is what happened.
func (p *programPart) html() []html.Block {
	if p.pair != nil {
		return pairHTML(p.report, p.pair)
	}
	return faultedHTML(p.report, p.faulted, p.id)
}

// matrix is operations against levels.
func (o *programParts) matrix() html.Matrix {
	m := html.Matrix{Corner: "operations", Signs: programSigns}
	for i := range o.all {
		m.Groups = append(m.Groups, html.Group{Name: string(o.all[i].Level), Note: o.all[i].Server, Columns: []string{"verdict"}})
	}
	for _, name := range o.names {
		row := html.MatrixRow{Name: name}
		for i := range o.all {
			cell := html.Cell{Tone: html.Faint}
			if part := o.at(name, i); part != nil {
				cell = html.Cell{Text: symbol(part.verdict) + " " + string(part.verdict), Title: part.says, Tone: part.tone(), Link: part.id}
			}
			row.Cells = append(row.Cells, cell)
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}
