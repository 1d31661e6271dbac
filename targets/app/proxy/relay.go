package proxy

import (
	"io"
	"slices"
	"sync"
)

// way is one direction of a connection.
type way struct {
	from io.Reader
	// take passes on what came, as far as that takes no wait. rest does what is left, and may wait; nil: nothing is. Not ok, of either: the
	// connection is over.
	take func(b []byte) (rest func() bool, ok bool)
	end  func(error) // is told that nothing more comes
	// wakes reports whether take lets others go on, who wait for what passes.
	wakes func() bool
}

// relay passes on what both sides say, until either ends.
func (c *Conn) relay() {
	var both sync.WaitGroup
	l := c.proxy.loops.next()
	for _, w := range []*way{
		{from: c.client, take: c.asks, end: func(error) { c.Cut() }, wakes: c.wakes},
		{from: c.server, take: c.says, end: c.silent, wakes: c.wakes},
	} {
		if !l.take(w, &both) {
			both.Go(w.run)
		}
	}
	both.Wait()
	c.Cut()
	free(c.client, c.server)
}

// run passes on what comes, until that ends.
func (w *way) run() {
	buf := make([]byte, readSize)
	for {
		n, err := w.from.Read(buf)
		if n > 0 && !whole(w.take(buf[:n])) || err != nil {
			w.end(err)
			return
		}
	}
}

// wakes reports whether somebody may wait for what passes: the Watcher, or a batch of the program's for the answers to those before it.
func (c *Conn) wakes() bool { return c.proxy.watcher.Load() != nil || c.eager.Load() }

// readSize is how many bytes are read at once.
const readSize = 16 << 10

// whole does what is left, and reports whether the connection goes on.
func whole(rest func() bool, ok bool) bool { return ok && (rest == nil || rest()) }

// atOnce is a connection that can take as much as goes without a wait.
type atOnce interface {
	io.Writer
	writeAtOnce(b []byte) (n int, err error)
}

// write writes without a wait where the connection can, as way.take does.
func write(to io.Writer, b []byte) (rest func() bool, ok bool) {
	var n int
	var err error
	quick, is := to.(atOnce)
	if is {
		n, err = quick.writeAtOnce(b)
	} else {
		n, err = to.Write(b)
	}
	if err != nil || n == len(b) {
		return nil, err == nil
	}
	left := slices.Clone(b[n:]) // b is good until the next read
	return func() bool {
		_, err := to.Write(left)
		return err == nil
	}, true
}
