package payment

import (
	"context"

	"github.com/lastseat/lastseat/harness"
)

// call-before charges, then sells: whoever finds the seat sold meanwhile has paid for nothing.
func callBefore() method {
	return method{
		name:    "call-before",
		explain: "charges first, then sells: who comes too late for the last seat has paid for nothing, and nobody gives it back",
		always:  "the customer has paid before the seat turns out to be sold, and nobody gives the money back",
		unkeyed: true,
		do: func(s *session, ctx context.Context, op *harness.Op) harness.Result {
			// Attempts at the sale are repeated after a conflict, the charge is not.
			if s.charged != op.ID {
				if err := s.pay(ctx, op, callOf(op)); err != nil {
					return refusal(err)
				}
				s.charged = op.ID
			}
			return s.inner.Do(ctx, s.without(op))
		},
	}
}
