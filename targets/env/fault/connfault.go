package fault

import (
	"context"
	"math/rand/v2"

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
type act func(ctx context.Context, r *rand.Rand, w *connFault, note noting) error

// noting is what store.Nemesis is told its faults by.
type noting = func(what string) (mended func())

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
func (w *connFault) Inject(ctx context.Context, r *rand.Rand, note func(what string) (mended func())) error {
	return w.act(ctx, r, w, note)
}

// Close ends the network.
func (w *connFault) Close() error { return w.network.Close() }
