package retry

import (
	"context"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

const swallowName = "swallow-conflict"

// swallow-conflict logs the refusal of a transaction, or not even that, and goes on as if it had been committed. It needs that
// there are no conflicts.
func swallow() store.Component {
	return store.Component{
		Name:      swallowName,
		Endangers: promise.HazardSet(promise.LostAck),
		Explain:   "takes a serialization error for success: the customer has a confirmation and no seat",
		Open: policy{
			prepare: func(spec *store.RowSpec) {
				spec.Env.Effects = append(spec.Env.Effects, promise.Effect{
					Name: swallowName, Causes: promise.HazardSet(promise.LostAck), OnConflict: true,
					Why: "the client takes a refused transaction for a committed one, and tells the customer so",
				})
			},
			session: func(ctx context.Context, inner harness.Target, opt harness.SessionOptions) (harness.Session, error) {
				s, err := inner.Session(ctx, opt)
				if err != nil {
					return nil, err
				}
				return swallower{s}, nil
			},
		}.open,
	}
}

// swallower is a client that swallows conflicts.
type swallower struct{ harness.Session }

// Do makes an attempt at op, and says that it was done where it was refused.
func (s swallower) Do(ctx context.Context, op *harness.Op) harness.Result {
	res := s.Session.Do(ctx, op)
	if res.Outcome == harness.Failed && res.Conflict != harness.NoConflict && !op.ReadOnly() {
		return harness.Result{
			Outcome: harness.OK, Queued: res.Queued, Waited: res.Waited, Further: res.Further, Ambiguous: res.Ambiguous,
		}
	}
	return res
}
