package targets

import (
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/env/durability"
	"github.com/lastseat/lastseat/targets/env/fault"
	"github.com/lastseat/lastseat/targets/env/lock"
	"github.com/lastseat/lastseat/targets/env/payment"
	"github.com/lastseat/lastseat/targets/env/reads"
	"github.com/lastseat/lastseat/targets/env/retry"
)

// LockBackends are the kinds of servers that keep locks, of which users can name their own.
func LockBackends() []lock.Backend { return lock.Backends() }

// Axes are the axes of what surrounds a store, in the order in which a row is prepared: a fault sees what it can break.
func Axes() []store.Axis {
	return []store.Axis{
		{Name: "durability", Explain: "server settings that give durability up", Components: durability.Table()},
		{
			Name: "reads-from", Explain: "what answers unprotected reads: the store itself, a cache, a replica, another server of a cluster", Components: reads.Table(),
			Strategies: []string{"naive", "naive-tx", "optimistic", "plain"},
		},
		{Name: "payment", Explain: "checkout: how a real HTTP payment service is called", Components: payment.Table(), Workload: "checkout"},
		{
			Name: "lock", Explain: "lock around each operation", Components: lock.Table(),
			Strategies: []string{"naive", "naive-tx"}, Beside: []string{"mutex", "atomic", "for-update"},
		},
		{Name: "retry", Explain: "what a client does that does not know how its operation ended", Components: retry.Table()},
		{Name: "fault", Explain: "what breaks while clients run", Components: append(fault.Table(), payment.Faults()...)},
	}
}
