package proxy

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/lastseat/lastseat/targets/nonblock"
)

// loops read connections: one goroutine reads what has come on any of many, and passes it on. That takes half of what a goroutine for each
// direction does, which the runtime has to wake for every message. A loop never waits for a connection: what would have to wait goes on in
// a goroutine, and nothing more is read of that direction until it is done.
type loops []*loop

// loop waits by an epoll of its own. The runtime waits for that as it does for a file, so that no thread is kept.
type loop struct {
	epoll *os.File
	fd    int // epoll's
	ended chan struct{}

	mu   sync.Mutex
	ways map[int32]*looped // by the descriptor that is read
}

// looped is a way that a loop reads.
type looped struct {
	*way
	socket *socket
	done   *sync.WaitGroup
}

// newLoops begins a loop for every two processors: the database and the program need them too.
func newLoops() *loops {
	all := &loops{}
	for range max(1, runtime.GOMAXPROCS(0)/2) {
		fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
		if err != nil {
			break // goroutines do as well
		}
		_ = unix.SetNonblock(fd, true) // os.NewFile has the runtime wait only for such
		l := &loop{epoll: os.NewFile(uintptr(fd), "epoll"), fd: fd, ended: make(chan struct{}), ways: map[int32]*looped{}}
		*all = append(*all, l)
		go l.run()
	}
	return all
}

// close ends the loops, once they have no connections any more.
func (all *loops) close() (err error) {
	for _, l := range *all {
		err = errors.Join(err, l.epoll.Close())
		<-l.ended
	}
	return err
}

// detach takes both connections from the runtime, which would be woken by all that comes on them; encrypted ones stay as they are.
func (all *loops) detach(program, server net.Conn) (p, s io.ReadWriteCloser) {
	if len(*all) == 0 {
		return program, server
	}
	one, err := newSocket(program)
	if err != nil {
		return program, server
	}
	other, err := newSocket(server)
	if err != nil {
		_ = unix.Close(one.fd)
		return program, server
	}
	_, _ = program.Close(), server.Close() // the sockets have them open
	return one, other
}

// take has a loop read a way; not ok: it cannot.
func (all *loops) take(number int, w *way, done *sync.WaitGroup) bool {
	s, is := w.from.(*socket)
	if !is {
		return false
	}
	l := (*all)[number%len(*all)]
	done.Add(1)
	if err := l.add(&looped{way: w, socket: s, done: done}); err != nil {
		done.Done()
		return false
	}
	return true
}

func (l *loop) add(w *looped) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ways[int32(w.socket.fd)] = w
	return unix.EpollCtl(l.fd, unix.EPOLL_CTL_ADD, w.socket.fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(w.socket.fd)})
}

func (l *loop) remove(w *looped) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.ways, int32(w.socket.fd))
	_ = unix.EpollCtl(l.fd, unix.EPOLL_CTL_DEL, w.socket.fd, nil) // it is there
}

func (l *loop) way(fd int32) *looped {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ways[fd]
}

// run reads what comes, until the loop is closed.
func (l *loop) run() {
	defer close(l.ended)
	raw, err := l.epoll.SyscallConn()
	if err != nil {
		return
	}
	buf, events, n := make([]byte, readSize), make([]unix.EpollEvent, 128), 0
	come := func(fd uintptr) bool {
		n, err = unix.EpollWait(int(fd), events, 0)
		return n > 0
	}
	for raw.Read(come) == nil {
		for _, e := range events[:n] {
			if w := l.way(e.Fd); w != nil {
				l.read(w, buf)
			}
		}
	}
}

// read passes on what has come on a way.
func (l *loop) read(w *looped, buf []byte) {
	n, err := w.socket.readAtOnce(buf)
	if errors.Is(err, syscall.EAGAIN) {
		return
	}
	var rest func() bool
	ok := err == nil
	if ok {
		rest, ok = w.take(buf[:n])
	}
	switch {
	case !ok:
		l.remove(w)
		w.over(err)
	case rest != nil:
		l.remove(w)
		go func() {
			if !rest() || l.add(w) != nil {
				w.over(nil)
			}
		}()
	}
}

func (w *looped) over(err error) {
	w.end(err)
	w.done.Done()
}

// socket is a connection that only a loop waits for. Read and Write are for where a loop does not: they wait in a thread.
type socket struct{ fd int }

func newSocket(c net.Conn) (*socket, error) {
	has, is := c.(syscall.Conn)
	if !is {
		return nil, errors.New("the connection has no descriptor of its own")
	}
	raw, err := has.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("reach the connection's descriptor: %w", err)
	}
	s := &socket{}
	var failed error
	if err := raw.Control(func(fd uintptr) { s.fd, failed = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) }); err != nil {
		return nil, fmt.Errorf("reach the connection's descriptor: %w", err)
	}
	return s, failed
}

func (s *socket) readAtOnce(b []byte) (int, error) {
	n, err := nonblock.Read(s.fd, b)
	if err == nil && n == 0 {
		return 0, io.EOF
	}
	return n, err
}

// writeAtOnce implements atOnce.
func (s *socket) writeAtOnce(b []byte) (n int, err error) {
	for n < len(b) {
		m, err := nonblock.Write(s.fd, b[n:])
		switch {
		case errors.Is(err, syscall.EAGAIN):
			return n, nil
		case err != nil:
			return n, err
		default:
			n += m
		}
	}
	return n, nil
}

// Read waits until something has come.
func (s *socket) Read(b []byte) (int, error) {
	for {
		n, err := s.readAtOnce(b)
		if !errors.Is(err, syscall.EAGAIN) {
			return n, err
		}
		if err := s.wait(unix.POLLIN); err != nil {
			return 0, err
		}
	}
}

// Write waits until all is written.
func (s *socket) Write(b []byte) (n int, err error) {
	for {
		m, err := s.writeAtOnce(b[n:])
		if n += m; err != nil || n == len(b) {
			return n, err
		}
		if err := s.wait(unix.POLLOUT); err != nil {
			return n, err
		}
	}
}

func (s *socket) wait(what int16) error {
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(s.fd), Events: what}}, -1)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// Close ends the connection. Its descriptor stays until free: a loop may be about to read it, and its number would be another's.
func (s *socket) Close() error { return unix.Shutdown(s.fd, unix.SHUT_RDWR) }

// free gives descriptors back, once nobody reads the connections any more.
func free(connections ...io.Closer) {
	for _, c := range connections {
		if s, is := c.(*socket); is {
			_ = unix.Close(s.fd)
		}
	}
}
