package proxy

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/lastseat/lastseat/targets/nonblock"
)

// loops read connections: one goroutine reads what has come on any of many, and passes it on. That takes half of what a goroutine for each
// direction does, which the runtime has to wake for every message. A loop never waits for a connection: what would have to wait goes on in
// a goroutine, and nothing more is read of that direction until it is done. All proxies of the process have the same loops.
type loops struct {
	all   []*loop
	taken atomic.Int64 // connections so far
}

// shared are the loops while there are proxies.
var shared struct {
	mu      sync.Mutex
	proxies int
	loops   *loops
}

// loop waits by an epoll of its own, by a system call of which the runtime is not told: to the runtime it works all the time, on a
// processor that is added for it. Told of the wait, the runtime puts its other threads to sleep and wakes them for each message, and one of
// them (sysmon) looks for goroutines that wait too long every 20 µs from then on (docs/performance.md). Whom the loop lets go on would wait with it,
// on its processor: so it lets others run first.
type loop struct {
	epoll int
	stop  int // an eventfd: readable when the loop is to end
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

// mostLoops is how many loops there are at most: each is woken some fifty times a second by the runtime, which takes it for one that works too long.
const mostLoops = 4

// useLoops are the loops of a proxy, which must leave them at its end. There is one for every two processors: the database and the program
// need them too. There is none where the runtime may not send the signals by which it stops a loop.
func useLoops() *loops {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.proxies++
	if shared.proxies > 1 {
		return shared.loops
	}
	shared.loops = &loops{}
	if strings.Contains(os.Getenv("GODEBUG"), "asyncpreemptoff=1") {
		return shared.loops
	}
	processors := runtime.GOMAXPROCS(0)
	for range min(max(1, processors/2), mostLoops) {
		l, err := newLoop()
		if err != nil {
			break // goroutines do as well
		}
		shared.loops.all = append(shared.loops.all, l)
	}
	runtime.GOMAXPROCS(processors + len(shared.loops.all))
	for _, l := range shared.loops.all {
		go l.run()
	}
	return shared.loops
}

// leave ends the loops with the last proxy that uses them. It has no connections any more.
func (s *loops) leave() {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.proxies--; shared.proxies > 0 {
		return
	}
	for _, l := range s.all {
		_, _ = unix.Write(l.stop, []byte{1, 1, 1, 1, 1, 1, 1, 1}) // an eventfd takes any number, written once
		<-l.ended
		l.free()
	}
	if len(s.all) > 0 {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) - len(s.all))
	}
}

func newLoop() (l *loop, err error) {
	l = &loop{ended: make(chan struct{}), ways: map[int32]*looped{}}
	if l.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if l.stop, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		_ = unix.Close(l.epoll)
		return nil, err
	}
	if err = unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, l.stop, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(l.stop)}); err != nil {
		l.free()
		return nil, err
	}
	return l, nil
}

func (l *loop) free() {
	_, _ = unix.Close(l.epoll), unix.Close(l.stop)
}

// detach takes both connections from the runtime, which would be woken by all that comes on them; encrypted ones stay as they are.
func (s *loops) detach(program, server net.Conn) (p, d io.ReadWriteCloser) {
	if len(s.all) == 0 {
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

// next is the loop of the next connection; nil: there is none.
func (s *loops) next() *loop {
	if len(s.all) == 0 {
		return nil
	}
	return s.all[s.taken.Add(1)%int64(len(s.all))]
}

// take has the loop read a way; not ok: it cannot.
func (l *loop) take(w *way, done *sync.WaitGroup) bool {
	s, is := w.from.(*socket)
	if l == nil || !is {
		return false
	}
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
	fd := int32(w.socket.fd)
	err := unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, w.socket.fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: fd})
	if err == nil {
		l.ways[fd] = w
	}
	return err
}

func (l *loop) remove(w *looped) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.ways, int32(w.socket.fd))
	_ = unix.EpollCtl(l.epoll, unix.EPOLL_CTL_DEL, w.socket.fd, nil) // it is there
}

func (l *loop) way(fd int32) *looped {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ways[fd]
}

// run reads what comes, until the loop is closed.
func (l *loop) run() {
	defer close(l.ended)
	buf, events := make([]byte, readSize), make([]unix.EpollEvent, 128)
	for {
		n, err := nonblock.Await(l.epoll, events)
		if err != nil { // a signal: how the runtime has a goroutine stop, for the garbage collector above all
			runtime.Gosched()
			continue
		}
		others := false
		for _, e := range events[:n] {
			if e.Fd == int32(l.stop) {
				return
			}
			if w := l.way(e.Fd); w != nil {
				others = l.read(w, buf) || others
			}
		}
		if others {
			runtime.Gosched()
		}
	}
}

// read passes on what has come on a way, and reports whether others may go on by that.
func (l *loop) read(w *looped, buf []byte) (others bool) {
	n, err := w.socket.readAtOnce(buf)
	if errors.Is(err, syscall.EAGAIN) {
		return false
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
	return !ok || rest != nil || w.wakes()
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
