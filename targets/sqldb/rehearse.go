package sqldb

import (
	"context"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Rehearsal makes attempts at operations of a row on connections that the caller supplies instead of the server's: what
// arrives there are the very statements that the row sends.
type Rehearsal struct{ a attempt }

// Rehearse is the rehearsal of a row; skip says why there is no such row.
func (s *Server) Rehearse(spec store.RowSpec) (r *Rehearsal, skip string, err error) {
	offer, err := s.Row(spec)
	if err != nil || offer.Skip != "" {
		return nil, offer.Skip, err
	}
	t := offer.Target.(*target)
	t.names = "" // they are run in a schema of the caller's
	t.prepare(spec.Start)
	return &Rehearsal{t.attempt()}, "", nil
}

// Do makes one attempt at op on conn.
func (r *Rehearsal) Do(ctx context.Context, conn Conn, op *harness.Op) harness.Result {
	return r.a.do(ctx, conn, op)
}
