//go:build !unix

package workers

import (
	"errors"
	"os"
	"os/exec"
)

func apart(*exec.Cmd) {}

const canStop = false

func stop(*os.Process) error { return errors.ErrUnsupported }
func goOn(*os.Process) error { return errors.ErrUnsupported }
