package retry

import "github.com/lastseat/lastseat/harness/store"

// idempotency-key sends an operation again under the same request id, which the store keeps in the same transaction as the effect,
// first thing: whatever became of the earlier attempts, one of them at most takes effect. One that is still under way holds the
// id, and the next waits for it. It needs nothing prevented.
func idempotencyKey() store.Component {
	return store.Component{
		Name:    "idempotency-key",
		Explain: "sends again under the same request id, which is stored with the effect, once: safe",
		Open: policy{
			prepare: func(spec *store.RowSpec) { spec.Env.Keyed = true },
			session: sending,
		}.open,
	}
}
