package sqldb

import "github.com/lastseat/lastseat/harness"

// callsBefore makes the operation's Calls that are due before cell c is written. What was written so far is journaled first,
// as an application notes what it did before it asks somebody outside.
func (a *attempt) callsBefore(c harness.Cell) error {
	for call := range a.op.CallsBefore(&a.step, c) {
		if err := a.note(); err != nil {
			return err
		}
		if err := a.at(harness.AtCall); err != nil {
			return err
		}
		answer := call.Answer
		if a.opt.Call != nil {
			answer = func() error { return a.opt.Call(a.ctx, a.op, call) }
		}
		if err := answer(); err != nil {
			return err
		}
	}
	return nil
}

func withoutCalls(_ *Dialect, s *Shape) string {
	if s.Calls {
		return "one statement has no room for a call to an outside service"
	}
	return ""
}
