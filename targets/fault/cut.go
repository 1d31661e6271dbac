package fault

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/lastseat/lastseat/harness"
)

// cutIn says that one commit in so many is cut off from its answer.
const cutIn = 20

// cutAfterCommit is a way whose proxy understands what the store speaks.
type cutAfterCommit struct {
	way
	product string
}

// protocolOf is what a product speaks; Opaque: it is not known.
func protocolOf(product string) Protocol {
	switch product {
	case "PostgreSQL":
		return Postgres
	case "MySQL", "MariaDB":
		return MySQL
	}
	return Opaque
}

func openCutAfterCommit(_ context.Context, opt harness.DecorationOptions) (harness.Decorator, error) {
	product := opt.Store.Info().Product
	c := &cutAfterCommit{product: product, way: way{act: cutCommits, proxy: NewProxy(protocolOf(product))}}
	c.figure = harness.Figure{Name: "cuts", Unit: "commits cut off from their answer"}
	return c, nil
}

// Prepare leads the clients through the proxy.
func (c *cutAfterCommit) Prepare(spec *harness.RowSpec) (skip string) {
	if c.proxy.protocol == Opaque {
		return fmt.Sprintf("%s is not spoken to by a protocol in which commits can be seen", c.product)
	}
	return c.way.Prepare(spec)
}

// cutCommits cuts commits off for as long as clients run.
func cutCommits(ctx context.Context, r *rand.Rand, w *way, note noting) error {
	mended := note(fmt.Sprintf("one in %d commits cut off", cutIn))
	before := w.proxy.Struck()
	stop := w.proxy.CutCommits(r.Uint64(), cutIn)
	<-ctx.Done()
	stop()
	w.n.Add(w.proxy.Struck() - before)
	mended()
	return nil
}
