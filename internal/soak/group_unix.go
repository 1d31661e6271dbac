//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// alone keeps a terminal's Ctrl-C from the program: soak hands it on, and a second one would end the program at once.
func alone(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
