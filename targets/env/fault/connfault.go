package fault

import (
	"context"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/wire"
)

// connFault is a fault of the connections between clients and server: what a Network does to them.
type connFault struct {
	tally
	network *Network
	act     act
}

// act does a fault to w's network until ctx ends, and mends it.
type act func(ctx context.Context, w *connFault, on store.Victims) error

// openConnFault makes the Open of a fault whose connections need not be looked into.
func openConnFault(figure store.Figure, act act) func(context.Context, store.ComponentOptions) (store.Instance, error) {
	return func(_ context.Context, opt store.ComponentOptions) (store.Instance, error) {
		if opt.Workers > 0 {
			return coordinated{bystander{patient: true}}, nil
		}
		return &connFault{tally: tally{figure: figure}, network: NewNetwork(wire.Protocol{}), act: act}, nil
	}
}

// Prepare leads the clients through the network.
func (w *connFault) Prepare(spec *store.RowSpec) (skip string) {
	spec.Env.Route, spec.Env.Patient = w.network, true
	return ""
}

// Wrap counts from the row's beginning.
func (w *connFault) Wrap(inner harness.Target) harness.Target {
	return &target{Passing: store.Passing{Target: inner}, begin: func() { w.n.Store(0) }}
}

// Inject implements store.Nemesis.
func (w *connFault) Inject(ctx context.Context, on store.Victims) error {
	return w.act(ctx, w, on)
}

// Close ends the network.
func (w *connFault) Close() error { return w.network.Close() }
