package fault

import (
	"context"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// bystander is a fault in a process that neither makes it nor has the clients that meet it, or has clients and does not make it: another
// process does.
type bystander struct {
	patient bool // the server may be away, and clients wait for it
}

// Prepare implements store.Instance.
func (b bystander) Prepare(spec *store.RowSpec) (skip string) {
	spec.Env.Patient = spec.Env.Patient || b.patient
	return ""
}

// Wrap implements store.Instance: what strikes comes from outside.
func (b bystander) Wrap(inner harness.Target) harness.Target { return inner }

// Close implements store.Instance.
func (b bystander) Close() error { return nil }

// coordinated is a fault of connections where clients are in other processes, each of which strikes its own.
type coordinated struct{ bystander }

// Inject implements store.Nemesis: the others tell what they did.
func (coordinated) Inject(ctx context.Context, _ store.Victims) error {
	<-ctx.Done()
	return nil
}
