package fault

import (
	"sync/atomic"

	"github.com/lastseat/lastseat/harness"
)

// tally counts what a fault did since the row's Setup.
type tally struct {
	n      atomic.Int64
	figure harness.Figure
}

// Figures implements harness.Figured.
func (t *tally) Figures() []harness.Figure {
	f := t.figure
	f.Value = float64(t.n.Load())
	return []harness.Figure{f}
}
