package suite

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// Sweep is rows that differ in their number of clients and their rate only, least first.
type Sweep struct {
	Label harness.Label
	Steps []*Row
}

// sameSweep reports whether two rows differ in clients and rate at most.
func (r *Row) sameSweep(o *Row) bool {
	return r.Label == o.Label && r.Cells == o.Cells && r.Skew == o.Skew
}

// sameStep reports whether two rows have the same load.
func (r *Row) sameStep(o *Row) bool {
	return r.Clients == o.Clients && r.Cells == o.Cells && r.Rate == o.Rate && r.Skew == o.Skew
}

// Sweeps are the result's sweeps over clients and rates, in the order of their first rows.
func (r *Result) Sweeps() []*Sweep {
	var all []*Sweep
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Skip != "" {
			continue
		}
		at := slices.IndexFunc(all, func(s *Sweep) bool { return s.Steps[0].sameSweep(row) })
		if at < 0 {
			at = len(all)
			all = append(all, &Sweep{Label: row.Label})
		}
		all[at].Steps = append(all[at].Steps, row)
	}
	return slices.DeleteFunc(all, func(s *Sweep) bool { return len(s.Steps) < 2 })
}

// JudgeSweeps judges each sweep over clients as a whole, once its rows have run: a bug needs to show itself at one step only,
// and the trials of all steps count together. Steps that show nothing by themselves become quiet; where no step does, the
// last one stands for the sweep. minTrials is how many trials a green needs.
func (r *Result) JudgeSweeps(minTrials int64) {
	for _, s := range r.Sweeps() {
		s.judge(minTrials)
	}
}

func (s *Sweep) judge(minTrials int64) {
	var steps []*Row // that ran to their end
	var parts []*engine.Judgement
	var control *engine.Control
	decided := false
	for _, row := range s.Steps {
		if row.Report == nil || len(row.Report.Results) == 0 {
			continue
		}
		steps, parts = append(steps, row), append(parts, &row.Report.Judgement)
		control = control.Or(row.Report.Control)
		decided = decided || row.Report.Verdict != harness.Inconclusive
	}
	whole := engine.Together(parts, s.Steps[0].Expected, control, minTrials)
	for i, row := range steps {
		switch {
		case row.Report.Verdict != harness.Inconclusive:
		case !decided && i == len(steps)-1:
			whole.Reason += " (" + count(len(steps), "step") + " together)"
			row.Swept = &whole
		default:
			row.Swept = quiet(row, decided && whole.Violations() == 0 || whole.AsExpected)
		}
	}
}

// quiet is the judgement of a step that shows nothing, in a sweep that is or is not as expected.
func quiet(row *Row, asExpected bool) *engine.Judgement {
	j := row.Report.Judgement
	j.Verdict, j.AsExpected, j.Advice = harness.Quiet, asExpected, ""
	if row.Expected != nil && !row.Expected.Safe {
		j.Reason = "nothing shown at " + count(row.Clients, "client")
		if row.Rate > 0 {
			j.Reason += fmt.Sprintf(", %v operations/s due", row.Rate)
		}
	}
	return &j
}

// Judgement is what the row's verdict rests on; nil if it has none.
func (r *Row) Judgement() *engine.Judgement {
	switch {
	case r.Swept != nil:
		return r.Swept
	case r.Report != nil:
		return &r.Report.Judgement
	}
	return nil
}

// count is a number of things: 1 client, 8 clients.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
