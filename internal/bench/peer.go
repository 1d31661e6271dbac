package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"time"
)

// peerGrace is how much longer than its turn a peer may take: it connects first, and waits for its last statements.
const peerGrace = time.Minute

// waitedTooLong is what servers say where a statement waits too long for a lock, as on a disk that is slow to commit.
var waitedTooLong = regexp.MustCompile(`canceling statement due to lock timeout|Lock wait timeout exceeded`)

// peerOutput runs a peer's program for about d, and answers what it prints, and what processors it has taken from its start to its end. One that does not end in time, or whose statements wait too
// long, has met a slow machine; one that fails in another way has not done the row's work.
func peerOutput(ctx context.Context, d time.Duration, env []string, program string, args ...string) (out string, cpu time.Duration, err error) {
	limited, cancel := context.WithTimeout(ctx, d+peerGrace)
	defer cancel()
	cmd := exec.CommandContext(limited, program, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = time.Second
	printed, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return string(printed), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
	case ctx.Err() == nil && errors.Is(limited.Err(), context.DeadlineExceeded):
		return "", 0, slow("%s did not end within %v", program, d+peerGrace)
	case waitedTooLong.Match(printed):
		return "", 0, slow("%s gave up: %s", program, waitedTooLong.Find(printed))
	}
	return "", 0, fmt.Errorf("%s: %w:\n%s", program, err, printed)
}
