package engine

import (
	"context"
	"math/rand/v2"

	"github.com/lastseat/lastseat/harness"
)

// inject lets the row's nemesis break things until the round is over.
func (r *run) inject(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(r.over, cancel)
	defer stop()
	seed := rand.New(rand.NewPCG(r.cfg.Seed, uint64(len(r.history.Faults))|1<<33))
	if err := r.row.Nemesis.Inject(ctx, seed, r.fault); err != nil {
		r.fail(err)
	}
}

// fault notes a fault in the history. Only the nemesis notes, and each is mended before it returns.
func (r *run) fault(what string) (mended func()) {
	i := len(r.history.Faults)
	r.history.Faults = append(r.history.Faults, harness.Fault{What: what, From: r.now()})
	return func() { r.history.Faults[i].To = r.now() }
}

// untried says what the row's fault did not come to do, without which a green says nothing; empty: it did.
func (r *run) untried() string {
	t := &r.row.Traits
	if r.row.Nemesis != nil && len(r.history.Faults) == 0 {
		return "no fault came to pass"
	}
	if !t.Severs && !t.Kills {
		return ""
	}
	if r.clients.Tally().Ambiguous > 0 {
		return ""
	}
	return "the fault left no operation's fate unknown"
}
