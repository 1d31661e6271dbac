package workloads

import (
	"math/rand/v2"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/check"
)

// predicate inserts rows into a few ranges and reads whole ranges, one to four steps a transaction: a row that a read should
// have met, and that was not there yet, is a phantom. A range that is full is left for the next.
type predicate struct {
	cfg    Config
	choose chooser
	sets   [][]harness.Cell
}

func newPredicate(cfg Config) (harness.Workload, error) {
	return &predicate{cfg: cfg, choose: cfg.chooser(cfg.Cells), sets: single(poolOf(cfg.Cells))}, nil
}

func (w *predicate) Name() string { return "predicate" }

func (w *predicate) Init() harness.State {
	return contents(harness.Group{Table: "entry", Column: "grp", Len: len(w.sets), Holds: harness.Rows})
}

func (w *predicate) Samples() []harness.Op { return grown(w.sets) }

func (w *predicate) Checks() []harness.Checker { return []harness.Checker{check.Model()} }

func (w *predicate) Client(id int, r *rand.Rand) harness.Client {
	return newGrower(id, r, w.choose, w.cfg.Cells, w.sets)
}
