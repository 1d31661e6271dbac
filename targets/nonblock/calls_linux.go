package nonblock

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const raw = true

// Read reads what has come on a socket that does not block: 0 bytes are its end, EAGAIN is nothing yet.
func Read(fd int, b []byte) (int, error) {
	return again(syscall.SYS_READ, fd, b)
}

// Write writes what there is room for.
func Write(fd int, b []byte) (int, error) {
	return again(syscall.SYS_WRITE, fd, b)
}

// again makes a call until no signal interrupts it.
func again(call uintptr, fd int, b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	for {
		n, _, err := syscall.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
		switch err {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		default:
			return 0, err
		}
	}
}

// Await waits until there are events of an epoll. Its processor runs nothing else meanwhile. To stop or to preempt it, the runtime sends a
// signal: then the answer is EINTR, and the caller must yield (runtime.Gosched).
func Await(epoll int, events []unix.EpollEvent) (int, error) {
	const ever = ^uintptr(0)
	n, _, err := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), ever, 0, 0)
	if err != 0 {
		return 0, err
	}
	return int(n), nil
}
