//go:build unix

package request

import (
	"errors"
	"syscall"
)

// alive reports whether a connection that nobody uses can still be used: the program has neither closed it nor said anything.
func (c *conn) alive() bool {
	socket, ok := c.socket.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	var said error
	err = raw.Read(func(fd uintptr) bool {
		var one [1]byte
		_, said = syscall.Read(int(fd), one[:])
		return true
	})
	return err == nil && (errors.Is(said, syscall.EAGAIN) || errors.Is(said, syscall.EWOULDBLOCK))
}
