package spool

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Populate has the system find the memory for all that a slice has room for, at once. Found page by page, as it is written to, memory takes a virtual machine
// twice as long, and that can be most of what reading or judging a large history takes. The slice stays as it is.
func Populate[T any](all []T) {
	const few = 32 << 10 // bytes, not worth asking
	bytes := bytesOf(all[:cap(all)])
	if len(bytes) < few {
		return
	}
	page := uintptr(os.Getpagesize())
	if over := uintptr(unsafe.Pointer(unsafe.SliceData(bytes))) % page; over > 0 {
		bytes = bytes[min(page-over, uintptr(len(bytes))):] // pages may have 64 KB
	}
	_ = unix.Madvise(bytes, unix.MADV_POPULATE_WRITE) // systems before Linux 5.14 find the pages as ever
}
