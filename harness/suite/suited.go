package suite

import (
	"slices"

	"github.com/lastseat/lastseat/harness/store"
)

// Suited is what goes well with the environments: of the axes whose components they have, the first that says so decides. Empty: nothing
// in particular does.
func Suited(axes []store.Axis, all []Environment) (workload string, strategies, beside []string) {
	for i := range axes {
		axis := &axes[i]
		if !slices.ContainsFunc(all, func(e Environment) bool { return e.Of(axis.Name) != nil }) {
			continue
		}
		if workload == "" {
			workload = axis.Workload
		}
		if strategies == nil {
			strategies, beside = axis.Strategies, axis.Beside
		}
	}
	return workload, strategies, beside
}
