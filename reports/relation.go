package reports

import (
	"slices"

	"github.com/lastseat/lastseat/harness/stats"
	"github.com/lastseat/lastseat/harness/suite"
)

// relation is a row's goodput against that of its base.
type relation struct {
	to     *suite.Row // nil: there is none, or nothing to compare
	factor float64    // row ÷ base
	tested bool       // both were repeated, so that P says something
	stats.Comparison
}

func relationOf(r *suite.Result, row *suite.Row) relation {
	base := r.Base(row)
	if base == nil || row.Report == nil || row.Report.Accounting.Processed() == 0 || base.Goodput().Median == 0 {
		return relation{}
	}
	rel := relation{to: base, factor: row.Goodput().Median / base.Goodput().Median, Comparison: stats.Comparison{P: 1}}
	if rel.tested = base != row && len(row.Runs) > 1 && len(base.Runs) > 1; rel.tested {
		rel.Comparison = stats.Compare(row.Goodputs(), base.Goodputs())
	}
	return rel
}

// String is 1.24, or ~1.02 where the two rows cannot be told apart.
func (rel relation) String() string {
	switch {
	case rel.to == nil:
		return ""
	case rel.tested && !rel.Differ:
		return "~" + factor(rel.factor)
	}
	return factor(rel.factor)
}

// baseNote says what rows of a group are compared with where none of them is safe.
func baseNote(r *suite.Result, g *group) string {
	var bases []*suite.Row
	for _, row := range g.rows {
		if to := relationOf(r, row).to; to != nil && !to.Sound() && !slices.Contains(bases, to) {
			bases = append(bases, to)
		}
	}
	switch {
	case r.Reference != (suite.Reference{}) || len(bases) == 0:
		return ""
	case len(bases) == 1 && axesOf(r) == (axes{}):
		return "vs best: no row is safe here, and so the fastest counts as the best: " + rowName(bases[0].Label, true)
	}
	return "vs best: where no row of a step is safe, the fastest counts as the best"
}
