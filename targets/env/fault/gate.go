package fault

import "time"

// gate is what messages meet on their way.
type gate struct {
	delay time.Duration
	open  chan struct{} // nothing passes until it is closed; nil: nothing is held
}

// pass waits until the link's messages may go on; false: the link was cut meanwhile, and they never may.
func (k *link) pass() bool {
	g := k.proxy.gate.Load()
	switch {
	case g == nil:
		return true
	case g.open != nil:
		select {
		case <-g.open:
		case <-k.done:
		}
	default:
		t := time.NewTimer(g.delay)
		defer t.Stop()
		select {
		case <-t.C:
		case <-k.done:
		}
	}
	select {
	case <-k.done: // also where it was cut just before the gate opened
		return false
	default:
		return true
	}
}
