//go:build !linux

package proxy

import (
	"io"
	"net"
	"sync"
)

// loops are for Linux. Elsewhere each direction of a connection has a goroutine.
type (
	loops struct{}
	loop  struct{}
)

func useLoops() *loops { return nil }

func (*loops) leave() {}

func (*loops) detach(program, server net.Conn) (p, d io.ReadWriteCloser) { return program, server }

func (*loops) next() *loop { return nil }

func (*loop) take(*way, *sync.WaitGroup) bool { return false }

func free(...io.Closer) {}
