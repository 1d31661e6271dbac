//go:build unix

package workers

import (
	"os"
	"os/exec"
	"syscall"
)

// apart keeps Ctrl-C from a worker: its coordinator ends the row first. Where the coordinator dies, the system has a stopped one go on, since
// its group is an orphan then.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

const canStop = true

func stop(p *os.Process) error { return p.Signal(syscall.SIGSTOP) }
func goOn(p *os.Process) error { return p.Signal(syscall.SIGCONT) }
