package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/harness/threshold"
	"github.com/lastseat/lastseat/reports/html"
)

// RoundsHTML writes programs under load as a page: bursts, or numbers of clients, against levels, and what happened in each.
func RoundsHTML(w io.Writer, all []rounds.Report) error {
	answer, verdict := roundsAnswer(all)
	p := &html.Page{Title: "lastseat run", Answer: answer, Tone: toneOfVerdict(verdict)}
	p.Answer = withThresholds(answer, rounds.Thresholds(all))
	if verdict == harness.Unsafe || threshold.Failed(rounds.Thresholds(all)) {
		p.Tone = html.Alarm // nobody asked for it
	}
	if len(all) == 0 {
		return html.Write(w, p)
	}
	p.Facts = []string{all[0].App, all[0].Server, fmt.Sprintf("%d clients, %s of the program", all[0].Clients, copies(all[0].Instances))}
	var levels []html.Block
	for i := range all {
		r := &all[i]
		section := html.Section{ID: fmt.Sprintf("level-%d", i+1), Title: "At " + string(r.Level)}
		section.Blocks = stepsHTML(r)
		for k := range r.Cases {
			c := &r.Cases[k]
			section.Blocks = append(section.Blocks, partHTML(burstID(i, k), c.Name(), roundsVerdict(c), c.Verdict, burstHTML(r, c)))
		}
		for k := range r.Steps {
			s, text := &r.Steps[k], &page{width: defaultWidth}
			text.step(s)
			blocks := []html.Block{html.Code{Text: strings.TrimSpace(text.b.String())}}
			section.Blocks = append(section.Blocks, partHTML(stepID(i, k), plural(s.Clients, "client"), stepVerdict(s), s.Verdict, blocks))
		}
		if c := r.Control; c != nil {
			section.Blocks = append(section.Blocks, html.Text{Tone: html.Faint, Text: controlText(c)})
		}
		levels = append(levels, section)
	}
	p.Blocks = append([]html.Block{html.Section{ID: "overview", Title: "Overview", Intro: "A cell leads to what happened.", Blocks: []html.Block{roundsMatrix(all)}}}, append(thresholdsHTML(rounds.Thresholds(all)), levels...)...)
	p.Blocks = append(p.Blocks, roundsWords(all))
	return html.Write(w, p)
}

func burstID(level, burst int) string { return fmt.Sprintf("burst-%d-%d", level+1, burst+1) }
func stepID(level, step int) string   { return fmt.Sprintf("step-%d-%d", level+1, step+1) }

// roundsMatrix is bursts, or numbers of clients, against levels.
func roundsMatrix(all []rounds.Report) html.Matrix {
	m := html.Matrix{Corner: "under load", Signs: programSigns}
	at := map[string]int{}
	cell := func(level int, name string, c html.Cell) {
		if _, there := at[name]; !there {
			at[name] = len(m.Rows)
			m.Rows = append(m.Rows, html.MatrixRow{Name: name, Cells: slices.Repeat([]html.Cell{{Tone: html.Faint}}, len(all))})
		}
		m.Rows[at[name]].Cells[level] = c
	}
	for i := range all {
		r := &all[i]
		m.Groups = append(m.Groups, html.Group{Name: string(r.Level), Note: r.Server, Columns: []string{"verdict"}})
		for k := range r.Cases {
			c := &r.Cases[k]
			cell(i, c.Name(), verdictHTML(c.Verdict, roundsVerdict(c), burstID(i, k)))
		}
		for k := range r.Steps {
			s := &r.Steps[k]
			cell(i, plural(s.Clients, "client"), verdictHTML(s.Verdict, stepVerdict(s), stepID(i, k)))
		}
	}
	return m
}

func copies(n int) string {
	if n == 1 {
		return "one copy"
	}
	return fmt.Sprintf("%d copies", n)
}

// controlText is what came of lastseat's own naive buy.
func controlText(c *rounds.Control) string {
	return fmt.Sprintf("Control: lastseat's own naive buy broke in %d of %s on the same server.", c.Broke, plural(c.Rounds, "round"))
}

func verdictHTML(v harness.Verdict, says, link string) html.Cell {
	c := html.Cell{Text: symbol(v) + " " + string(v), Title: says, Tone: toneOfVerdict(v), Link: link}
	if v == harness.Unsafe {
		c.Tone = html.Alarm
	}
	return c
}

func partHTML(id, name, says string, v harness.Verdict, blocks []html.Block) html.Details {
	return html.Details{ID: id, Summary: name, Note: says, Mark: symbol(v), Tone: verdictHTML(v, "", "").Tone, Open: v != harness.Safe, Blocks: blocks}
}

// burstHTML is what came of a burst's rounds, and one that broke beside what a serial order gives.
func burstHTML(r *rounds.Report, c *rounds.Case) (blocks []html.Block) {
	facts := []html.Fact{{Name: "rounds", Value: number(int64(c.Rounds))}, {Name: "in which transactions met", Value: number(int64(c.Trials))}, {Name: "that broke", Value: number(int64(c.Breaking))}}
	for _, k := range []struct {
		name string
		n    int
	}{{"with a lost sale", c.LostSales}, {"with an error", c.Errors}, {"with a stale read", c.StaleReads}} {
		if k.n > 0 {
			facts = append(facts, html.Fact{Name: k.name, Value: number(int64(k.n))})
		}
	}
	if c.Bound > 0 {
		facts = append(facts, html.Fact{Name: "may break yet, at 95 %", Value: "under " + share(c.Bound)})
	}
	blocks = append(blocks, html.Facts{Pairs: facts})
	for _, n := range c.Notes {
		blocks = append(blocks, html.Text{Text: n})
	}
	again := statementByStatement(r, c)
	if e := c.Example; e != nil {
		blocks = append(blocks, roundHTML(c, e))
		for _, rule := range e.Broken {
			blocks = append(blocks, html.Text{Tone: html.Alarm, Text: "Broken: " + rule})
		}
		if len(e.Columns) > 0 {
			blocks = append(blocks, html.Text{Text: "Only " + strings.Join(e.Columns, " or ") + " differs. If that may be so: ignore: [" + e.Columns[0] + "]"})
		}
		blocks = append(blocks, html.Text{Text: "Which statements meet, why it breaks, and what mends it says lastseat explore: it plays the statements of two of these one by one."})
	}
	return append(blocks, html.Code{Label: "statement by statement", Text: again, Command: true})
}

