package suite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// planner plans the rows of one workload on one server.
type planner struct {
	cfg      *Config
	workload *Workload
	server   *Opened
}

// plan is all rows, in each workload and target the controls first. Rows that cannot be are among them, with the reason.
func plan(ctx context.Context, cfg *Config, servers []*Opened) ([]*Row, error) {
	var rows []*Row
	for i := range cfg.Workloads {
		for _, s := range servers {
			p := &planner{cfg: cfg, workload: &cfg.Workloads[i], server: s}
			group, err := p.group(ctx)
			if err != nil {
				return nil, err
			}
			rows = append(rows, group...)
		}
	}
	setBudgets(cfg, rows)
	if cfg.Command != nil {
		for _, row := range rows {
			row.Command = cfg.Command(row)
		}
	}
	return rows, nil
}

// group is the planner's rows: every strategy at every level in every environment.
func (p *planner) group(ctx context.Context) ([]*Row, error) {
	strategies, beside, err := p.strategies()
	if err != nil {
		return nil, err
	}
	var rows []*Row
	add := func(strategy string, environments []Environment) error {
		for _, level := range p.server.Levels(p.cfg.Levels, p.cfg.AllLevels) {
			for _, e := range environments {
				steps, err := p.steps(ctx, strategy, level, e)
				if err != nil {
					return err
				}
				rows = append(rows, steps...)
			}
		}
		return nil
	}
	for _, strategy := range strategies {
		if err := add(strategy, p.cfg.environments()); err != nil {
			return nil, err
		}
	}
	for _, strategy := range beside {
		if err := add(strategy, []Environment{{}}); err != nil {
			return nil, err
		}
	}
	if p.cfg.Only != nil {
		rows = slices.DeleteFunc(rows, func(r *Row) bool { return !p.cfg.Only(r.Label) })
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return p.withControl(ctx, rows)
}

// strategies are those of the rows, and those that stand beside them with nothing around the store. Of those that nobody named, the ones
// that the server has for the workload are taken; where there is none, all that it knows, so that rows say why.
func (p *planner) strategies() (strategies, beside []string, err error) {
	known := p.server.Strategies()
	switch {
	case p.cfg.Strategies == nil:
		return known, nil, nil
	case !p.cfg.OnlyKnown:
		return p.cfg.Strategies, nil, nil
	}
	foreign := func(name string) bool { return !slices.Contains(known, name) }
	strategies, beside = slices.DeleteFunc(slices.Clone(p.cfg.Strategies), foreign), slices.DeleteFunc(slices.Clone(p.cfg.Beside), foreign)
	var suited []string
	for _, name := range strategies {
		suits, err := p.suits(name)
		if err != nil {
			return nil, nil, err
		}
		if suits {
			suited = append(suited, name)
		}
	}
	if len(suited) > 0 {
		strategies = suited
	}
	return strategies, beside, nil
}

// suits reports whether the server has rows of the strategy for the workload, with nothing around it.
func (p *planner) suits(strategy string) (bool, error) {
	w, err := p.workload.New(p.cfg.cells()[0], p.cfg.skews()[0])
	if err != nil {
		return false, err
	}
	offer, err := p.server.Server.Row(store.RowSpec{Strategy: strategy, Level: p.server.Info.DefaultLevel, Start: w.Init(), Samples: w.Samples(), Hook: p.cfg.Hook})
	return offer.Skip == "", err
}

// steps is a row at every step of the axes of numbers. A row that is skipped is skipped once.
func (p *planner) steps(ctx context.Context, strategy string, level harness.Level, e Environment) ([]*Row, error) {
	var rows []*Row
	for _, cells := range p.cfg.cells() {
		for _, skew := range p.cfg.skews() {
			w, err := p.workload.New(cells, skew)
			if err != nil {
				return nil, err
			}
			row, err := p.row(ctx, w, strategy, level, e)
			if err != nil {
				return nil, err
			}
			row.Cells, row.Skew = cmp.Or(cells, p.workload.Cells), skew
			if row.Skip != "" {
				return []*Row{row}, nil
			}
			rows = append(rows, p.loads(row)...)
		}
	}
	return rows, nil
}

// loads is a row with each number of clients, at each rate: a sweep.
func (p *planner) loads(row *Row) (rows []*Row) {
	for _, clients := range p.cfg.Clients {
		for _, rate := range p.cfg.rates() {
			step := *row
			step.Clients, step.Rate = clients, rate
			rows = append(rows, &step)
		}
	}
	rows[len(rows)-1].plan.last = true
	return rows
}

// row is the row of a strategy at a level in an environment.
func (p *planner) row(ctx context.Context, w harness.Workload, strategy string, level harness.Level, e Environment) (*Row, error) {
	s := p.server
	e.Processes = p.cfg.Open.Workers > 0
	row := &Row{
		Label:  e.Label(harness.Label{Workload: p.workload.Name, Target: s.Spec.Name, Strategy: strategy, Isolation: level}),
		Server: s.Info.String(), Environment: e,
		plan: rowPlan{server: s, workload: e.withChecks(w)},
	}
	if !slices.Contains(s.Server.Levels(), level) {
		row.Skip = fmt.Sprintf("%s offers only %s", s.Info.Product, s.Server.Levels()[0])
		return row, nil
	}
	if row.Skip = p.notShared(&e); row.Skip != "" {
		return row, nil
	}
	row.plan.spec = store.RowSpec{Strategy: strategy, Level: level, Start: w.Init(), Samples: w.Samples(), Hook: p.cfg.Hook}
	var err error
	if row.plan.components, err = s.open(ctx, &e, store.ComponentOptions{Clients: p.cfg.mostClients(), Workers: p.cfg.Open.Workers, Processes: p.cfg.Processes, Backends: p.cfg.Backends}); err != nil {
		var missing *store.MissingError
		if errors.As(err, &missing) {
			row.Skip = err.Error()
			return row, nil
		}
		return nil, err
	}
	offer, err := row.make()
	row.Skip = offer.Skip
	row.Foreign = row.Skip != "" && p.cfg.Strategies == nil && p.cfg.Only == nil && !e.Any()
	if row.Skip == "" {
		row.Expected = &offer.Promise
	}
	return row, err
}

// make has the server make the row's target.
func (r *Row) make() (store.Offer, error) {
	offer, err := Surround(r.plan.server.Server, &r.Environment, r.plan.components, r.plan.spec)
	r.plan.target, r.plan.hasControl = offer.Target, offer.HasControl
	return offer, err
}
