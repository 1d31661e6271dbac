package retry

import (
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

const blindName = "retry-blind"

// retry-blind sends an operation again when no answer came, as HTTP clients and message queues do: it needs that nothing took
// effect without an answer, and a connection that is cut at COMMIT breaks that.
func blind() store.Component {
	return store.Component{
		Name:      blindName,
		Endangers: promise.HazardSet(promise.Duplicate),
		Explain:   "sends again what was not answered, not knowing whether it took effect: sells twice where it did",
		Open: policy{
			prepare: func(spec *store.RowSpec) {
				spec.Env.Repeats = true
				if t := spec.Env.Traits; t.Severs || t.Kills {
					spec.Env.Effects = append(spec.Env.Effects, promise.Effect{
						Name: blindName, Causes: promise.HazardSet(promise.Duplicate),
						Why: "the client sends again what was not answered, and it had taken effect: it is done twice",
					})
				}
			},
			session: sending,
		}.open,
	}
}
