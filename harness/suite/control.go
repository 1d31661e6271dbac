package suite

import (
	"context"
	"slices"

	"github.com/lastseat/lastseat/harness/engine"
)

// controlStrategies are nothing but the bug itself: naive in memory, naive-autocommit on SQL engines.
var controlStrategies = []string{"naive", "naive-autocommit"}

// vouches reports whether a row is a positive control.
func (r *Row) vouches() bool {
	return slices.Contains(controlStrategies, r.Label.Strategy) && r.Label.Env == "" && r.Label.Fault == ""
}

// controlKey finds a row's control: same workload, same server, same load. The control may be caught with any number of clients, at any rate.
type controlKey struct {
	workload, target string
	cells            int
	skew             float64
}

func (r *Row) controlKey() controlKey {
	return controlKey{r.Label.Workload, r.Label.Target, r.Cells, r.Skew}
}

// withControl puts a positive control before rows that need one and have none among them.
func (p *planner) withControl(ctx context.Context, rows []*Row) ([]*Row, error) {
	there := slices.DeleteFunc(slices.Clone(rows), func(r *Row) bool { return r.Skip != "" })
	if slices.ContainsFunc(there, (*Row).vouches) || !slices.ContainsFunc(there, func(r *Row) bool { return r.plan.hasControl }) {
		return rows, nil
	}
	for _, row := range there {
		for _, strategy := range controlStrategies {
			control, err := p.steps(ctx, strategy, row.Label.Isolation, Environment{})
			if err != nil {
				return nil, err
			}
			if control[0].Skip == "" {
				for _, c := range control {
					c.Control = true
				}
				return slices.Concat(control, rows), nil
			}
		}
	}
	return rows, nil
}

// addControl keeps the control that made the most checks fail, at whatever level; over a sweep and over repeats, at any of them.
func (t *Table) addControl(row *Row, r *engine.Report) {
	c, key := engine.NewControl(r), row.controlKey()
	old := t.controls[key]
	if old != nil && old.Label == c.Label {
		c = old.Or(c)
	}
	if old == nil || len(c.Failed) > len(old.Failed) {
		t.controls[key] = c
	}
}
