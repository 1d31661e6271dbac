package local

import (
	"bufio"
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

//go:embed watchdog.sh
var watchdogScript string

// watchdog is a process that outlives ours, however that ends. It makes a folder, and as soon as the pipe to it is closed, by us
// or by the system when we are killed, it ends the server in the folder, if one is named, and removes the folder.
type watchdog struct {
	pipe   *os.File      // its write end is in no other process: Go opens it close-on-exec
	exited chan struct{} // closed when its work is done
}

// startWatchdog returns once the folder is there, open to us alone.
func startWatchdog(dir string, quit syscall.Signal) (*watchdog, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start the watchdog: %w", err)
	}
	cmd := exec.Command("/bin/sh", "-c", watchdogScript, "lastseat-watchdog", dir, strconv.Itoa(int(quit)))
	cmd.Stdin = r
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	detach(cmd, nil)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	_ = r.Close() // the child has its own
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the watchdog: %w", err), w.Close())
	}
	said, _ := bufio.NewReader(out).ReadString('\n') // it says nothing else
	d := &watchdog{pipe: w, exited: make(chan struct{})}
	if said != "made\n" {
		d.release()
		_ = cmd.Wait() // what it printed says more
		return nil, fmt.Errorf("make a temporary folder: %s", strings.TrimSpace(complaint.String()))
	}
	go func() {
		_ = cmd.Wait() // Folder.Remove looks after what it should have removed
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
