package targets

import (
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/durability"
	"github.com/lastseat/lastseat/targets/fault"
	"github.com/lastseat/lastseat/targets/lock"
	"github.com/lastseat/lastseat/targets/payment"
	"github.com/lastseat/lastseat/targets/reads"
	"github.com/lastseat/lastseat/targets/retry"
)

// Axes are the axes of what surrounds a store, in the order in which a row is prepared: a fault sees what it can break.
func Axes() []store.Axis {
	return []store.Axis{
		{Name: "durability", Explain: "server settings that give durability up", Decorations: durability.Table()},
		{Name: "reads-from", Explain: "what answers unprotected reads: the store itself, a cache, a replica", Decorations: reads.Table()},
		{Name: "payment", Explain: "checkout: how a real HTTP payment service is called", Decorations: payment.Table()},
		{Name: "lock", Explain: "lock around each operation", Decorations: lock.Table()},
		{Name: "retry", Explain: "what a client does that does not know how its operation ended", Decorations: retry.Table()},
		{Name: "fault", Explain: "what breaks while clients run", Decorations: append(fault.Table(), payment.Faults()...)},
	}
}
