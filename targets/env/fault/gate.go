package fault

import "time"

// gate is what messages meet on their way.
type gate struct {
	delay time.Duration
	open  chan struct{} // nothing passes until it is closed; nil: nothing is held
}

// pass waits until the link's messages may go on; false: stop came first, or the link was cut meanwhile, and they never may.
func (k *link) pass(stop <-chan struct{}) bool {
	g := k.network.gate.Load()
	if g == nil {
		return !isClosed(k.done)
	}
	open := (<-chan struct{})(g.open)
	if open == nil {
		var d deadline
		d.set(time.Now().Add(g.delay))
		defer d.set(time.Time{})
		open = d.reached()
	}
	select {
	case <-open:
		return !isClosed(k.done) // also where it was cut just before the gate opened
	case <-k.done:
	case <-stop:
	}
	return false
}
