package workloads

import (
	"math/rand/v2"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/check"
)

// appendTo appends to a few lists and reads them, one to four steps a transaction: every read says which appends came before
// it, and in which order, so that whatever the isolation level lets through shows. A list that is full is left for the next.
type appendTo struct {
	cfg    Config
	choose chooser
	sets   [][]harness.Cell
}

func newAppend(cfg Config) (harness.Workload, error) {
	return &appendTo{cfg: cfg, choose: cfg.chooser(cfg.Cells), sets: single(poolOf(cfg.Cells))}, nil
}

func (w *appendTo) Name() string { return "append" }

func (w *appendTo) Init() harness.State {
	return contents(harness.Group{Table: "list", Column: "val", Len: len(w.sets), Holds: harness.Lists})
}

func (w *appendTo) Samples() []harness.Op { return grown(w.sets) }

func (w *appendTo) Checks() []harness.Checker { return []harness.Checker{check.Model()} }

func (w *appendTo) Client(id int, r *rand.Rand) harness.Client {
	return newGrower(id, r, w.choose, w.cfg.Cells, w.sets)
}
