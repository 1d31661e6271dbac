package local

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"
)

// Options says how a throwaway server runs.
type Options struct {
	// Volatile gives durability up: no commit waits for the disk. Figures taken so are not those of a real server.
	Volatile       bool
	Socket         bool     // the DSN names a Unix socket in the server's folder, where SocketPath has one, instead of a port
	MaxConnections int      // how many it accepts; 0: 300
	ExtraArgs      []string // appended to the server's command line, as its manual writes them
	Password       string   // of its superuser: letters and digits, so that no form of a DSN or a file escapes it; empty: one of its own
	// Initialise is the command that fills the data folder in place of Program.Initialise; nil: that does.
	Initialise func(b Binary, l Layout) []string
	// Lay is what is put into the filled data folder before the server's first start; nil: nothing.
	Lay func() []File
}

const (
	defaultConnections = 300
	initTimeout        = 5 * time.Minute  // filling the data folder: seconds, on a machine that has nothing else to do
	readyTimeout       = 2 * time.Minute  // from there to the first answer
	crashTimeout       = 10 * time.Second // for what a crashed server has left running to end
	quitTimeout        = 5 * time.Second  // for a program that was told to end at once
	stopTimeout        = 15 * time.Second // cleaning up after a start that failed
	pollEvery          = 5 * time.Millisecond
	portTries          = 5
)

// Server is a throwaway server. Its methods may be called from several goroutines.
type Server struct {
	binary Binary
	layout Layout
	as     *account
	log    *os.File
	folder *Folder

	mu      sync.Mutex
	process *process
	stopped bool
	also    []string // arguments of later starts
}

// Start makes a fresh server of b and waits until it answers. Where we are root it runs as the engine's account, or nobody.
// An error of a server that did not come up carries the end of its log. The caller must Stop it.
func Start(ctx context.Context, b Binary, opts Options) (*Server, error) {
	s, err := create(b, opts)
	if err == nil {
		fill := opts.Initialise
		if fill == nil {
			fill = b.Program.Initialise
		}
		err = s.come(ctx, fill(b, s.layout))
	}
	if err != nil {
		return nil, fmt.Errorf("start a throwaway %s: %w", b, err)
	}
	return s, nil
}

// come fills the data folder by a command and serves it, or leaves nothing.
func (s *Server) come(ctx context.Context, fill []string) error {
	err := s.bringUp(ctx, fill)
	if err != nil {
		err = errors.Join(err, s.giveUp(ctx))
	}
	return err
}

// giveUp stops a server that could not be made ready, even where ctx is what ended.
func (s *Server) giveUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	return s.Stop(ctx)
}

// create makes the folder, with the watchdog over it: from here on Stop is what ends it.
func create(b Binary, opts Options) (*Server, error) {
	p := &b.Program
	opts.Password = cmp.Or(opts.Password, rand.Text())
	opts.MaxConnections = cmp.Or(opts.MaxConnections, defaultConnections)
	s := &Server{binary: b}
	var err error
	if s.as, err = accountFor(p); err != nil {
		return nil, err
	}
	if s.folder, err = newFolder("lastseat-"+p.Name+"-", p.Quit); err != nil {
		return nil, err
	}
	dir := s.folder.Path()
	if p.ASCII && strings.ContainsFunc(dir, func(r rune) bool { return r > unicode.MaxASCII }) {
		err := fmt.Errorf("%s finds no file under %s, whose name is not all ASCII; set TMPDIR to a folder whose name is", p.Title, filepath.Dir(dir))
		return nil, errors.Join(err, s.folder.Remove(context.Background()))
	}
	s.layout = Layout{Dir: dir, Data: filepath.Join(dir, "data"), Options: opts}
	s.log, err = os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err == nil {
		err = s.as.own(dir)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make its folder: %w", err), s.folder.Remove(context.Background()))
	}
	return s, nil
}

// bringUp fills the data folder by a command and serves it on a free port.
func (s *Server) bringUp(ctx context.Context, fill []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if template := s.templateOf(fill); s.fromTemplate(template) {
		err := s.own(ctx)
		if err == nil {
			err = s.serveSomewhere(ctx)
		}
		if err == nil || ctx.Err() != nil {
			return err
		}
		_ = os.RemoveAll(template) // if that is not what is wrong, what is shows again
		_ = os.RemoveAll(s.layout.Data)
	}
	if err := s.fill(ctx, fill); err != nil {
		return err
	}
	return s.serveSomewhere(ctx)
}

