package isolation

import (
	"context"
	"fmt"

	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/suite"
)

// Replay is what came of a user's schedule on several servers and levels.
type Replay struct {
	Plays       []Play
	Interrupted bool
	Err         error // on some target it could not be played
}

// Play is a schedule on one server at one level.
type Play struct {
	Where      string              `json:"where"`          // postgres@read-committed
	Skip       string              `json:"skip,omitempty"` // why it was not played there
	Transcript schedule.Transcript `json:"transcript"`
	Short      string              `json:"short"`             // the outcome in a few words
	Unmet      []string            `json:"unmet,omitempty"`   // lines of the file that are not so, and what is
	Anomaly    string              `json:"anomaly,omitempty"` // what is declared, where the file names a hazard and another thing came out
}

// Replay plays a schedule at each level of each server, as the server is set.
func (c *Config) Replay(ctx context.Context, s *schedule.Schedule) *Replay {
	var result Replay
	play, connections := c.play, 1
	if s.Operations != nil {
		play, connections = c.playOperations, suite.ExploreConnections
	}
	missing, err := c.each(ctx, connections, false, func(ctx context.Context, at server) error {
		for _, at.Level = range at.levels {
			p := Play{Where: at.target + "@" + string(at.Level)}
			played, err := play(ctx, at, s, &p)
			if played {
				result.Plays = append(result.Plays, p)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	for i := range missing {
		result.Plays = append(result.Plays, Play{Where: missing[i].Target, Skip: missing[i].Missing})
	}
	result.Interrupted, result.Err = ctx.Err() != nil, err
	return &result
}

// play plays a schedule of statements at a server's level, and reports whether there is something to show of it.
func (c *Config) play(ctx context.Context, at server, s *schedule.Schedule, p *Play) (played bool, err error) {
	m, err := schedule.Measure(ctx, s, at.Place)
	if err != nil {
		return false, err
	}
	if p.Skip = m.Skip; p.Skip != "" {
		return true, nil
	}
	p.Short = m.Outcome.Short()
	text := ""
	if len(s.Allowed) > 0 {
		text = fmt.Sprintf("%s: %s (%s)", s.Title(), outcome(m.Through), m.How)
	}
	p.Transcript = at.transcript(m.Outcome, text)
	for _, err := range m.Outcome.Unmet() {
		p.Unmet = append(p.Unmet, err.Error())
	}
	if !m.AsDeclared() {
		p.Anomaly = fmt.Sprintf("%s is %s, and declared %s", s.Hazard, outcome(m.Through), outcome(!m.Prevents))
	}
	return true, m.Outcome.Mistake()
}

// Played is how many times the schedule was played.
func (r *Replay) Played() int {
	return r.count(func(p *Play) bool { return p.Skip == "" })
}

// Broken is how many times something else came out than was expected.
func (r *Replay) Broken() int {
	return r.count(func(p *Play) bool { return len(p.Unmet) > 0 || p.Anomaly != "" })
}

func (r *Replay) count(counts func(*Play) bool) int {
	n := 0
	for i := range r.Plays {
		if counts(&r.Plays[i]) {
			n++
		}
	}
	return n
}

// ExitCode is the program's exit code.
func (r *Replay) ExitCode() int {
	switch {
	case r.Err != nil:
		return suite.ExitSetup
	case r.Broken() > 0:
		return suite.ExitBroken
	case r.Interrupted:
		return suite.ExitInterrupted
	case r.Played() == 0:
		return suite.ExitInconclusive
	}
	return suite.ExitAsExpected
}
