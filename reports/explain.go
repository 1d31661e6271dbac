package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// Explain says in plain words what the table found: surprises first, then one unsafe row for each way of going wrong,
// with the fix and the commands that show it again, then what was not decided. It ends with the sum, and, where rows
// are undecided, with the command that decides them. No line is wider than width (0: 120), but for commands.
func Explain(w io.Writer, r *Result, width int) error {
	p := &page{width: cmp.Or(width, defaultWidth)}
	for i := range r.Rows {
		if row := &r.Rows[i]; row.Surprise() {
			surprise(p, r, row)
		}
	}
	unsafeAsExpected(p, r)
	surroundings(p, r)
	undecided(p, r)
	failures(p, r)
	generatorLimited(p, r)
	workers(p, r)
	endedEarly(p, r)
	p.blank()
	lostSales(p, r)
	weakest(p, r)
	clocks(p, r)
	if len(r.Thresholds) > 0 {
		p.thresholds(r.Thresholds)
		p.blank()
	}
	p.para("", Summary(r)+behind(" · ", thresholdSummary(r.Thresholds), ""))
	if r.Decide != "" {
		p.para("", "To decide what is undecided, give it more time:")
		p.line(r.Decide) // not wrapped, so that it can be copied
	}
	return p.flush(w)
}

// surprise explains a row that broke although it was promised to hold.
func surprise(p *page, r *Result, row *Row) {
	p.blank()
	var missing promise.Hazards
	if row.Expected == nil {
		p.para("✗ ", "UNSAFE, and nothing was promised: "+nameOf(r, row))
	} else {
		missing = row.Expected.Missing
		expected := "expected safe"
		if !row.Expected.Safe {
			expected = "and worse than expected"
		}
		p.para("✗ ", "UNSAFE, "+expected+": "+nameOf(r, row))
		p.para("  promised: ", row.Expected.Reason+floor(row.Expected))
	}
	broken(p, row, harness.MaxTexts)
	if missing != 0 {
		p.para("  fix       ", missing.Main().Advice())
	} else if row.Expected != nil {
		p.para("  meaning   ", "the strategy as written, "+product(row)+" or lastseat itself is wrong. "+
			"Run it again; if it breaks again, please report it with its history")
	}
	smallest(p, row)
	commands(p, r, row)
}

// smallest shows the smallest schedule that shows the surprise too, or how many do not.
func smallest(p *page, row *Row) {
	e := row.Explored
	if e == nil {
		return
	}
	p.para("  explored  ", says(e))
	if e.Shortest == nil {
		return
	}
	p.para("  simplest  ", fmt.Sprintf("%s, %s; it breaks: %s", e.Scenario, plural(e.Shortest.Preemptions, "interruption"), e.Rule))
	t := e.Shortest.Transcript()
	p.transcript(&t)
}

func product(row *Row) string {
	if row.Server != "" {
		return row.Server
	}
	return row.Label.Target
}

// unsafeAsExpected explains the first unsafe row of each way of going wrong, and counts the others.
func unsafeAsExpected(p *page, r *Result) {
	type wrong struct {
		hazard promise.Hazards // the main one alone, or none
		by     string          // the component that causes it, or none
	}
	var ways []wrong
	first := map[wrong]*Row{}
	others := map[wrong]int{}
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Verdict() != harness.Unsafe || row.Surprise() || row.Expected == nil {
			continue
		}
		way := wrong{by: row.Expected.By}
		if row.Expected.Missing != 0 {
			way.hazard = promise.HazardSet(row.Expected.Missing.Main())
		}
		if first[way] != nil {
			others[way]++
			continue
		}
		ways = append(ways, way)
		first[way] = row
	}
	for _, way := range ways {
		row := first[way]
		p.blank()
		switch {
		case way.by != "":
			p.para("✗ ", way.by+": "+row.Expected.Reason+floor(row.Expected))
		case way.hazard == 0:
			p.para("✗ ", row.Expected.Reason)
		default:
			p.para("✗ ", way.hazard.Main().Named()+": "+way.hazard.Main().Meaning())
		}
		p.para("  ", nameOf(r, row)+more(others[way]))
		broken(p, row, 1)
		if way.hazard != 0 {
			p.para("  fix       ", fixOf(row.Expected).Advice())
		}
		commands(p, r, row)
	}
}

// floor says what holds where a level's model does not.
func floor(p *promise.Promise) string {
	if p.Floor == "" {
		return ""
	}
	return "; not " + p.Model + ", but " + p.Floor
}

func more(n int) string {
	if n == 0 {
		return ""
	}
	return ", and " + plural(n, "more row")
}

// fixOf is the hazard whose advice helps: what a component causes comes before what would be wrong without it.
func fixOf(p *promise.Promise) promise.Hazard {
	if caused := p.Missing & promise.CausedByEnv; p.By != "" && caused != 0 {
		return caused.Main()
	}
	return p.Missing.Main()
}

// broken lists the checks that found something, with the first few violations of each in words.
func broken(p *page, row *Row, texts int) {
	for i := range row.Report.Results {
		res := &row.Report.Results[i]
		if res.Checker.Figure || res.Violations == 0 {
			continue
		}
		count := plural(int(res.Violations), "violation")
		if res.Checker.Unit != "" && res.Measure != 0 {
			count += ", " + counted(res.Measure, res.Checker.Unit)
		}
		p.para("  broke     ", res.Checker.Name+" ("+count+"): "+res.Checker.Rule)
		for _, text := range res.Texts[:min(texts, len(res.Texts))] {
			first := "            · "
			for line := range strings.Lines(text) {
				p.para(first, line)
				first = "              "
			}
		}
	}
}

