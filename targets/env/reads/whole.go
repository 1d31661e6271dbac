package reads

import (
	"context"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// whole has transactions over lists, registers and rows carried out on the replica where they only read: what they read belongs together,
// and so is read there by one transaction. skip says why there is no such row.
func (d *replica) whole(spec *store.RowSpec) (skip string) {
	copied, ok := d.store.(store.TransactedReplica)
	if !ok {
		return "it answers one read after the other, and what these transactions read belongs together"
	}
	readers := copied.Readers(spec.Level)
	why := "transactions that only read go to the replica, which shows commits in the order of the log, while the primary shows each once its " +
		"session has ended it: a reader there and a reader here can see two writes in opposite orders (long fork, G-nonadjacent)"
	if readers.Level != spec.Level {
		why += "; and there are no " + string(spec.Level) + " transactions on the replica, so that nobody is refused for what was read there"
	}
	spec.Env.Readers = &readers
	spec.Env.Effects = append(spec.Env.Effects, promise.Effect{Name: d.kind.effect.Name, Causes: promise.HazardSet(promise.LongFork), Why: why})
	return ""
}

// beginWhole waits until the replica shows what was committed, where transactions that only read are to.
func (r *replicaReader) beginWhole(ctx context.Context, op *harness.Op) error {
	copied, ok := r.d.store.(store.TransactedReplica)
	if !ok || !op.ReadOnly() || r.d.kind.waits == afterConflict {
		return nil // a transaction that only reads loses to nobody
	}
	from := time.Now()
	if err := copied.CatchUp(ctx); err != nil {
		return fmt.Errorf("wait for the replica: %w", err)
	}
	r.waits++
	r.waited += time.Since(from)
	return nil
}

// wholeFigures are those of all clients together.
func (r *replicaReader) wholeFigures() []store.Figure {
	figures := []store.Figure{{
		Name: "replica-transactions", Value: float64(r.answered), Unit: "transactions that only read, which the replica carried out",
	}}
	if r.waits > 0 {
		figures = append(figures, r.catchingUp()...)
	}
	return figures
}
