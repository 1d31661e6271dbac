package proxy

import (
	"runtime"
	"testing"
)

// TestWaitingLoopsHoldNothingUp: the runtime does not know that a loop waits, and still stops it for each collection; its processor is
// gone with the last proxy.
func TestWaitingLoopsHoldNothingUp(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	first, second := useLoops(), useLoops()
	if now := runtime.GOMAXPROCS(0); len(first.all) == 0 || first != second || now != before+len(first.all) {
		t.Errorf("%d loops: %d processors, and %d without", len(first.all), now, before)
	}
	first.leave()
	for range 200 { // would not end
		runtime.GC()
	}
	second.leave()
	if now := runtime.GOMAXPROCS(0); now != before {
		t.Errorf("%d processors are left of %d", now, before)
	}
}
