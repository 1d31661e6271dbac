package linear

// step is what the operation does to a register's value, a mutex (0: free, 1: held), a stock's units or the object's own state; false: it cannot have
// ended as it did, or, if its outcome is unknown, had an effect.
func (o *Object) step(state int64, op *Op) (after int64, ok bool) {
	switch op.Kind {
	case Read:
		return state, state == op.Value
	case Write:
		return op.Value, true
	case Swap:
		after, ok = op.Value, state == op.From
	case Acquire:
		after, ok = 1, state == 0
	case Release:
		after, ok = 0, state == 1
	case Add:
		after, ok = state+op.Value, op.Value >= 0 || state+op.Value >= 0
	case Refuse:
		return state, state+op.Value < 0
	case Apply:
		return o.Step(state, op.Value)
	}
	return after, ok
}
