//go:build unix

package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
)

// forgetPeak has Linux forget how much memory this process had at most, which counts as the peak of each process that it starts (proc_pid_clear_refs(5)).
// Other systems do not count so, and have no such file.
func forgetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // a figure that is too high is all that it would come to
}

// peakMemory is how many bytes of memory a process had at most.
func peakMemory(p *os.ProcessState) int64 {
	used, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return used.Maxrss
	}
	return used.Maxrss * 1024 // getrusage(2) counts kilobytes
}
