package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/rounds"
)

// RoundsHead says what is put under load, in lines of so many columns; 0: the usual ones. sustained: not in rounds.
func RoundsHead(w io.Writer, width int, r *rounds.Report, sustained bool) error {
	p := &page{width: cmp.Or(width, defaultWidth)}
	server := r.Server
	if r.Throwaway {
		server += " (throwaway)"
	}
	load := fmt.Sprintf("rounds of %d clients at one moment", r.Clients)
	if sustained {
		load = "a load that goes on"
	}
	on := "one copy"
	if r.Instances > 1 {
		on = fmt.Sprintf("%d copies", r.Instances)
	}
	on = ", on " + on + " of the program"
	if r.Programless {
		on = ""
	}
	p.para("", fmt.Sprintf("%s: %s on %s at %s: %s%s", r.File, r.App, server, r.Level, load, on))
	if r.Faulted() {
		p.para("Faults: ", strikesText(r.Faults, sustained))
	}
	if r.Rights != "" {
		p.para("", r.Rights)
	}
	if r.Unwired {
		p.para("", "Nothing is seen between the program and its file: a trial is a round in which two requests overlapped in time.")
	}
	p.services(r.App, r.Programless, "by each request")
	if sustained {
		p.blank()
		p.line(stepLine(stepColumns(r.Faulted()), r.Faulted()))
	}
	return p.flush(w)
}

// strikesText says when faults strike.
func strikesText(all []program.FaultKind, sustained bool) string {
	words := make([]string, len(all))
	for i, f := range all {
		words[i] = string(cmp.Or(f, "none"))
	}
	text := strings.Join(words, ", ") + "; "
	when := "each strikes once in a round, at a statement that is drawn"
	if sustained {
		when = "each strikes again and again, at statements that are drawn"
	}
	if slices.Contains(all, rounds.Delay) {
		when += "; under delay each message is late"
	}
	return text + when
}

// RoundsCase writes what came of a burst's rounds: how many break, and one of those beside what a serial order gives.
func RoundsCase(w io.Writer, width int, r *rounds.Report, c *rounds.Case) error {
	p := &page{width: cmp.Or(width, defaultWidth)}
	p.line("")
	p.para("", c.Name()+": "+roundsVerdict(c))
	for _, k := range []struct {
		n    int
		what string
	}{
		{c.LostSales, "with a refusal that no serial order gives (lost sale)"},
		{c.Errors, "with an error that no serial order gives"},
		{c.StaleReads, "with nothing amiss but what was read, which no serial order gives (stale read)"},
	} {
		if k.n > 0 {
			p.para("  ", fmt.Sprintf("%s of %s end %s.", number(int64(k.n)), plural(c.Rounds, "round"), k.what))
		}
	}
	if c.Unstruck > 0 {
		p.para("  ", fmt.Sprintf("%s of those were not struck: it breaks without the fault too. Mend that first: lastseat run %s", number(int64(c.Unstruck)), ShellWord(r.File)))
	}
	for _, n := range c.Notes {
		p.para("  ", n)
	}
	if c.Example != nil {
		p.round(r, c, c.Example)
	}
	return p.flush(w)
}

// roundsVerdict is a case's verdict in a sentence.
func roundsVerdict(c *rounds.Case) string {
	if c.Fault != "" {
		return struckVerdict(c)
	}
	switch c.Verdict {
	case harness.Unsafe:
		if c.ByRules {
			return fmt.Sprintf("UNSAFE: %s of %s break a rule of the file's", number(int64(c.Breaking)), plural(c.Rounds, "round"))
		}
		text := fmt.Sprintf("UNSAFE: %s of %s end as no serial order gives", number(int64(c.Breaking)), plural(c.Rounds, "round"))
		if c.Example != nil && len(c.Example.Broken) > 0 {
			text += ", or break a rule"
		}
		if e := c.Example; e != nil {
			if got, want := okOf(e.Answers), okOf(e.Serial.Answers); got != want {
				text += fmt.Sprintf(": %d told ok, where one after the other gives %d", got, want)
			}
		}
		return text
	case harness.Inconclusive:
		text := "not decided: " + c.Why
		if c.Bound > 0 {
			text += fmt.Sprintf(" (0 of %s broke: under %s at 95 %%)", number(int64(c.Trials)), share(c.Bound))
		}
		return text
	}
	text := fmt.Sprintf("safe: 0 of %s in which transactions met: under %s at 95 %%", plural(c.Trials, "round"), share(c.Bound))
	if c.ByRules {
		text += ", by the file's rules alone"
	}
	return text
}

