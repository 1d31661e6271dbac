package memory

import (
	"bytes"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// onRequest reports whether the system gives huge pages to those who ask. To most it gives them unasked, or never. Memory that nobody writes to must
// cost nothing, which is not so where it is counted as soon as it is asked for.
func onRequest() bool {
	pages, err := os.ReadFile("/sys/kernel/mm/transparent_hugepage/enabled")
	if err != nil || !bytes.Contains(pages, []byte("[madvise]")) {
		return false
	}
	counted, err := os.ReadFile("/proc/sys/vm/overcommit_memory")
	if err != nil || bytes.HasPrefix(counted, []byte("2")) {
		return false
	}
	var limit unix.Rlimit
	return unix.Getrlimit(unix.RLIMIT_AS, &limit) == nil && limit.Cur == unix.RLIM_INFINITY
}

// advise asks for huge pages, and does not insist.
func advise(b []byte) {
	page := os.Getpagesize()
	skip := int(-uintptr(unsafe.Pointer(&b[0])) & uintptr(page-1))
	_ = unix.Madvise(b[skip:skip+(len(b)-skip)/page*page], unix.MADV_HUGEPAGE)
}
