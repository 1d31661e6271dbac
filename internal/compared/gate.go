package compared

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/compare"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/harness/threshold"
	"github.com/lastseat/lastseat/reports"
)

// Gate is what a result is held against: conditions, and an earlier result.
type Gate struct {
	all  []threshold.Threshold
	left []threshold.Outcome // of conditions that are not judged this time
	base *compare.Side       // nil: none
}

// RunGate is the gate of a run of lastseat's own workloads; command is that of the run, whose load must be like the baseline's.
func (t *Thresholds) RunGate(command string) (*Gate, error) {
	return newGate(t.Conditions, t.Baseline, compare.OfRun(&suite.Result{Command: command}, around()))
}

// newGate is a gate for what planned, which has no rows yet, is going to be.
func newGate(conditions []string, baseline string, planned *compare.Side) (*Gate, error) {
	all, err := threshold.Each(conditions)
	if err != nil {
		return nil, fmt.Errorf("--fail-if: %w", err)
	}
	g := &Gate{all: all}
	needs := slices.IndexFunc(all, func(t threshold.Threshold) bool { return t.NeedsBaseline() })
	switch {
	case baseline == "" && needs >= 0:
		return nil, fmt.Errorf("--fail-if: %q needs --baseline FILE: a result that --json wrote before", all[needs].Text)
	case baseline != "" && needs < 0:
		return nil, errors.New("--baseline: nothing is held against it; add --fail-if 'new violation' or --fail-if 'ops/s < 0.8 * baseline', or see lastseat compare")
	case baseline != "":
		if g.base, err = Read([]string{baseline}); err == nil {
			err = compare.Alike(g.base, planned)
		}
		if err != nil {
			return nil, fmt.Errorf("--baseline: %w", err)
		}
	}
	return g, nil
}

// RoundsGate is the gate of a program under load; in its file there may be conditions, too.
func (t *Thresholds) RoundsGate(inFile []string, planned *rounds.Report) (*Gate, error) {
	measured := []string{threshold.Broken, "violations"}
	if planned.Duration > 0 {
		measured = []string{threshold.Throughput, "p50", "p95", "p99", "max", "conflicts", "failed", "database", "program", "violations"}
	}
	return t.gate(inFile, ofRounds([]rounds.Report{*planned}), measured)
}

// ProgramGate is the gate of a program that is explored; played is what shapes that.
func (t *Thresholds) ProgramGate(inFile []string, played string) (*Gate, error) {
	planned := compare.NewSide(string(reports.ProgramKind))
	planned.Load[whatIsPlayed] = played
	return t.gate(inFile, planned, []string{threshold.Broken, "violations"})
}

// gate holds what was typed against the result: that wins, and the file's conditions are not judged then. Of the file's, those are left out
// that this command cannot judge; what was typed for it, it must.
func (t *Thresholds) gate(inFile []string, planned *compare.Side, measured []string) (*Gate, error) {
	typed, err := threshold.Each(t.Conditions)
	if err != nil {
		return nil, fmt.Errorf("--fail-if: %w", err)
	}
	for i := range typed {
		if m := typed[i].Metric; m != nil && !slices.Contains(measured, m.Name) {
			return nil, fmt.Errorf("--fail-if: %q: nothing measures %s here; there are: %s", typed[i].Text, m.Name, strings.Join(measured, ", "))
		}
	}
	if len(typed) > 0 {
		return newGate(t.Conditions, t.Baseline, planned)
	}
	all, err := threshold.Each(inFile)
	if err != nil {
		return nil, fmt.Errorf("fail-if: %w", err)
	}
	var judged []string
	var left []threshold.Outcome
	for i := range all {
		one := &all[i]
		var why string
		switch {
		case one.Metric != nil && !slices.Contains(measured, one.Metric.Name):
			why = fmt.Sprintf("nothing measures %s here", one.Metric.Name)
		case one.NeedsBaseline() && t.Baseline == "":
			why = "it needs --baseline FILE"
		default:
			judged = append(judged, one.Text)
			continue
		}
		left = append(left, threshold.Outcome{Threshold: one.Text, Skipped: true, Note: why, Rows: []threshold.RowOutcome{}})
	}
	g, err := newGate(judged, t.Baseline, planned)
	if err != nil {
		return nil, err
	}
	g.left = left
	return g, nil
}

// Run judges a run's result.
func (g *Gate) Run(r *suite.Result) {
	r.Thresholds = g.judge(compare.OfRun(r, around()))
}

// Rounds judges a program under load.
func (g *Gate) Rounds(all []rounds.Report) {
	if len(all) > 0 {
		all[len(all)-1].Thresholds = g.judge(ofRounds(all))
	}
}

// Program judges a program that was explored.
func (g *Gate) Program(all []program.Report) {
	if len(all) > 0 {
		all[len(all)-1].Thresholds = g.judge(ofProgram(all))
	}
}

func (g *Gate) judge(now *compare.Side) []threshold.Outcome {
	var base []threshold.Row
	if g.base != nil {
		now, base = compare.OneTarget(g.base, now), g.base.Rows
	}
	return append(threshold.Judge(g.all, now.Rows, base), g.left...)
}
