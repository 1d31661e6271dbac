package fault

import (
	"context"
	"fmt"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/wire"
)

// cutIn says that one commit in so many is cut off from its answer.
const cutIn = 20

// wired is an optional capability of a store's Server: its clients speak a protocol that can be read.
type wired interface{ Wire() wire.Protocol }

// cutAfterCommit is a fault whose network understands what the store speaks.
type cutAfterCommit struct {
	connFault
	product string
}

func openCutAfterCommit(_ context.Context, opt store.ComponentOptions) (store.Instance, error) {
	var protocol wire.Protocol
	if s, ok := opt.Store.(wired); ok {
		protocol = s.Wire()
	}
	if opt.Workers > 0 && protocol.Known() {
		return coordinated{bystander{patient: true}}, nil
	}
	c := &cutAfterCommit{product: opt.Store.Info().Product, connFault: connFault{act: cutCommits, network: NewNetwork(protocol)}}
	c.figure = store.Figure{Name: "cuts", Unit: "commits cut off from their answer"}
	return c, nil
}

// Prepare leads the clients through the network.
func (c *cutAfterCommit) Prepare(spec *store.RowSpec) (skip string) {
	if !c.network.protocol.Known() {
		return fmt.Sprintf("%s is not spoken to by a protocol in which commits can be seen", c.product)
	}
	return c.connFault.Prepare(spec)
}

// cutCommits cuts commits off for as long as clients run.
func cutCommits(ctx context.Context, w *connFault, on store.Victims) error {
	mended := on.Note(fmt.Sprintf("one in %d commits cut off", cutIn))
	before := w.network.Struck()
	stop := w.network.CutCommits(on.Rand.Uint64(), cutIn)
	<-ctx.Done()
	stop()
	w.n.Add(w.network.Struck() - before)
	mended()
	return nil
}