// struckVerdict is that of a case with a fault.
func struckVerdict(c *rounds.Case) string {
	bound := fmt.Sprintf("0 of %s in which it struck: under %s at 95 %%", plural(c.Struck, "round"), share(c.Bound))
	switch c.Verdict {
	case harness.Unsafe:
		if c.ByRules {
			return fmt.Sprintf("UNSAFE: %s of %s break a rule of the file's; it struck in %s", number(int64(c.Breaking)), plural(c.Rounds, "round"), number(int64(c.Struck)))
		}
		text := fmt.Sprintf("UNSAFE: %s of %s are not all or nothing", number(int64(c.Breaking)), plural(c.Rounds, "round"))
		if c.Example != nil && len(c.Example.Broken) > 0 {
			text += ", or break a rule"
		}
		return text + fmt.Sprintf("; it struck in %s", number(int64(c.Struck)))
	case harness.Inconclusive:
		if c.Bound > 0 {
			return "not decided: " + c.Why + " (" + bound + ")"
		}
		return "not decided: " + c.Why
	}
	if c.ByRules {
		bound += ", by the file's rules alone"
	}
	return "safe: " + bound
}

func okOf(all []rounds.Told) (n int) {
	for _, t := range all {
		if t.Outcome == harness.OK.String() {
			n += t.Clients
		}
	}
	return n
}

// round shows a round that broke.
func (p *page) round(r *rounds.Report, c *rounds.Case, e *rounds.Example) {
	if e.Struck != "" {
		p.para("  Struck: ", fmt.Sprintf("round %d, at %s", e.Round, e.Struck))
	}
	p.burst(fmt.Sprintf("Round %d", e.Round), e.Answers, e.Tables, e.Serial.Tables)
	if !c.ByRules {
		p.burst("One after the other", e.Serial.Answers, e.Serial.Tables, e.Tables)
	}
	for _, rule := range e.Broken {
		p.para("  Broken: ", rule)
	}
	if len(e.Columns) > 0 {
		p.para("  ", "Only "+strings.Join(e.Columns, " or ")+" differs. If that may be so: ignore: ["+e.Columns[0]+"]")
	}
	if !r.Unwired {
		p.line("  Statement by statement: " + statementByStatement(r, c))
	}
}

// statementByStatement is the command that explores two of a burst's operations, or strikes at each point of them.
func statementByStatement(r *rounds.Report, c *rounds.Case) string {
	pair, fault := slices.Compact(slices.Clone(c.Operations)), ""
	switch {
	case c.Fault == rounds.Pause || c.Fault == rounds.Delay: // explore holds each statement anyway
		if len(pair) == 1 {
			pair = append(pair, pair[0])
		}
	case c.Fault == rounds.DropConnection || c.Fault == rounds.Partition:
		fault = string(program.CutBefore) + "," + string(program.LostCommit)
	case c.Fault != "":
		fault = string(c.Fault)
	case len(pair) == 1:
		pair = append(pair, pair[0])
	}
	again := "lastseat explore " + ShellWord(r.File) + " --only " + ShellWord(strings.Join(pair[:min(len(pair), 2)], ","))
	if fault != "" {
		again += " --fault " + fault
	}
	if r.Asked {
		again += " --isolation " + string(r.Level)
	}
	return again
}

// burst says what clients were told and what tables hold, of those that do not hold the same beside it.
func (p *page) burst(what string, answers []rounds.Told, tables, other []program.Difference) {
	var parts []string
	for _, t := range answers {
		parts = append(parts, fmt.Sprintf("%d × %s", t.Clients, t.Answer))
	}
	p.para("  "+what+": ", strings.Join(parts, "; "))
	for _, t := range tables {
		same := slices.ContainsFunc(other, func(o program.Difference) bool {
			return o.Table == t.Table && slices.EqualFunc(o.Rows, t.Rows, slices.Equal)
		})
		if !same {
			p.para("    "+t.Table+": ", rowsText(t.Rows))
		}
	}
	for _, o := range other {
		if !slices.ContainsFunc(tables, func(t program.Difference) bool { return t.Table == o.Table }) {
			p.para("    "+o.Table+": ", "what it held")
		}
	}
}
