package payment

import "github.com/lastseat/lastseat/harness"

// callOf is the operation's Call.
func callOf(op *harness.Op) *harness.Step {
	for i := range op.Steps {
		if op.Steps[i].Kind == harness.Call {
			return &op.Steps[i]
		}
	}
	return nil
}

// without is the operation without its Call, valid until the next.
func (s *session) without(op *harness.Op) *harness.Op {
	s.moved = *op
	s.moved.Steps = nil
	for i := range op.Steps {
		if op.Steps[i].Kind != harness.Call {
			s.moved.Steps = append(s.moved.Steps, op.Steps[i])
		}
	}
	return &s.moved
}

// adds is those of the operation's Adds that wanted picks.
func adds(op *harness.Op, wanted func(*harness.Step) bool) []harness.Step {
	var steps []harness.Step
	for i := range op.Steps {
		if st := &op.Steps[i]; st.Kind == harness.Add && wanted(st) {
			steps = append(steps, *st)
		}
	}
	return steps
}

// opposite is steps that take back what steps did. Nothing refuses them.
func opposite(steps []harness.Step) []harness.Step {
	var back []harness.Step
	for _, st := range steps {
		back = append(back, harness.Step{Kind: harness.Add, Cell: st.Cell, Delta: -st.Delta})
	}
	return back
}

// What comes second in an operation, be it the rest or the taking back, is in the store's journal under a number of its own, so that it
// can be told from what came first and a request id stands for one of them: the operation's below zero. Nobody outside sees it.
func second(op int64) int64 { return -op }

// own gives entries of seconds the number of their operation.
func own(entries []harness.Entry) {
	for i := range entries {
		if entries[i].Op < 0 {
			entries[i].Op = -entries[i].Op
		}
	}
}
