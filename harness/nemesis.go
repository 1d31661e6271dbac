package harness

import (
	"context"
	"fmt"
	"math/rand/v2"
)

// torment lets the row's nemesis break things until the round is over.
func (r *run) torment(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(r.over, cancel)
	defer stop()
	seed := rand.New(rand.NewPCG(r.cfg.Seed, uint64(len(r.history.Faults))|1<<33))
	if err := r.row.Nemesis.Torment(ctx, seed, r.fault); err != nil {
		r.faulty = fmt.Errorf("%s: %w", r.row.Label, err)
		r.halt()
	}
}

// fault notes a fault in the history. Only the nemesis notes, and each is mended before it returns.
func (r *run) fault(what string) (mended func()) {
	i := len(r.history.Faults)
	r.history.Faults = append(r.history.Faults, Fault{What: what, From: r.now()})
	return func() { r.history.Faults[i].To = r.now() }
}
