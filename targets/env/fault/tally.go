package fault

import (
	"sync/atomic"

	"github.com/lastseat/lastseat/harness/store"
)

// tally counts what a fault did since the row's Setup.
type tally struct {
	n      atomic.Int64
	figure store.Figure
}

// Figures implements store.Figured.
func (t *tally) Figures() []store.Figure {
	f := t.figure
	f.Value = float64(t.n.Load())
	return []store.Figure{f}
}
