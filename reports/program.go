package reports

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/explore/schedule"
)

// ProgramHead says what is explored, in lines of so many columns; 0: the usual ones.
func ProgramHead(w io.Writer, width int, r *program.Report) error {
	p := &page{width: cmp.Or(width, defaultWidth)}
	server := r.Server
	if r.Throwaway {
		server += " (throwaway)"
	}
	busy := fmt.Sprintf("%d clients at a time", r.Clients)
	if r.Struck {
		busy = "struck by faults, one request at a time"
		if r.Programless {
			busy = "struck by faults, one operation at a time"
		}
	}
	p.para("", fmt.Sprintf("%s: %s on %s at %s, %s, %s", r.File, r.App, server, r.Level, busy, whose(r)))
	if r.Rights != "" {
		p.para("", r.Rights)
	}
	p.services(r.App, r.Programless, "in each schedule")
	return p.flush(w)
}

// whose says what clients share.
func whose(r *program.Report) string {
	switch {
	case r.Attached:
		return "one running program for all"
	case r.Programless:
		return "each with a connection of its own"
	}
	return "each with a copy of the program"
}

// services says that what a program does elsewhere is done. SQL does nothing elsewhere.
func (p *page) services(app string, programless bool, when string) {
	switch {
	case !programless:
		p.para("", "Mails, payments and other services that it calls are really called, "+when+".")
	case app != "SQL":
		p.para("", "Mails, payments and other services that they call are really called, "+when+".")
	}
}

// ProgramPair writes what came of a pair: how many schedules break, and the simplest as a transcript with a column a client.
func ProgramPair(w io.Writer, width int, r *program.Report, pair *program.Pair) error {
	p := &page{width: cmp.Or(width, defaultWidth)}
	p.line("")
	p.para(pair.Name()+": ", verdictOf(pair))
	for _, c := range []struct {
		n          int
		kind, what string
	}{
		{pair.LostSales, "lost sale", "with a refusal that no serial order gives (lost sale)"},
		{pair.Errors, "error", "with an error that no serial order gives"},
		{pair.StaleReads, "stale read", "with nothing amiss but what was read, which no serial order gives (stale read)"},
		{pair.SkipLocked, "skip locked", "as no serial order gives because SKIP LOCKED asks for it"},
	} {
		if c.n == 0 {
			continue
		}
		p.para("  ", fmt.Sprintf("%d of %s end %s.", c.n, plural(pair.Run, "schedule"), c.what))
		for _, e := range pair.Others {
			if e.Kind == c.kind {
				p.line("  One of them: " + playing(r, pair, e))
			}
		}
	}
	if pair.LockTimeouts > 0 {
		p.para("  ", fmt.Sprintf("In %s a statement ran into its lock time-out: each that waits did once.", plural(pair.LockTimeouts, "schedule")))
	}
	if pair.Parked > 0 {
		p.para("  ", fmt.Sprintf("%s inside the program, where it did nothing for longer than wait: in the file.", plural(pair.Parked, "wait")))
	}
	for _, n := range pair.Notes {
		p.para("  ", n)
	}
	if pair.Shortest != nil {
		p.example(r, pair, pair.Shortest)
	} else if pair.Verdict == harness.Safe {
		if text := notTried(pair); text != "" {
			p.para("  ", text)
		}
	}
	return p.flush(w)
}

// notTried says of which statements the inside was not a choice; empty: of all that write.
func notTried(pair *program.Pair) string {
	text := ""
	if pair.OneStep {
		text = "Each operation is one statement. "
	}
	if len(pair.Whole) > 0 {
		text += "Not tried: the inside " + strings.Join(pair.Whole, "; ") + "."
	}
	return strings.TrimSpace(text)
}

// verdictOf is a pair's verdict in a sentence.
func verdictOf(pair *program.Pair) string {
	counted := pair.LostSales + pair.Errors + pair.StaleReads + pair.SkipLocked
	switch {
	case pair.Single && pair.Verdict == harness.Unsafe:
		return "UNSAFE: this schedule ends as no serial order gives, or breaks a rule"
	case pair.Single && pair.Verdict == harness.Safe && counted > 0:
		return "this schedule is counted, and not called unsafe"
	case pair.Single && pair.Verdict == harness.Safe:
		return "safe: this schedule ends as a serial order gives"
	}
	extent := ", and there are no other orders of whole statements"
	if pair.Polled {
		extent = ", and there are no others where each gets its turn; " + program.NotStarved
	}
	if !pair.Exhaustive {
		extent = "; there are more"
		if pair.Drawn > 0 {
			extent += fmt.Sprintf(", and %d of these were drawn with seed %d", pair.Drawn, pair.Seed)
		}
		if pair.Unsteady > 0 {
			extent += fmt.Sprintf("; %d went another way each time they were tried", pair.Unsteady)
		}
	}
	switch pair.Verdict {
	case harness.Unsafe:
		return fmt.Sprintf("UNSAFE: %d of %s end as no serial order gives%s", pair.Breaking, plural(pair.Run, "schedule"), extent)
	case harness.Inconclusive:
		return fmt.Sprintf("not decided: %s (%s run)", pair.Why, plural(pair.Run, "schedule"))
	}
	return fmt.Sprintf("safe: none of %s breaks%s", plural(pair.Run, "schedule"), extent)
}

