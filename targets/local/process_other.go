//go:build !unix

package local

import (
	"errors"
	"os/exec"
	"syscall"
)

// Start refuses before any of these could be called.
const supported = false

func detach(*exec.Cmd, *account) {}

func signal(int, syscall.Signal) error { return errors.ErrUnsupported }

func signalGroup(int, syscall.Signal) error { return errors.ErrUnsupported }

func crash(int) {}
