package reports

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness/suite"
)

// Plan is what a run is about to do.
type Plan struct {
	Rows      int // to run
	Skipped   int // that cannot be run
	Workloads []string
	Targets   []string
	Clients   []int         // the steps
	Cells     []int         // the steps; nil: the workload's own number
	Rates     []float64     // the steps, where there are several
	Skews     []float64     // the steps; nil: there are none
	Runs      int           // of each row
	AtMost    time.Duration // how long it may take; 0: not known
	Seed      uint64
}

// PlanOf is the plan of a table.
func PlanOf(cfg *suite.Config, t *suite.Table) Plan {
	p := Plan{
		Rows: t.Count(), Skipped: len(t.Rows) - t.Count(), Clients: cfg.Clients, Cells: cfg.Cells, Rates: cfg.Rates, Skews: cfg.Skews, Runs: cfg.Runs, Seed: cfg.Each.Seed, AtMost: t.AtMost(),
	}
	p.Targets, p.Workloads = cfg.Names()
	return p
}

// Write writes the plan: "34 rows: seats, transfer on postgres, mysql, 1, 8 or 64 clients · 6 runs of each · at most 2 min 30 s · seed 42",
// in lines of a width; 0: 120.
func (p Plan) Write(w io.Writer, width int) error {
	out := &page{width: cmp.Or(width, defaultWidth)}
	text := plural(p.Rows, "row")
	if len(p.Workloads) > 0 {
		text += ": " + strings.Join(p.Workloads, ", ")
	}
	if len(p.Targets) > 0 {
		text += " on " + strings.Join(p.Targets, ", ")
	}
	for _, axis := range []struct {
		values []int
		name   string
	}{{p.Clients, "client"}, {p.Cells, "cell"}} {
		if len(axis.values) > 0 {
			text += ", " + either(axis.values, axis.name)
		}
	}
	for i, values := range [][]float64{rateAxis: p.Rates, skewAxis: p.Skews} {
		if len(values) > 1 {
			text += ", " + allAxes[i].either(values)
		}
	}
	if p.Runs > 1 {
		text += fmt.Sprintf(" · %d runs of each", p.Runs)
	}
	if p.Skipped > 0 {
		text += fmt.Sprintf(" · %d skipped", p.Skipped)
	}
	if p.AtMost > 0 {
		text += " · at most " + span(p.AtMost)
	}
	out.para("", text+fmt.Sprintf(" · seed %d", p.Seed))
	return out.flush(w)
}

// either is "1,000, 2,000 or 4,000 operations/s due".
func (a *axis) either(values []float64) string {
	var all []string
	for _, v := range values {
		all = append(all, stepNumber(v))
	}
	text := strings.Join(all[:len(all)-1], ", ") + " or " + all[len(all)-1]
	if a == &allAxes[skewAxis] {
		return a.name + " " + text
	}
	return text + " " + a.name
}

// either is "64 clients", or "1, 2 or 4 clients".
func either(values []int, what string) string {
	last := plural(values[len(values)-1], what)
	var others []string
	for _, v := range values[:len(values)-1] {
		others = append(others, number(int64(v)))
	}
	if len(others) == 0 {
		return last
	}
	return strings.Join(others, ", ") + " or " + last
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return number(int64(n)) + " " + what + "s"
}
