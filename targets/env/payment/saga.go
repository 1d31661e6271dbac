package payment

import "github.com/lastseat/lastseat/harness"

// saga takes what the operation takes in one transaction, asks for the money until the answer is definite, and gives what the operation
// gives in another; where the card is declined, it gives back what it took. So nothing is given away before it is paid, and what has to be
// done last is never refused.
func saga() method {
	return method{
		name: "saga",
		explain: "reserves the seat in one transaction, charges with an idempotency key until the answer is definite, confirms in another; a " +
			"declined card gives the reservation back: safe whatever fails",
		legs: func(op *harness.Op) (first, second []harness.Step) {
			return adds(op, reserves), adds(op, func(s *harness.Step) bool { return !reserves(s) })
		},
		asks: true,
		do:   (*session).settling,
	}
}

// reserves reports whether the step takes something, or may be refused.
func reserves(s *harness.Step) bool { return s.Delta < 0 || len(s.Guard.Cells) > 0 }
