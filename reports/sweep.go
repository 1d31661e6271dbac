package reports

import (
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// sweep is rows that differ in their number of clients only, fewest first.
type sweep struct {
	label harness.Label
	cells int
	steps []*Row
}

// sweeps are the result's sweeps over clients, in the order of their first rows.
func (r *Result) sweeps() []*sweep {
	var all []*sweep
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Skip != "" {
			continue
		}
		at := slices.IndexFunc(all, func(s *sweep) bool { return s.label == row.Label && s.cells == row.Cells })
		if at < 0 {
			at = len(all)
			all = append(all, &sweep{label: row.Label, cells: row.Cells})
		}
		all[at].steps = append(all[at].steps, row)
	}
	return slices.DeleteFunc(all, func(s *sweep) bool { return len(s.steps) < 2 })
}

// JudgeSweeps judges each sweep over clients as a whole, once its rows have run: a bug needs to show itself at one step only,
// and the trials of all steps count together. Steps that show nothing by themselves become quiet; where no step does, the
// last one stands for the sweep. minTrials is how many trials a green needs.
func (r *Result) JudgeSweeps(minTrials int64) {
	for _, s := range r.sweeps() {
		s.judge(minTrials)
	}
}

func (s *sweep) judge(minTrials int64) {
	var steps []*Row // that ran to their end
	var parts []*harness.Judgement
	var control *harness.Control
	decided := false
	for _, row := range s.steps {
		if row.Report == nil || len(row.Report.Results) == 0 {
			continue
		}
		steps, parts = append(steps, row), append(parts, &row.Report.Judgement)
		control = control.Or(row.Report.Control)
		decided = decided || row.Report.Verdict != harness.Inconclusive
	}
	whole := harness.Together(parts, s.steps[0].Expected, control, minTrials)
	for i, row := range steps {
		switch {
		case row.Report.Verdict != harness.Inconclusive:
		case !decided && i == len(steps)-1:
			whole.Reason += " (" + plural(len(steps), "step") + " together)"
			row.Swept = &whole
		default:
			row.Swept = quiet(row, decided && whole.Violations() == 0 || whole.AsExpected)
		}
	}
}

// quiet is the judgement of a step that shows nothing, in a sweep that is or is not as expected.
func quiet(row *Row, asExpected bool) *harness.Judgement {
	j := row.Report.Judgement
	j.Verdict, j.AsExpected, j.Advice = harness.Quiet, asExpected, ""
	if row.Expected != nil && !row.Expected.Safe {
		j.Reason = "nothing shown at " + plural(row.Clients, "client")
	}
	return &j
}

// judgement is what the row's verdict rests on; nil if it has none.
func (r *Row) judgement() *harness.Judgement {
	switch {
	case r.Swept != nil:
		return r.Swept
	case r.Report != nil:
		return &r.Report.Judgement
	}
	return nil
}

// axes tells which numbers differ between rows of one label.
type axes struct{ clients, cells bool }

func (r *Result) axes() axes {
	var a axes
	first := map[harness.Label]*Row{}
	for i := range r.Rows {
		row := &r.Rows[i]
		f := first[row.Label]
		if f == nil {
			first[row.Label] = row
			continue
		}
		a.clients = a.clients || f.Clients != row.Clients
		a.cells = a.cells || f.Cells != row.Cells
	}
	return a
}

// step says which of its label's rows this one is: "8 clients, 10 cells"; empty where there is only one.
func (a axes) step(row *Row) string {
	var parts []string
	if a.clients {
		parts = append(parts, plural(row.Clients, "client"))
	}
	if a.cells {
		parts = append(parts, plural(row.Cells, "cell"))
	}
	return strings.Join(parts, ", ")
}

// name is a row as people cite it: seats on postgres/for-update@read-committed at 8 clients.
func (r *Result) name(row *Row) string {
	name := row.Label.Workload + " on " + row.Label.String()
	if step := r.axes().step(row); step != "" {
		name += " at " + step
	}
	return name
}
