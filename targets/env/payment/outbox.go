package payment

import (
	"context"

	"github.com/lastseat/lastseat/harness"
)

// outbox commits the whole sale together with the row that says that it is to be paid: the journal's. What the row asks for is sent with
// a key until it is answered, by whoever comes upon the row: the session that wrote it, or, if that one stopped halfway, the next who
// goes through the rows that are not settled. It needs nothing of the store but its transactions.
func outbox() method {
	return method{
		name: "outbox",
		explain: "the sale commits together with a row that says what to charge, which is sent with an idempotency key until it is answered; " +
			"a declined card takes the sale back: safe whatever fails",
		legs: func(op *harness.Op) (first, second []harness.Step) { return adds(op, everything), nil },
		do:   (*session).settling,
	}
}

func everything(*harness.Step) bool { return true }

// settling is an operation in two transactions around a call that is repeated until it is answered.
func (s *session) settling(ctx context.Context, op *harness.Op) harness.Result {
	u := s.row.book.open(op)
	res := s.leg(ctx, op.ID, op, u.first)
	if res.Outcome == harness.OK || res.Outcome == harness.Unknown || isDone(&res) {
		s.row.book.begun(u)
	}
	switch {
	case res.Outcome == harness.OK:
		res.Seen = append([]harness.Access(nil), res.Seen...) // the next leg may write where it is
	case isDone(&res): // an earlier attempt at it committed
	case res.Outcome == harness.Unknown:
		return res
	default:
		s.row.book.never(u)
		return res
	}
	end := s.finish(ctx, u)
	end.Queued, end.Waited = end.Queued+res.Queued, end.Waited+res.Waited
	if end.Outcome == harness.OK {
		end.Seen = append(res.Seen, end.Seen...)
	}
	return end
}
