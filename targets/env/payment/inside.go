package payment

import (
	"context"
	"slices"

	"github.com/lastseat/lastseat/harness"
)

// call-inside asks while the transaction is open, once all is written: a transaction can be rolled back, and a charge cannot. It takes
// no answer for a refusal.
func callInside() method {
	return method{
		name: "call-inside",
		explain: "asks in the open transaction, last thing before COMMIT, and rolls back if there is no answer: a charge is not rolled back, " +
			"and rows stay locked meanwhile",
		severed: "the charge is made before the COMMIT, and stays when the COMMIT fails",
		refused: "the charge is made before the COMMIT; the server refuses the COMMIT, and the next attempt charges again",
		unkeyed: true, inside: true,
		do: func(s *session, ctx context.Context, op *harness.Op) harness.Result {
			s.moved = *op
			s.moved.Steps = callsLast(s.moved.Steps[:0:0], op.Steps)
			return s.inner.Do(ctx, &s.moved)
		},
	}
}

// callsLast appends the steps to buf, Calls behind all others.
func callsLast(buf, steps []harness.Step) []harness.Step {
	buf = append(buf, steps...)
	slices.SortStableFunc(buf, func(a, b harness.Step) int { return rank(&a) - rank(&b) })
	return buf
}

func rank(s *harness.Step) int {
	if s.Kind == harness.Call {
		return 1
	}
	return 0
}
