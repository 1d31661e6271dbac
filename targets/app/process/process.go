// Package process runs programs of the user's: each in a process group of its own, which ends with us, however we end. In go a
// command and its environment, out come what it printed last and how it ended. Start at Start.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Command is what to run.
type Command struct {
	Line string // as a shell reads it
	Dir  string
	Env  []string // beside our own: name=value; later ones win
	// Answer takes what the command writes on standard output; nil: it is kept with what it prints on the other.
	Answer io.Writer
}

// Process is a command that runs, or has ended.
type Process struct {
	command Command
	cmd     *exec.Cmd
	output  tail
	guard   *os.File // to the watchdog
	exited  chan struct{}
	err     error // how it ended
}

// watchdog waits for the end of its input, and ends the process group then, unless it was told that all is done.
// (dash has no -- behind kill -9.)
const watchdog = `trap '' HUP INT TERM QUIT; read -r word; [ "$word" = done ] || kill -s KILL -- "-$1" 2>/dev/null; :`

// Start starts a command. The caller must End it.
func Start(c Command) (*Process, error) {
	p := &Process{command: c, cmd: exec.Command("/bin/sh", "-c", c.Line), exited: make(chan struct{})}
	p.cmd.Dir = c.Dir
	p.cmd.Env = append(os.Environ(), c.Env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	if c.Answer != nil {
		p.cmd.Stdout = c.Answer
	}
	p.cmd.WaitDelay = time.Second // what it has started may keep its output open
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("run %s: %w", c.Line, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	if err := p.watch(); err != nil {
		p.End()
		return nil, err
	}
	return p, nil
}

// watch starts the watchdog.
func (p *Process) watch() error {
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("watch over %s: %w", p.command.Line, err)
	}
	dog := exec.Command("/bin/sh", "-c", watchdog, "lastseat-watchdog", strconv.Itoa(p.cmd.Process.Pid))
	dog.Stdin = r
	dog.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = dog.Start()
	_ = r.Close() // the child has its own
	if err != nil {
		return errors.Join(fmt.Errorf("watch over %s: %w", p.command.Line, err), w.Close())
	}
	p.guard = w
	go func() { _ = dog.Wait() }() // it ends with us at the latest
	return nil
}

// Exited is closed when the command has ended.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// End ends the command and all that it has started, and waits for its end. Safe to call again.
func (p *Process) End() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // they may be gone
	<-p.exited
	if p.guard != nil {
		_, _ = io.WriteString(p.guard, "done\n") // so may it
		_ = p.guard.Close()
		p.guard = nil
	}
}

// Err is how the command ended, once it has: nil, or an *exec.ExitError.
func (p *Process) Err() error { return p.err }

// Kill is End without waiting.
func (p *Process) Kill() { _ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }

// Explain is how the command ended, if it did, and the end of what it printed.
func (p *Process) Explain() string {
	var how string
	select {
	case <-p.exited:
		how = "it ended"
		if p.err != nil {
			how += ": " + p.err.Error()
		}
	default:
		how = "it still runs"
	}
	if text := p.output.String(); text != "" {
		return how + "; the end of what it printed:\n" + text
	}
	return how + " and printed nothing"
}

// Printed is the end of what the command printed.
func (p *Process) Printed() string { return p.output.String() }

// Run runs a command to its end.
func Run(ctx context.Context, c Command) error {
	p, err := Start(c)
	if err != nil {
		return err
	}
	defer p.End()
	select {
	case <-p.exited:
	case <-ctx.Done():
		return fmt.Errorf("run %s: %w", c.Line, ctx.Err())
	}
	if p.err != nil {
		return fmt.Errorf("run %s: %s", c.Line, p.Explain())
	}
	return nil
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

const tailBytes, tailLines = 8 << 10, 15

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, b...)
	if len(t.kept) > 2*tailBytes {
		t.kept = bytes.Clone(t.kept[len(t.kept)-tailBytes:])
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.kept)), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return ""
	}
	return "  " + strings.Join(lines[max(0, len(lines)-tailLines):], "\n  ")
}
