//go:build unix

package limits

import (
	"errors"
	"fmt"
	"syscall"
)

var (
	errFiles        = errors.New("the limit on open files is too low")
	errAddressSpace = errors.New("the limit on address space is too low")
)

// manyFiles is as many as any run needs.
const manyFiles = 1 << 16

// Check refuses to begin where the shell's limits would end the program in the middle. It raises the limit on open files as far
// as it may be raised, also for the servers that are started.
func Check() error {
	if space := limitOn(syscall.RLIMIT_AS); space > 0 && space < leastAddressSpace {
		return fmt.Errorf("%w: ulimit -v is %d, and lastseat needs %d or more; raise it with ulimit -v unlimited", errAddressSpace, space>>10, leastAddressSpace>>10)
	}
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err == nil {
		files.Cur = min(files.Max, manyFiles)
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &files) // then it stays as it is
	}
	if limit := filesLimit(); limit > 0 && limit < leastFiles {
		return fmt.Errorf("%w: ulimit -n is %d, and lastseat needs %d or more; raise it with ulimit -n %d", errFiles, limit, leastFiles, leastFiles)
	}
	return nil
}

func filesLimit() uint64 { return limitOn(syscall.RLIMIT_NOFILE) }

// limitOn is a limit of this process; 0: there is none, or it cannot be told.
func limitOn(resource int) uint64 {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(resource, &l); err != nil || l.Cur > 1<<62 {
		return 0
	}
	return uint64(l.Cur) //nolint:unconvert // signed on some systems
}
