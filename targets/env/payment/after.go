package payment

import (
	"context"

	"github.com/lastseat/lastseat/harness"
)

// call-after sells, then charges: whose card is declined then has a seat.
func callAfter() method {
	return method{
		name:    "call-after",
		explain: "sells and commits, then charges: a card that is declined, or a service that does not answer, leaves the seat sold and unpaid",
		always:  "the seat is sold before the card turns out to be declined, and nobody takes it back",
		unkeyed: true,
		do: func(s *session, ctx context.Context, op *harness.Op) harness.Result {
			res := s.inner.Do(ctx, s.without(op))
			if res.Outcome == harness.OK {
				// The customer has the confirmation already. That the money did not come goes to a log that nobody reads.
				_ = s.pay(ctx, op, callOf(op))
			}
			return res
		},
	}
}
