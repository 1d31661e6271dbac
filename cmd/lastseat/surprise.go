package main

import (
	"context"
	"fmt"
)

// explain looks for the smallest schedule that shows each surprise of a row that should have held.
func (m *matrix) explain(ctx context.Context) error {
	x := &explorer{
		opt:  &exploreOptions{shape: m.opt.shape, budget: defaultExplored, seed: m.opt.config.Seed, first: true},
		save: &saver{},
	}
	for i := range m.result.Rows {
		row := &m.result.Rows[i]
		if !row.Surprise() || ctx.Err() != nil {
			continue
		}
		for j := range m.rows {
			p := &m.rows[j]
			if p.label != row.Label || p.offer.Skip != "" {
				continue
			}
			e, err := x.row(ctx, &exploration{server: p.server, workload: p.workload, label: p.label, offer: p.offer})
			if ctx.Err() != nil {
				return nil
			}
			if err != nil {
				return fmt.Errorf("explain %s: %w", p.label, err)
			}
			if e.Seed = x.opt.seed; e.Skip == "" {
				row.Explored = e
			}
			break
		}
	}
	return nil
}
