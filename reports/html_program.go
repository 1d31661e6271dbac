package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/threshold"
	"github.com/lastseat/lastseat/reports/html"
)

// ProgramHTML writes explored programs as a page: pairs against levels, and the simplest schedule of each that breaks.
func ProgramHTML(w io.Writer, all []program.Report) error {
	o := programOverview(all)
	missed := program.Thresholds(all)
	p := &html.Page{Title: "lastseat explore", Answer: withThresholds(o.answer(), missed), Tone: o.tone()}
	if threshold.Failed(missed) {
		p.Tone = html.Alarm
	}
	if len(all) > 0 {
		busy := fmt.Sprintf("%d clients at a time", all[0].Clients)
		if all[0].Struck {
			busy = "struck by faults, one request at a time"
		}
		p.Facts = append(p.Facts, all[0].App, all[0].Server, busy)
	}
	if list := programInShort(all); len(list.Items) > 0 {
		p.Blocks = append(p.Blocks, list)
	}
	if len(o.parts) == 0 {
		return html.Write(w, p)
	}
	evidence := html.Section{ID: "evidence", Title: "What happened", Intro: "Time runs downwards, a column a client; " + whose(&all[0]) + "."}
	if all[0].Struck {
		evidence.Intro = "One request at a time. A fault strikes at each point once; what the tables hold then is put beside what they would hold had the request happened, or not."
	}
	first := true
	for _, part := range o.parts {
		evidence.Blocks = append(evidence.Blocks, html.Details{
			ID: part.id, Summary: part.name + " at " + string(part.report.Level), Mark: symbol(part.verdict), Tone: part.tone(), Note: part.says,
			Open: part.verdict == harness.Unsafe && first, Blocks: part.html(),
		})
		first = first && part.verdict != harness.Unsafe
	}
	p.Blocks = append(p.Blocks, html.Section{ID: "overview", Title: "Overview", Intro: "A cell leads to what happened.", Blocks: []html.Block{o.matrix()}})
	p.Blocks = append(append(p.Blocks, thresholdsHTML(missed)...), evidence)
	p.Blocks = append(p.Blocks, html.Section{ID: "words", Title: "Words", Blocks: []html.Block{programWords(all[0].Struck)}})
	return html.Write(w, p)
}

// programInShort is what happened in the first that breaks, what mends it, and which level would.
func programInShort(all []program.Report) html.List {
	var items []string
	for i := range all {
		for k := range all[i].Pairs {
			pair := &all[i].Pairs[k]
			if pair.Verdict != harness.Unsafe || pair.Shortest == nil || len(items) > 0 {
				continue
			}
			e := pair.Shortest
			text := "Told at the same time: " + toldText(e.Answers)
			if len(e.Serial) > 0 {
				text += ". One after the other: " + toldText(e.Serial[0].Answers)
			}
			items = append(items, text+".")
			if len(e.Broken) > 0 {
				items = append(items, "Broken: "+strings.Join(e.Broken, "; ")+".")
			}
			if len(e.Mends) > 0 {
				items = append(items, "What mends it: "+mendsText(e.Mends)+".")
			}
		}
	}
	if len(all) > 1 && len(all[0].Pairs) > 0 {
		items = append(items, whole(all))
	}
	return html.List{Items: items}
}

// toldText is what clients were answered.
func toldText(answers []string) string {
	told := make([]string, len(answers))
	for i, a := range answers {
		told[i] = program.ClientName(i) + " " + a
	}
	return strings.Join(told, "; ")
}

// pairHTML is what came of a pair: the schedule drawn, what came of it beside what a serial order gives, and the text that the terminal has.
func pairHTML(r *program.Report, pair *program.Pair) []html.Block {
	var blocks []html.Block
	if e := pair.Shortest; e != nil && len(e.Answers) >= len(pair.Operations) {
		t := programTranscript(pair, e)
		t.Title = fmt.Sprintf("The simplest schedule (%s)", plural(e.Preemptions, "interruption"))
		blocks = append(blocks, lanesOf(&t), endsHTML(pair, e))
		for _, rule := range e.Broken {
			blocks = append(blocks, html.Text{Tone: html.Alarm, Text: "Broken: " + rule})
		}
		if e.Anomaly != "" {
			blocks = append(blocks, html.Text{Tone: html.Alarm, Text: "This is " + e.Anomaly + ": " + strings.TrimSuffix(e.Meaning, ".") + "."})
		} else if e.Meaning != "" {
			blocks = append(blocks, html.Text{Tone: html.Alarm, Text: e.Meaning + "."})
		}
		if len(e.Mends) > 0 {
			blocks = append(blocks, html.List{Title: "What mends it, each by itself", Items: e.Mends})
		}
		blocks = append(blocks, html.Code{Label: "this schedule again", Text: againOf(r, pair, e), Command: true})
	} else {
		blocks = append(blocks, html.Code{Label: "this pair again", Text: exploring(r, pair.Operations, ""), Command: true})
	}
	var text strings.Builder
	if err := ProgramPair(&text, defaultWidth, r, pair); err == nil {
		blocks = append(blocks, html.Details{Summary: "All of it in words", Blocks: []html.Block{html.Code{Text: strings.TrimSpace(text.String())}}})
	}
	return blocks
}

