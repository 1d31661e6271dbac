package isolation

import (
	"context"
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/suite"
)

// Result is what the levels of servers do, measured.
type Result struct {
	Rows        []Measured
	Missing     []suite.Server // targets that are not to be had here
	Errors      []string       // what ended a target's measurement early
	Interrupted bool
}

// What a level did with an anomaly.
const (
	Prevented   = "prevented"
	LetThrough  = "allowed"
	Undecided   = "undecided" // not seen, and not declared prevented
	NotMeasured = "skipped"
)

// Measured is what a level of a server did with an anomaly. docs/isolation.md explains the keys.
type Measured struct {
	Target     string        `json:"target"`
	Server     string        `json:"server"`
	Isolation  harness.Level `json:"isolation"`
	Anomaly    string        `json:"anomaly"`
	Outcome    string        `json:"outcome"`     // Prevented, LetThrough, Undecided, NotMeasured
	How        string        `json:"how"`         // by what it was prevented, what shows that it was let through, or why it was skipped
	Expected   string        `json:"expected"`    // Prevented or LetThrough, as declared; empty where skipped
	AsExpected bool          `json:"as_expected"` // what was declared is what was measured, or nothing was measured
	About      string        `json:"about"`       // the anomaly in a sentence
	// Apart: each session was on a server of its own, of a cluster.
	Apart bool `json:"apart,omitempty"`

	Transcript *schedule.Transcript `json:"transcript,omitempty"` // statement by statement; nil where skipped
}

// Measure plays each anomaly on each level of each server, in each way in which the server can be set.
func (c *Config) Measure(ctx context.Context, anomalies []*schedule.Schedule) *Result {
	var result Result
	var err error
	result.Missing, err = c.each(ctx, 1, true, func(ctx context.Context, at server) error {
		for _, at.Level = range at.levels {
			for _, s := range anomalies {
				if c.Progress != nil {
					c.Progress(fmt.Sprintf("%s at %s: %s", at.title, at.Level, s.Name))
				}
				m, err := measure(ctx, at, s)
				if err != nil {
					return err
				}
				result.Rows = append(result.Rows, m)
			}
		}
		return nil
	})
	for _, err := range suite.Separate(err) {
		result.Errors = append(result.Errors, err.Error())
	}
	result.Interrupted = ctx.Err() != nil
	return &result
}

// measure plays an anomaly at a server's level.
func measure(ctx context.Context, at server, s *schedule.Schedule) (Measured, error) {
	at.Search = true
	m, err := schedule.Measure(ctx, s, at.Place)
	if err != nil {
		return Measured{}, err
	}
	row := Measured{
		Target: at.target, Server: at.title, Isolation: at.Level, Anomaly: s.Name, About: s.About,
		Outcome: outcome(m.Through), Expected: outcome(!m.Prevents), How: m.How, AsExpected: m.AsDeclared(), Apart: m.Apart,
	}
	if m.Skip != "" {
		row.Outcome, row.Expected, row.How = NotMeasured, "", m.Skip
		return row, nil
	}
	if m.Undecided() {
		row.Outcome, row.How = Undecided, fmt.Sprintf("not seen in %d plays, %s", m.Plays, m.How)
	}
	t := at.transcript(m.Outcome, fmt.Sprintf("%s: %s (%s)", row.Anomaly, row.Outcome, row.How))
	row.Transcript = &t
	return row, nil
}

func outcome(through bool) string {
	if through {
		return LetThrough
	}
	return Prevented
}

// transcript is what happened at the server.
func (at *server) transcript(o *schedule.Outcome, outcome string) schedule.Transcript {
	return o.Transcript(fmt.Sprintf("%s on %s (%s) at %s", o.Schedule.Title(), at.target, at.title, at.Level), outcome)
}

// Surprises are the rows where another thing was measured than is declared.
func (r *Result) Surprises() []*Measured {
	var all []*Measured
	for i := range r.Rows {
		if !r.Rows[i].AsExpected {
			all = append(all, &r.Rows[i])
		}
	}
	return all
}

// Transcripts are those of all that was measured.
func (r *Result) Transcripts() []schedule.Transcript {
	var all []schedule.Transcript
	for i := range r.Rows {
		if t := r.Rows[i].Transcript; t != nil {
			all = append(all, *t)
		}
	}
	return all
}

// Count is how many rows have an outcome.
func (r *Result) Count(outcome string) int {
	n := 0
	for i := range r.Rows {
		if r.Rows[i].Outcome == outcome {
			n++
		}
	}
	return n
}

// ExitCode is the program's exit code.
func (r *Result) ExitCode() int {
	switch {
	case len(r.Errors) > 0:
		return suite.ExitSetup
	case len(r.Surprises()) > 0:
		return suite.ExitBroken
	case r.Interrupted:
		return suite.ExitInterrupted
	case r.Count(NotMeasured) == len(r.Rows):
		return suite.ExitInconclusive
	}
	return suite.ExitAsExpected
}
