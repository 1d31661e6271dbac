package proxy

import (
	"runtime"
	"testing"

	"github.com/lastseat/lastseat/targets/wire"
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

// TestClosedTwice: what is closed again leaves the loops to the others.
func TestClosedTwice(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	var all []*Proxy
	for range 2 {
		p, err := New(t.Context(), "127.0.0.1:0", Server{Protocol: wire.MySQL()}, nil, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	for i, kept := range []int{len(all[0].loops.all), 0} {
		for range 2 {
			if err := all[i].Close(); err != nil {
				t.Error(err)
			}
		}
		if now := runtime.GOMAXPROCS(0); now != before+kept {
			t.Errorf("after proxy %d was closed twice: %d processors, want %d", i, now, before+kept)
		}
	}
}