// counted is n of a unit that is named in the plural: 12 seats, 1 unit of money.
func counted(n int64, units string) string {
	if first, rest, _ := strings.Cut(units, " "); n == 1 {
		units = strings.TrimSpace(strings.TrimSuffix(first, "s") + " " + rest)
	}
	return number(n) + " " + units
}

func commands(p *page, r *Result, row *Row) {
	again := row.Command
	if again == "" {
		again = r.Command
	}
	// Not wrapped, so that they can be copied.
	if again != "" {
		p.line("  re-run    " + again)
	}
	if row.HistoryFile != "" {
		p.line("  re-judge  lastseat check " + ShellWord(row.HistoryFile))
	}
}

// undecided lists inconclusive rows by what would decide them, and rows that an error met after their verdict.
func undecided(p *page, r *Result) {
	var heads []string
	rows := map[string][]string{}
	for i := range r.Rows {
		row := &r.Rows[i]
		head, name := row.Reason(), nameOf(r, row)
		switch {
		case row.Verdict() == harness.Inconclusive && row.Report != nil && row.Judgement().Advice != "":
			head, name = "not decided: "+row.Judgement().Advice, name+" ("+head+")"
		case row.Verdict() == harness.Inconclusive:
		case row.Broke():
			head = "error: " + row.Err.Error()
		default:
			continue
		}
		if !slices.Contains(heads, head) {
			heads = append(heads, head)
		}
		rows[head] = append(rows[head], name)
	}
	for _, head := range heads {
		p.blank()
		p.para("? ", head)
		p.para("  ", strings.Join(rows[head], ", "))
	}
}

// failures tells why operations failed in rows that went on all the same.
func failures(p *page, r *Result) {
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Report == nil || row.Report.Failure == nil || row.Failed() {
			continue
		}
		p.blank()
		a := &row.Report.Accounting
		p.para("! ", fmt.Sprintf("%s failed in %s: %v", plural(int(a.Outcomes[harness.Failed]-a.Exhausted-a.Down), "operation"),
			nameOf(r, row), row.Report.Failure))
	}
}

// endedEarly tells which rows memory ended.
func endedEarly(p *page, r *Result) {
	var rows []string
	for i := range r.Rows {
		if row := &r.Rows[i]; row.Report != nil && row.Report.Full {
			rows = append(rows, fmt.Sprintf("%s after %s (%s operations)", nameOf(r, row), span(row.Report.Elapsed), number(row.Report.Accounting.Processed())))
		}
	}
	if len(rows) > 0 {
		p.blank()
		p.para("! ", plural(len(rows), "row")+" ended early, with as many operations recorded as half of this machine's memory holds; "+
			"--record counts only counts them")
		p.para("  ", strings.Join(rows, ", "))
	}
}

// lostSales tells which rows refused what they had: the opposite of overselling, and no violation.
func lostSales(p *page, r *Result) {
	var rows []string
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Report == nil || row.Control {
			continue
		}
		if n := row.Report.Measure("lost-sales"); n > 0 {
			rows = append(rows, fmt.Sprintf("%s in %s", number(n), nameOf(r, row)))
		}
	}
	if len(rows) > 0 {
		p.para("", "Lost sales (refused while there was provably enough): "+strings.Join(rows, ", ")+".")
		p.blank()
	}
}

// weakest tells how far the least tested green can be trusted.
func weakest(p *page, r *Result) {
	var least *Row
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Verdict() == harness.Safe && row.Judgement().Trials > 0 && (least == nil || row.Judgement().Trials < least.Judgement().Trials) {
			least = row
		}
	}
	if least == nil {
		return
	}
	p.para("", fmt.Sprintf("Least tested safe row: %s, 0 in %s trials: under %s %% at 95 %%, for this load, trials taken as independent.",
		nameOf(r, least), number(least.Judgement().Trials), digits(100*least.Judgement().UpperBound, 2)))
}

// clocks tells, of each row whose clients several workers were, how far the order of what they did is known.
func clocks(p *page, r *Result) {
	for i := range r.Rows {
		if row := &r.Rows[i]; row.Judgement() != nil && row.Judgement().Clocks != nil {
			p.para("", "Clocks of "+nameOf(r, row)+": "+row.Judgement().Clocks.String()+".")
		}
	}
}

// Summary is the run in one line: "34 rows: 14 safe, 18 unsafe as expected, 2 inconclusive, 6 skipped · seed 42".
func Summary(r *Result) string {
	var run, safe, asExpected, strict, surprises, inconclusive, quiet, failed, skipped int
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Skip != "" {
			skipped++
			continue
		}
		run++
		switch {
		case row.Surprise():
			surprises++
		case row.Failed():
			failed++
		case row.Verdict() == harness.Safe:
			safe++
		case row.Verdict() == harness.Unsafe && r.Strict && row.Judged():
			strict++
		case row.Verdict() == harness.Unsafe:
			asExpected++
		case row.Verdict() == harness.Quiet:
			quiet++
		default:
			inconclusive++
		}
	}
	parts := []string{}
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	add(surprises, "UNSAFE ALTHOUGH EXPECTED SAFE")
	add(strict, "UNSAFE, AND --strict COUNTS THAT AS A FAILURE")
	add(safe, "safe")
	add(asExpected, "unsafe as expected")
	add(quiet, "quiet")
	add(inconclusive, "inconclusive")
	add(failed, "failed")
	add(skipped, "skipped")
	s := plural(run, "row")
	if len(parts) > 0 {
		s += ": " + strings.Join(parts, ", ")
	}
	if r.Interrupted {
		s += " · interrupted"
	}
	return s + fmt.Sprintf(" · seed %d", r.Seed)
}