// exploring is the command that explores operations again, with further flags.
func exploring(r *program.Report, operations []string, flags string) string {
	text := "lastseat explore " + ShellWord(r.File) + " --only " + ShellWord(strings.Join(operations, ",")) + flags
	if r.Asked {
		text += " --isolation " + string(r.Level)
	}
	return text
}

// endsHTML is what clients were told and tables hold, after the schedule and after each serial order. What no serial order gives stands out.
func endsHTML(pair *program.Pair, e *program.Example) html.Table {
	t := html.Table{Title: "How it ends", Head: []string{"", "this schedule"}, Left: []bool{true, true}}
	for _, s := range e.Serial {
		who := make([]string, len(s.Order))
		for i, c := range s.Order {
			who[i] = program.ClientName(c)
		}
		t.Head, t.Left = append(t.Head, "one after the other: "+strings.Join(who, ", then ")), append(t.Left, true)
	}
	line := func(name, here string, there []string) {
		row := []html.Cell{{Text: name}, {Text: here}}
		if !slices.Contains(there, here) && len(there) > 0 {
			row[1].Tone = html.Alarm
		}
		for _, other := range there {
			row = append(row, html.Cell{Text: other})
		}
		t.Rows = append(t.Rows, row)
	}
	for i, a := range e.Answers {
		var there []string
		for _, s := range e.Serial {
			other := ""
			if i < len(s.Answers) {
				other = s.Answers[i]
			}
			there = append(there, other)
		}
		name := program.ClientName(i)
		if i < len(pair.Operations) {
			name += ": " + pair.Operations[i]
		}
		line(name+" is told", a, there)
	}
	for _, table := range tablesOf(e) {
		var there []string
		for _, s := range e.Serial {
			there = append(there, tableRows(s.Tables, table))
		}
		line(table+" holds"+columnsOf(e, table), tableRows(e.Tables, table), there)
	}
	return t
}

// tablesOf are the tables that the schedule or some serial order changes.
func tablesOf(e *program.Example) (names []string) {
	add := func(all []program.Difference) {
		for i := range all {
			if !slices.Contains(names, all[i].Table) {
				names = append(names, all[i].Table)
			}
		}
	}
	add(e.Tables)
	for i := range e.Serial {
		add(e.Serial[i].Tables)
	}
	return names
}

// columnsOf are a table's columns, in brackets.
func columnsOf(e *program.Example, table string) string {
	all := e.Tables
	for i := range e.Serial {
		all = append(all[:len(all):len(all)], e.Serial[i].Tables...)
	}
	for i := range all {
		if all[i].Table == table && len(all[i].Columns) > 0 {
			return "\n(" + strings.Join(all[i].Columns, ", ") + ")"
		}
	}
	return ""
}

// tableRows are the rows of a table, a line each.
func tableRows(all []program.Difference, table string) string {
	const most = 6
	for i := range all {
		if all[i].Table != table {
			continue
		}
		var lines []string
		for _, row := range all[i].Rows {
			lines = append(lines, "• "+rowText(row))
		}
		if len(lines) == 1 {
			return rowText(all[i].Rows[0])
		}
		if len(lines) > most {
			lines = append(lines[:most], fmt.Sprintf("… %d more", len(lines)-most))
		}
		if len(lines) == 0 {
			return "nothing"
		}
		return strings.Join(lines, "\n")
	}
	return "what it held"
}

// programSigns are the signs of a program's overview.
const programSigns = "✓ safe: nothing that was tried breaks · ✗ unsafe: it breaks · ? not decided"

// programWords explain what the page says.
func programWords(struck bool) html.Words {
	w := html.Words{Title: "What the words mean", Words: []html.Fact{
		{Name: "schedule", Value: "an order in which the clients' statements reach the database; lastseat lets one client at a time go on, and plays all orders that can matter"},
		{Name: "serial order", Value: "one client after the other, each to its end: what everybody who wrote the program had in mind. A schedule breaks if its answers and tables are those of no serial order"},
		{Name: "interruption", Value: "a client that could have gone on is held back while another goes on"},
		{Name: "a, b, c …", Value: "the clients; each makes one request"},
		{Name: "isolation level", Value: "what the database promises to transactions that run at the same time; the program has its own unless --isolation names others"},
	}}
	if struck {
		w.Words = append(w.Words, html.Fact{Name: "all or nothing", Value: "after the fault, the tables hold either what they would had the request happened once, or what they would had it not"})
		for _, k := range program.FaultKinds() {
			w.Words = append(w.Words, html.Fact{Name: string(k), Value: k.Meaning()})
		}
	}
	return w
}
