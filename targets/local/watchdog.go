package local

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

//go:embed watchdog.sh
var watchdogScript string

// watchdog is a process that outlives ours, however that ends. It ends the server and removes its folder as soon as the
// pipe to it is closed: by us, or by the system when we are killed.
type watchdog struct {
	pipe   *os.File      // its write end is in no other process: Go opens it close-on-exec
	exited chan struct{} // closed when its work is done
}

func startWatchdog(dir string, quit syscall.Signal) (*watchdog, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start the watchdog: %w", err)
	}
	cmd := exec.Command("/bin/sh", "-c", watchdogScript, "lastseat-watchdog", dir, strconv.Itoa(int(quit)))
	cmd.Stdin = r
	cmd.Dir = "/"
	detach(cmd, nil)
	err = cmd.Start()
	_ = r.Close() // the child has its own
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the watchdog: %w", err), w.Close())
	}
	d := &watchdog{pipe: w, exited: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // what it should have removed is looked after by Stop
		close(d.exited)
	}()
	return d, nil
}

// guard tells which process to end; 0: none.
func (d *watchdog) guard(pid int) error {
	if _, err := fmt.Fprintln(d.pipe, pid); err != nil {
		return fmt.Errorf("tell the watchdog: %w", err)
	}
	return nil
}

// release lets it do its work. Safe to call again.
func (d *watchdog) release() { _ = d.pipe.Close() }
