package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app/process"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// mostPrinted bounds what is read of what a command prints.
const mostPrinted = 4 << 20

// command runs an operation's command to its end. Its exit code is the answer, with what it has printed on standard output.
func (in *instance) command(ctx context.Context, op *spec.Operation, fill func(string) string) reply {
	var printed bytes.Buffer
	p, err := process.Start(process.Command{
		Line: in.values.Fill(fill(op.Run)), Dir: in.lane.program.Dir(), Env: in.env, Answer: &limited{to: &printed, left: mostPrinted},
	})
	if err != nil {
		return reply{outcome: harness.Failed, err: err}
	}
	in.ways.ran(p, true)
	defer in.ways.ran(p, false)
	select {
	case <-p.Exited():
		p.End() // and what it has left behind
	case <-ctx.Done():
		p.End()
		return reply{outcome: harness.Unknown, err: in.unanswered(ctx.Err())}
	}
	return commanded(op, p.Err(), strings.TrimSpace(printed.String()), p.Printed())
}

// commanded reads how a command has ended: 0 is ok; whatever any other exit code stands for, where the file does not say it, may have
// happened, and so may what a command had done that a signal ended.
func commanded(op *spec.Operation, err error, printed, errs string) reply {
	r := reply{body: []byte(printed), outcome: harness.OK}
	how := ""
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		r.status = exit.ExitCode()
		how = fmt.Sprintf(" (exit code %d)", r.status)
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return reply{outcome: harness.Unknown, err: fmt.Errorf("signal: %v", status.Signal()), text: fmt.Sprintf("unknown (signal: %v)", status.Signal())}
		}
	}
	if r.status != 0 {
		r.outcome = harness.Unknown
	}
	if o, ok := mapped(op, &r); ok {
		r.outcome = o
	}
	if r.outcome == harness.Failed || r.outcome == harness.Unknown {
		printed += " " + errs
	}
	r.text = strings.TrimSpace(r.outcome.String() + how + " " + inLine(printed))
	return r
}

// limited takes so many bytes, and drops what comes after them.
type limited struct {
	to   *bytes.Buffer
	left int
}

func (l *limited) Write(b []byte) (int, error) {
	n := min(len(b), l.left)
	l.left -= n
	l.to.Write(b[:n])
	return len(b), nil
}