// roundHTML is a round that broke beside one client after the other.
func roundHTML(c *rounds.Case, e *rounds.Example) html.Table {
	t := html.Table{Title: fmt.Sprintf("How round %d ended", e.Round), Head: []string{"", "all at one moment", "one after the other"}, Left: []bool{true, true, true}}
	if c.ByRules {
		t.Head, t.Left = t.Head[:2], t.Left[:2]
	}
	var answers []string
	for _, told := range slices.Concat(e.Answers, e.Serial.Answers) {
		if !slices.Contains(answers, told.Answer) {
			answers = append(answers, told.Answer)
		}
	}
	count := func(all []rounds.Told, answer string) (n int) {
		for _, told := range all {
			if told.Answer == answer {
				n += told.Clients
			}
		}
		return n
	}
	line := func(name, here, there string) {
		row := []html.Cell{{Text: name}, {Text: here}, {Text: there}}
		if here != there && !c.ByRules {
			row[1].Tone = html.Alarm
		}
		t.Rows = append(t.Rows, row[:len(t.Head)])
	}
	for _, a := range answers {
		line("clients told "+a, number(int64(count(e.Answers, a))), number(int64(count(e.Serial.Answers, a))))
	}
	both := &program.Example{Tables: slices.Concat(e.Tables, e.Serial.Tables)}
	for _, table := range tablesOf(both) {
		line(table+" holds"+columnsOf(both, table), tableRows(e.Tables, table), tableRows(e.Serial.Tables, table))
	}
	return t
}

// stepsHTML are the figures of a sustained load, drawn against clients and as a table.
func stepsHTML(r *rounds.Report) []html.Block {
	if len(r.Steps) == 0 {
		return nil
	}
	// The verdict stands beside the clients, where a narrow window shows it.
	first := func(all []string) []string { return slices.Concat(all[:1], all[len(all)-1:], all[1:len(all)-1]) }
	t := html.Table{Head: first(stepColumns(r.Faulted()))}
	rates := html.Chart{Title: "Operations a second", Axis: "clients", Unit: rate, Curves: []html.Curve{{Name: "answered"}}}
	late := html.Chart{Title: "Latency (ms)", Axis: "clients", Unit: rate, Curves: []html.Curve{{Name: "p50"}, {Name: "p95"}, {Name: "p99"}}}
	for k := range r.Steps {
		s := &r.Steps[k]
		var row []html.Cell
		for _, c := range first(stepCells(s, r.Faulted())) {
			row = append(row, html.Cell{Text: c})
		}
		row[1].Tone = verdictHTML(s.Verdict, "", "").Tone
		t.Rows = append(t.Rows, row)
		broken := s.Verdict == harness.Unsafe
		rates.Values, late.Values = append(rates.Values, fmt.Sprint(s.Clients)), append(late.Values, fmt.Sprint(s.Clients))
		rates.Curves[0].Points, rates.Curves[0].Broken = append(rates.Curves[0].Points, s.PerSecond), append(rates.Curves[0].Broken, broken)
		for i := range late.Curves {
			c := &late.Curves[i]
			c.Points, c.Broken = append(c.Points, s.Latency[c.Name]), append(c.Broken, broken)
		}
	}
	if len(r.Steps) < 2 {
		return []html.Block{t}
	}
	return []html.Block{html.Side{Blocks: []html.Block{rates, late}}, t}
}

// roundsWords explain what the page says.
func roundsWords(all []rounds.Report) html.Block {
	w := html.Words{Title: "What the words mean", Words: []html.Fact{
		{Name: "round", Value: "the tables are restored, then all clients make their requests at one moment, then answers and tables are looked at"},
		{Name: "serial order", Value: "one client after the other, each to its end. A round breaks if its answers and tables are those of no serial order"},
		{Name: "transactions met", Value: "transactions of two clients that touched the same table overlapped: only then could anything break"},
	}}
	if len(all[0].Steps) > 0 {
		w.Words = stepWords()
	}
	return html.Section{ID: "words", Title: "Words", Blocks: []html.Block{w}}
}

// stepWords explain the columns of a sustained load.
func stepWords() []html.Fact {
	return []html.Fact{
		{Name: "p50 … max", Value: "from when an operation was due to its answer"},
		{Name: "ok, refused, errors", Value: "what clients were answered: done; a right no, such as sold out; anything else"},
		{Name: "conflicts", Value: "that the server told of on the wire"},
		{Name: "tx/op, stmts/op", Value: "transactions and statements an operation"},
		{Name: "retries/op", Value: "transactions beyond those that it takes alone"},
		{Name: "db", Value: "time that statements of an operation were at the server"},
		{Name: "program", Value: "the rest of its time"},
	}
}
