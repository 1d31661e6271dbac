//go:build unix

package engine

import (
	"syscall"
	"time"
)

// cpuTime is the CPU time that this process has used so far, in user code and in the kernel for it.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
