//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

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