// serveSomewhere serves on a free port.
func (s *Server) serveSomewhere(ctx context.Context) error {
	if s.layout.Lay != nil {
		for _, f := range s.layout.Lay() {
			if err := s.as.write(filepath.Join(s.layout.Data, f.Name), f.Content); err != nil {
				return fmt.Errorf("write into its data folder: %w", err)
			}
		}
	}
	for try := 1; ; try++ {
		var err error
		if s.layout.Port, err = freePort(ctx); err != nil {
			return err
		}
		err = s.serve(ctx)
		if err == nil || try == portTries || ctx.Err() != nil || portFree(ctx, s.layout.Port) {
			return err
		}
		// Somebody took the port in between.
	}
}

func (s *Server) fill(ctx context.Context, argv []string) error {
	if err := s.before(ctx, argv); err != nil {
		return fmt.Errorf("fill its data folder: %w", err)
	}
	s.keepTemplate(s.templateOf(argv))
	return nil
}

// own gives a copied data folder the server's own password.
func (s *Server) own(ctx context.Context) error {
	if s.binary.Program.Own == nil {
		return nil
	}
	if err := s.before(ctx, s.binary.Program.Own(s.binary, s.layout)); err != nil {
		return fmt.Errorf("set its password: %w", err)
	}
	return nil
}

// before runs a command to its end, before the server's first start.
func (s *Server) before(ctx context.Context, argv []string) error {
	ctx, cancel := context.WithTimeout(ctx, initTimeout)
	defer cancel()
	if err := s.write(true); err != nil {
		return err
	}
	p, err := launch(argv, s.layout.Dir, s.as, s.log, s.folder.dog.guard)
	if err != nil {
		return err
	}
	select {
	case <-p.exited:
		err = p.err
	case <-ctx.Done():
		err = ctx.Err()
		s.endAll(p)
	}
	if err != nil {
		return fmt.Errorf("%w%s", err, s.explain(err))
	}
	for _, f := range s.binary.Program.Write(s.layout) {
		if f.Once {
			err = errors.Join(err, os.Remove(s.layout.Path(f.Name)))
		}
	}
	return errors.Join(err, s.folder.dog.guard(0))
}

// write writes the files that the server's commands read.
func (s *Server) write(filling bool) error {
	for _, f := range s.binary.Program.Write(s.layout) {
		if f.Once && !filling {
			continue
		}
		if err := s.as.write(s.layout.Path(f.Name), f.Content); err != nil {
			return fmt.Errorf("write its settings: %w", err)
		}
	}
	return nil
}

// serve starts the server program and waits until it answers.
func (s *Server) serve(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := s.write(false); err != nil {
		return err
	}
	p, err := launch(s.binary.Program.Command(s.binary, s.started()), s.layout.Dir, s.as, s.log, s.folder.dog.guard)
	if err != nil {
		return err
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for !s.binary.Program.Ready(ctx, s.layout, p.pid) {
		select {
		case <-tick.C:
		case <-p.exited:
			return errors.Join(fmt.Errorf("it ended at its start: %w%s", cmp.Or(p.err, errors.New("exit status 0")), s.explain(p.err)), s.folder.dog.guard(0))
		case <-ctx.Done():
			s.endAll(p)
			return errors.Join(fmt.Errorf("it does not answer: %w%s", ctx.Err(), s.explain(nil)), s.folder.dog.guard(0))
		}
	}
	if s.binary.Program.Shut != nil {
		if err := s.binary.Program.Shut(ctx, s.layout); err != nil {
			s.endAll(p)
			return errors.Join(err, s.folder.dog.guard(0))
		}
	}
	s.process = p
	return nil
}

// endAll ends a program and what it has started, and waits for it. The program is told first: initdb lets its bootstrap
// process end by itself, which otherwise would leave shared memory behind.
func (s *Server) endAll(p *process) {
	_ = signal(p.pid, s.binary.Program.Quit) // it may be gone; so below
	select {
	case <-p.exited:
	case <-time.After(quitTimeout):
	}
	_ = signalGroup(p.pid, syscall.SIGKILL)
	<-p.exited
}

// explain is the end of the log, and a hint where the program could not even be run.
func (s *Server) explain(err error) string {
	const lines, most = 12, 8 << 10
	var b strings.Builder
	var exit *exec.ExitError
	if errors.As(err, &exit) && (exit.ExitCode() == 126 || exit.ExitCode() == 127) && s.as != nil {
		fmt.Fprintf(&b, " (servers of root run as %s, who must be able to reach the program)", s.as.name)
	}
	if content, err := os.ReadFile(s.log.Name()); err == nil && len(content) > 0 {
		all := strings.Split(strings.TrimSpace(string(content[max(0, len(content)-most):])), "\n")
		b.WriteString("; the end of its log:\n  " + strings.Join(all[max(0, len(all)-lines):], "\n  "))
	}
	return b.String()
}

// freePort is one that nobody uses now.
func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

func portFree(ctx context.Context, port int) bool {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	return err == nil && l.Close() == nil
}
