//go:build unix

package fleet_test

import (
	"syscall"
	"time"
)

// spent is the processor time of this process so far: on a machine that others use, the measure of what something costs.
func spent() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
