package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// ErrStopped says that the server has been stopped, and its data is gone.
var ErrStopped = errors.New("the throwaway server has been stopped")

// DSN is where it is reached, with the password, in the form of Program.DSN. It is for no message.
func (s *Server) DSN() string { return s.binary.Program.DSN(s.layout) }

// Password is that of the server's superuser: another one for each server, unless Options says which.
func (s *Server) Password() string { return s.layout.Password }

// Address is the host and port that it listens at.
func (s *Server) Address() string { return fmt.Sprintf("127.0.0.1:%d", s.layout.Port) }

// Port is that of Address.
func (s *Server) Port() int { return s.layout.Port }

// Options are those that it was started with.
func (s *Server) Options() Options { return s.layout.Options }

// Binary is the program that it runs.
func (s *Server) Binary() Binary { return s.binary }

// Dir is its temporary folder.
func (s *Server) Dir() string { return s.layout.Dir }

// Log is the end of what it has printed, to follow an error's text.
func (s *Server) Log() string { return s.explain(nil) }

// PID is the server's process id. It changes with Restart.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process.pid
}

// Stop ends the server at once, waits for its end, and removes its folder. The data is thrown away, so no time goes into
// leaving it in good order. Safe to call again. Where ctx ends first, the watchdog goes on.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	err := s.folder.Remove(ctx)
	if ctx.Err() == nil {
		// Nothing is left for these to do, unless somebody has killed the watchdog.
		if s.process != nil && s.process.running() {
			s.endAll(s.process)
			err = s.folder.Remove(ctx)
		}
		_ = s.log.Close() // open for reading its end only; closed already when called again
	}
	if err != nil {
		return fmt.Errorf("stop the throwaway %s: %w", s.binary, err)
	}
	return nil
}

// Kill is kill -9 of all of the server's processes: the crash that a durable server survives. Its folder stays; Restart brings it
// back.
func (s *Server) Kill() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return ErrStopped
	}
	if s.process.running() {
		crash(s.process.pid)
	}
	return s.end(syscall.SIGKILL)
}

// Restart serves the same data on the same port again, after Kill; a server that still runs is shut down in good order first.
func (s *Server) Restart(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return ErrStopped
	}
	if err := s.end(s.binary.Program.Shutdown); err != nil {
		return err
	}
	// PostgreSQL refuses to start until the last process of the crashed server has noticed.
	for deadline := time.Now().Add(crashTimeout); ; {
		err := s.serve(ctx)
		if err == nil {
			return nil
		} else if ctx.Err() != nil || time.Now().After(deadline) {
			return fmt.Errorf("restart the throwaway %s: %w", s.binary, err)
		}
		time.Sleep(20 * pollEvery)
	}
}

// end signals the server, if it runs, and waits until it has ended.
func (s *Server) end(sig syscall.Signal) error {
	if s.process.running() {
		if err := signal(s.process.pid, sig); err != nil && !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("signal the throwaway %s: %w", s.binary, err)
		}
		select {
		case <-s.process.exited:
		case <-time.After(crashTimeout):
			s.endAll(s.process)
		}
	}
	return s.folder.dog.guard(0)
}
