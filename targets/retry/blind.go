package retry

import "github.com/lastseat/lastseat/harness"

const blindName = "retry-blind"

// retry-blind sends an operation again when no answer came, as HTTP clients and message queues do: it needs that nothing took
// effect without an answer, and a connection that is cut at COMMIT breaks that.
func blind() harness.Decoration {
	return harness.Decoration{
		Name:    blindName,
		Explain: "sends again what was not answered, not knowing whether it took effect: sells twice where it did",
		Open: policy{
			prepare: func(spec *harness.RowSpec) {
				spec.Around.Repeats = true
				if t := spec.Around.Traits; t.Severs || t.Kills {
					spec.Around.Influences = append(spec.Around.Influences, harness.Influence{
						Name: blindName, Causes: harness.HazardSet(harness.Duplicate),
						Why: "the client sends again what was not answered, and it had taken effect: it is done twice",
					})
				}
			},
			session: sending,
		}.open,
	}
}
