//go:build unix

package local

import (
	"os/exec"
	"syscall"
)

// detach gives cmd a session and a process group of its own, and another user where as is one.
func detach(cmd *exec.Cmd, as *account) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if as != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(as.uid), Gid: uint32(as.gid)}
	}
}

func signal(pid int, sig syscall.Signal) error { return syscall.Kill(pid, sig) }

// signalGroup reaches a launched program and what it has started.
func signalGroup(pid int, sig syscall.Signal) error { return syscall.Kill(-pid, sig) }

const supported = true
