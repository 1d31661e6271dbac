package reports

import (
	"fmt"
	"io"
	"slices"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/suite"
)

// Isolation is what the levels of servers do, measured.
type Isolation struct {
	Rows        []Measured
	Missing     []Server // targets that are not to be had here
	Errors      []string // what ended a target's measurement early
	Interrupted bool
}

// What a level did with an anomaly.
const (
	Prevented   = "prevented"
	LetThrough  = "allowed"
	NotMeasured = "skipped"
)

// Measured is what a level of a server did with an anomaly. docs/isolation.md explains the keys.
type Measured struct {
	Target     string        `json:"target"`
	Server     string        `json:"server"`
	Isolation  harness.Level `json:"isolation"`
	Anomaly    string        `json:"anomaly"`
	Outcome    string        `json:"outcome"`     // Prevented, LetThrough, NotMeasured
	How        string        `json:"how"`         // by what it was prevented, what shows that it was let through, or why it was skipped
	Expected   string        `json:"expected"`    // Prevented or LetThrough, as declared; empty where skipped
	AsExpected bool          `json:"as_expected"` // what was declared is what was measured, or nothing was measured
	About      string        `json:"-"`           // the anomaly in a sentence
}

// Surprises are the rows where another thing was measured than is declared.
func (r *Isolation) Surprises() []*Measured {
	var all []*Measured
	for i := range r.Rows {
		if !r.Rows[i].AsExpected {
			all = append(all, &r.Rows[i])
		}
	}
	return all
}

// count is how many rows have an outcome.
func (r *Isolation) count(outcome string) int {
	n := 0
	for i := range r.Rows {
		if r.Rows[i].Outcome == outcome {
			n++
		}
	}
	return n
}

// ExitCode is the program's exit code.
func (r *Isolation) ExitCode() int {
	switch {
	case len(r.Errors) > 0:
		return suite.ExitSetup
	case len(r.Surprises()) > 0:
		return suite.ExitBroken
	case r.Interrupted:
		return suite.ExitInterrupted
	case r.count(NotMeasured) == len(r.Rows):
		return suite.ExitInconclusive
	}
	return suite.ExitAsExpected
}

// IsolationText writes the matrix for people: anomalies against servers and levels, then every surprise.
func IsolationText(w io.Writer, r *Isolation, color bool) error {
	p := &page{width: defaultWidth, colors: colors(color)}
	servers, anomalies := r.servers()
	servers = slices.DeleteFunc(servers, func(s *measuredServer) bool { return len(s.levels) == 0 })
	first := 0
	for _, a := range anomalies {
		first = max(first, twwidth.Width(a))
	}
	for len(servers) > 0 {
		n, left := 0, p.width-first-columnGap
		for n < len(servers) && (n == 0 || servers[n].width() <= left) {
			left -= servers[n].width() + columnGap
			n++
		}
		p.blank()
		matrixPart(p, first, anomalies, servers[:n], color)
		servers = servers[n:]
	}
	p.blank()
	if len(anomalies) > 0 {
		p.para("✗      ", "let through, as declared")
		p.para("waits  ", "prevented: a statement waited for a lock")
		p.para("reads  ", "prevented: the reads saw nothing of it")
		p.para("40001  ", "prevented: the server refused a statement with this error")
		p.para("!      ", "a surprise: another thing is declared, and what lastseat run promises rests on that")
	}
	r.leftOut(p)
	r.surprises(p)
	p.blank()
	p.para("", r.summary())
	return p.flush(w)
}

// leftOut says what was not measured.
func (r *Isolation) leftOut(p *page) {
	p.blank()
	servers, _ := r.servers()
	for _, s := range servers {
		for _, level := range s.skipped {
			p.para("– ", fmt.Sprintf("skipped: %s %s – %s", s.target, level, s.why[level]))
		}
	}
	for i := range r.Missing {
		p.para("– ", fmt.Sprintf("skipped: %s – %s", r.Missing[i].Target, r.Missing[i].Missing))
	}
}

func (r *Isolation) surprises(p *page) {
	for _, row := range r.Surprises() {
		p.blank()
		p.para("! ", row.surprise())
		p.para("  ", fmt.Sprintf("see it: lastseat isolation --target %s --isolation %s --show %s", ShellWord(row.Target), ShellWord(string(row.Isolation)), ShellWord(row.Anomaly)))
	}
}

// surprise says what was measured, and what is declared.
func (m *Measured) surprise() string {
	return fmt.Sprintf("%s (%s) %s: %s is %s (%s), and declared %s; %s", m.Target, m.Server, m.Isolation, m.Anomaly, m.Outcome, m.How, m.Expected, m.About)
}

func (r *Isolation) summary() string {
	text := fmt.Sprintf("%s: %d prevented, %d let through, %d skipped; ",
		plural(len(r.Rows), "measurement"), r.count(Prevented), r.count(LetThrough), r.count(NotMeasured))
	switch n := len(r.Surprises()); n {
	case 0:
		text += "all as declared"
	default:
		text += plural(n, "SURPRISE")
	}
	if r.Interrupted {
		text += " · INTERRUPTED: what was measured until then"
	}
	return text
}
