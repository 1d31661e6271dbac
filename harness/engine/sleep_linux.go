package engine

import (
	"syscall"
	"time"
)

// sleepExactly sleeps for d to within about 0.1 ms: an idle Go program wakes from its own timers up to 1 ms late.
func sleepExactly(d time.Duration) {
	ts := syscall.NsecToTimespec(int64(d))
	_ = syscall.Nanosleep(&ts, nil) // woken early by a signal, the caller looks at the clock and sleeps again
}
