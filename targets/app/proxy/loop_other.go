//go:build !linux

package proxy

import (
	"io"
	"net"
	"sync"
)

// loops are for Linux. Elsewhere each direction of a connection has a goroutine.
type loops struct{}

func newLoops() *loops { return nil }

func (*loops) detach(program, server net.Conn) (p, s io.ReadWriteCloser) { return program, server }

func (*loops) take(int, *way, *sync.WaitGroup) bool { return false }

func (*loops) close() error { return nil }

func free(...io.Closer) {}
