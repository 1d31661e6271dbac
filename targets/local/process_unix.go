//go:build unix

package local

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
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

// crash kills a program and the processes that it has started, all at once. PostgreSQL has one for each client, in a group of its
// own: left alone, these answer what they are at before they notice.
func crash(pid int) {
	_ = syscall.Kill(pid, syscall.SIGSTOP) // so that it starts no more of them
	for _, p := range append([]int{pid}, children(pid)...) {
		_ = syscall.Kill(p, syscall.SIGKILL) // it may have ended
	}
}

// children are the processes that a program has started, as Linux lists them, or ps elsewhere; none where neither can be had.
func children(pid int) []int {
	var all []int
	if list, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid)); err == nil {
		for _, field := range strings.Fields(string(list)) {
			if child, err := strconv.Atoi(field); err == nil {
				all = append(all, child)
			}
		}
		return all
	}
	out, err := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(out)) {
		var child, parent int
		if n, _ := fmt.Sscan(line, &child, &parent); n == 2 && parent == pid {
			all = append(all, child)
		}
	}
	return all
}

const supported = true