// example shows a schedule.
func (p *page) example(r *program.Report, pair *program.Pair, e *program.Example) {
	p.blank()
	if pair.Single {
		p.para("", "It goes so:")
	} else {
		p.para("", fmt.Sprintf("The simplest (%s):", plural(e.Preemptions, "interruption")))
	}
	p.blank()
	t := programTranscript(pair, e)
	p.transcript(&t)
	p.blank()
	p.outcome("it", e.Answers, e.Tables)
	for _, s := range e.Serial {
		who := make([]string, len(s.Order))
		for i, c := range s.Order {
			who[i] = program.ClientName(c)
		}
		p.outcome("one after the other ("+strings.Join(who, ", ")+")", s.Answers, s.Tables)
	}
	for _, rule := range e.Broken {
		p.para("Broken: ", rule)
	}
	switch {
	case e.Anomaly != "":
		p.para("", "This is "+e.Anomaly+": "+e.Meaning+".")
	case e.Meaning != "":
		p.para("", e.Meaning+".")
	}
	first := "What mends it: "
	for _, m := range e.Mends {
		p.para(first, m)
		first = strings.Repeat(" ", len(first))
	}
	if len(e.Columns) > 0 && e.Anomaly == "" {
		p.para("", "Only "+strings.Join(e.Columns, " or ")+" differs. If that may be so: ignore: ["+e.Columns[0]+"]")
	}
	p.line("Again: " + againOf(r, pair, e))
}

// againOf is the command that plays a schedule again.
func againOf(r *program.Report, pair *program.Pair, e *program.Example) string {
	if pair.Saved != "" {
		return "lastseat replay " + ShellWord(pair.Saved)
	}
	return playing(r, pair, e)
}

// playing is the command that plays a schedule by its order.
func playing(r *program.Report, pair *program.Pair, e *program.Example) string {
	return exploring(r, pair.Operations, " --order '"+program.Order(e.Order)+"'")
}

// outcome says what the clients were told and what the tables hold after something.
func (p *page) outcome(after string, answers []string, tables []program.Difference) {
	var told []string
	for i, a := range answers {
		told = append(told, program.ClientName(i)+" "+a)
	}
	p.para("After "+after+": ", strings.Join(told, "; "))
	if len(tables) == 0 {
		p.para("    ", "the tables hold what they held")
	}
	for _, t := range tables {
		p.para("    "+t.Table+": ", rowsText(t.Rows))
	}
}

// rowsText are a table's rows in a line, the first of them.
func rowsText(all [][]string) string {
	const most = 6
	var rows []string
	for _, r := range all[:min(len(all), most)] {
		rows = append(rows, rowText(r))
	}
	if len(all) > most {
		rows = append(rows, fmt.Sprintf("… %d more", len(all)-most))
	}
	if len(rows) == 0 {
		return "nothing"
	}
	return strings.Join(rows, " | ")
}

// rowText is a row in a line, with NULL as such.
func rowText(row []string) string {
	return strings.ReplaceAll(strings.Join(row, ", "), program.Null, "NULL")
}

// programTranscript is the schedule with a column a client.
func programTranscript(pair *program.Pair, e *program.Example) schedule.Transcript {
	t := schedule.Transcript{}
	for i, name := range pair.Operations {
		t.Sessions = append(t.Sessions, fmt.Sprintf("%s: %s → %s", program.ClientName(i), name, firstWord(e.Answers[i])))
	}
	for i := range e.Steps {
		s := &e.Steps[i]
		l := schedule.TranscriptLine{Session: s.Client, Text: s.SQL, Result: s.Answer, Waited: s.WaitsUntil > 0, Until: s.WaitsUntil - 1}
		switch s.Part {
		case program.Reading:
			l.Result = "(inside the statement: it has read, and not written)"
		case program.Rest:
			l.Text = "(the rest of the statement)"
		case program.Whole:
		}
		if s.Begins != "" {
			l.Text = s.Begins + "; " + l.Text
		}
		if len(s.Params) > 0 && s.Part != program.Rest {
			l.Text += " -- " + strings.Join(s.Params, ", ")
		}
		if s.Error {
			l.Result = "ERROR " + l.Result
		}
		t.Lines = append(t.Lines, l)
	}
	return t
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}

// ProgramJSON writes all levels as one document.
func ProgramJSON(w io.Writer, all []program.Report) error {
	return writeJSON(w, programDocument{programVersion, ProgramKind, all})
}

// ProgramJUnit writes a test case for each pair, and a suite for each level.
func ProgramJUnit(w io.Writer, all []program.Report) error {
	w = harness.VisibleWriter(w)
	doc := junitSuites{Name: "lastseat"}
	for i := range all {
		r := &all[i]
		suite := junitSuite{Name: r.File + "." + string(r.Level)}
		var cases []junitCase
		for k := range r.Pairs {
			pair := &r.Pairs[k]
			c := junitCase{Name: pair.Name(), took: lasting(pair.Seconds)}
			var text strings.Builder
			if err := ProgramPair(&text, 0, r, pair); err != nil {
				return err
			}
			switch pair.Verdict {
			case harness.Unsafe:
				c.Failure = &junitNote{Message: verdictOf(pair), junitText: newText(text.String())}
			case harness.Inconclusive:
				c.Skipped = &junitNote{Message: verdictOf(pair)}
			}
			cases = append(cases, c)
		}
		faulted, err := faultedJUnit(r)
		if err != nil {
			return err
		}
		doc.add(suite, append(cases, faulted...)...)
	}
	junitThresholds(&doc, program.Thresholds(all))
	return writeXML(w, doc)
}
