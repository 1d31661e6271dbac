package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/suite"
)

const exploredVersion = 2

// ExploredJSON writes all rows as one document.
func ExploredJSON(w io.Writer, rows []suite.Explored) error {
	return writeJSON(w, exploredDocument{exploredVersion, ExploreKind, list(rows)})
}

type exploredDocument struct {
	Version int              `json:"version"`
	Kind    Kind             `json:"kind"`
	Rows    []suite.Explored `json:"rows"`
}

// ReadExploredJSON reads what ExploredJSON wrote.
func ReadExploredJSON(text []byte) ([]suite.Explored, error) {
	var doc exploredDocument
	err := readJSON(text, exploredVersion, &doc)
	return doc.Rows, err
}

// says is how many schedules break, in a sentence.
func says(e *suite.Explored) string {
	more := ""
	if !e.Exhaustive {
		more = " that were run (there are more"
		if e.Drawn > 0 {
			more += fmt.Sprintf("; %d of these were drawn with seed %d", e.Drawn, e.Seed)
		}
		if e.Unsteady > 0 {
			more += fmt.Sprintf("; %d went another way each time they were tried", e.Unsteady)
		}
		more += ")"
	}
	if e.Error != "" {
		return fmt.Sprintf("error: %s (%d of %d schedules that were run break)", e.Error, e.Breaking, e.Run)
	}
	expired := ""
	if e.LockTimeouts > 0 {
		expired = fmt.Sprintf("; in %d a statement ran into its lock time-out, each that waits once", e.LockTimeouts)
	}
	switch {
	case e.Skip != "":
		return "skipped: " + e.Skip
	case e.Breaking == 0:
		return fmt.Sprintf("none of %d schedules%s breaks%s", e.Run, more, expired)
	}
	return fmt.Sprintf("%d of %d schedules%s break%s", e.Breaking, e.Run, more, expired)
}

// ExploredText writes a row: a line for each scenario, the shortest schedule that breaks a rule as a transcript with a column a
// client, the rule, and what mends it.
func ExploredText(w io.Writer, e *suite.Explored) error {
	p := &page{width: defaultWidth}
	if e.Skip != "" {
		p.para("", fmt.Sprintf("%s on %s (%s): skipped: %s", e.Workload, e.Label, e.Server, e.Skip))
		return p.flush(w)
	}
	p.para("", fmt.Sprintf("%s on %s (%s), promised %s: %s", e.Workload, e.Label, e.Server, e.Promise, e.Why))
	for i := range e.Scenarios {
		s := &e.Scenarios[i]
		one := suite.Explored{Run: s.Run, Breaking: s.Breaking, Exhaustive: s.Exhaustive, Drawn: s.Drawn, Unsteady: s.Unsteady, Seed: e.Seed, LockTimeouts: s.LockTimeouts}
		p.para("  ", s.About+": "+says(&one))
	}
	if e.Error != "" {
		p.para("  ", says(e))
	}
	switch {
	case e.Shortest != nil:
		p.broken(e)
	case e.Exhaustive && e.OneAtATime:
		p.para("", "For these operations that is proof: there are no other schedules of their statements.")
	case e.Exhaustive:
		p.para("", "There are no other orders of whole statements. Not tried: two statements of two clients under way at the same time; lastseat run does that.")
	}
	return p.flush(w)
}

// broken shows the schedule that breaks a rule, and says what to do.
func (p *page) broken(e *suite.Explored) {
	p.blank()
	p.para("", fmt.Sprintf("The simplest that breaks (%s; %s):", e.Scenario, plural(e.Shortest.Preemptions, "interruption")))
	p.blank()
	t := e.Shortest.Transcript()
	p.transcript(&t)
	p.blank()
	p.para("", "Broken: "+e.Rule)
	for _, text := range e.Found {
		p.para("  ", text)
	}
	if e.Anomaly != "" {
		p.para("", "This is "+e.Anomaly+": "+strings.TrimSuffix(e.Meaning, ".")+".")
	}
	first := "What mends it: "
	for _, m := range e.Mends {
		p.para(first, m)
		first = strings.Repeat(" ", len(first))
	}
	if len(e.Saved) > 0 {
		p.para("Saved: ", strings.Join(e.Saved, ", "))
	}
}

// ExploredLine writes a row as one line, where there are many.
func ExploredLine(w io.Writer, e *suite.Explored) error {
	w = harness.VisibleWriter(w)
	verdict := string(e.Verdict)
	if e.Verdict == harness.Safe || e.Verdict == harness.Unsafe {
		if e.AsExpected {
			verdict += ", as promised"
		} else {
			verdict += ", SURPRISE: promised " + e.Promise
		}
	}
	says := says(e)
	if e.Shortest != nil {
		says += fmt.Sprintf("; the simplest has %s: %s", plural(e.Shortest.Preemptions, "interruption"), e.Anomaly)
	}
	if e.Verdict == harness.Skipped {
		_, err := fmt.Fprintf(w, "%-9s %-40s %s\n", harness.VisibleLine(e.Workload), harness.VisibleLine(e.String()), harness.VisibleLine(says))
		return err
	}
	_, err := fmt.Fprintf(w, "%-9s %-40s %s: %s (%.2f s)\n", harness.VisibleLine(e.Workload), harness.VisibleLine(e.String()), harness.VisibleLine(verdict),
		harness.VisibleLine(says), e.Seconds)
	return err
}

// ExploredSum writes what came of all rows together, where there are several.
func ExploredSum(w io.Writer, rows []suite.Explored) {
	w = harness.VisibleWriter(w)
	if len(rows) < 2 {
		return
	}
	count := map[harness.Verdict]int{}
	surprises, schedules, failed := 0, 0, 0
	for i := range rows {
		e := &rows[i]
		count[e.Verdict]++
		if e.Error != "" {
			failed++
		}
		schedules += e.Run
		if !e.AsExpected && (e.Verdict == harness.Safe || e.Verdict == harness.Unsafe) {
			surprises++
		}
	}
	errors := ""
	if failed > 0 {
		errors = ", " + plural(failed, "error")
	}
	fmt.Fprintf(w, "%s, %s: %d safe, %d unsafe, %d not decided, %d skipped; %s%s\n", plural(len(rows), "row"), plural(schedules, "schedule"),
		count[harness.Safe], count[harness.Unsafe], count[harness.Inconclusive], count[harness.Skipped], plural(surprises, "surprise"), errors)
}
