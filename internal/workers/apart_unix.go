//go:build unix

package workers

import (
	"os/exec"
	"syscall"
)

// apart keeps Ctrl-C from a worker: its coordinator ends the row first.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
