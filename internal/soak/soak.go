package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// soak runs one draw after the other.
type soak struct {
	program string
	engines []engine
	seed    uint64
	keep    string        // the folder of what failed; made when something does
	limit   time.Duration // of one run
	out     io.Writer
}

// What is in the folder of a run, beside what `lastseat run --out` keeps in histories.
const (
	resultFile  = "result.json"
	outputFile  = "output.txt"
	commandFile = "command.txt"
	outFolder   = "histories"
)

// grace is how long a run that is interrupted has for its end.
const grace = 30 * time.Second

// run goes on for as long as it is told, for one run at least, and returns the exit code: of several the first of 2, 1, 130. An error is one of soak itself.
func (s *soak) run(ctx context.Context, length time.Duration) (int, error) {
	fmt.Fprintf(s.out, "soak: seed %d\n", s.seed)
	work, err := os.MkdirTemp("", "lastseat-soak-")
	if err != nil {
		return exitSetup, err
	}
	defer func() { _ = os.RemoveAll(work) }() // it is in the system's own folder for such
	var seen coverage
	broken, setup := 0, 0
	for i, end := uint64(0), time.Now().Add(length); (i == 0 || time.Now().Before(end)) && ctx.Err() == nil; i++ {
		folder := filepath.Join(work, fmt.Sprint(i))
		flags := draw(s.engines, s.seed, i)
		o, err := s.one(ctx, folder, flags)
		if err != nil {
			return exitSetup, err
		}
		if ctx.Err() != nil {
			break // what an interrupted run shows is not judged
		}
		seen.add(flags, o.rows)
		switch o.code {
		case exitBroken:
			broken++
		case exitSetup:
			setup++
		}
		if err := s.settle(folder, i, flags, o); err != nil {
			return exitSetup, err
		}
	}
	fmt.Fprint(s.out, seen.String())
	fmt.Fprintf(s.out, "soak: %d runs unsafe against a promise, %d runs stopped or ended as they should not; seed %d\n", broken, setup, s.seed)
	switch {
	case setup > 0:
		return exitSetup, nil
	case broken > 0:
		return exitBroken, nil
	case ctx.Err() != nil:
		return exitInterrupted, nil
	}
	return exitExpected, nil
}

// one runs lastseat with the flags, and judges what it left in the folder.
func (s *soak) one(ctx context.Context, folder string, flags []string) (*outcome, error) {
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	output, err := os.OpenFile(filepath.Join(folder, outputFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = output.Close() }() // the program's end says more
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	args := append([]string{"run"}, flags...)
	args = append(args, "--out", filepath.Join(folder, outFolder), "--json", filepath.Join(folder, resultFile))
	cmd := exec.CommandContext(ctx, s.program, args...)
	cmd.Stdout, cmd.Stderr = output, output
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = grace
	alone(cmd)
	err = cmd.Run()
	var ended *exec.ExitError
	if cmd.ProcessState == nil || err != nil && !errors.As(err, &ended) && ctx.Err() == nil {
		return nil, fmt.Errorf("run %s: %w", s.program, err)
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		o := &outcome{}
		o.fail(exitSetup, "not at its end after %v", s.limit)
		return o, nil
	}
	return judge(folder, cmd.ProcessState.ExitCode()), nil
}

// settle removes the folder of a run, or says what failed in it and keeps it.
func (s *soak) settle(folder string, i uint64, flags []string, o *outcome) error {
	if o.code == exitExpected {
		return os.RemoveAll(folder)
	}
	command := "lastseat run " + strings.Join(flags, " ")
	kept := filepath.Join(s.keep, fmt.Sprint(i))
	text := strings.Join(append([]string{command}, o.rerun...), "\n") + "\n"
	if err := os.WriteFile(filepath.Join(folder, commandFile), []byte(text), 0o600); err != nil {
		return err
	}
	if err := move(folder, kept); err != nil {
		return fmt.Errorf("keep what failed: %w", err)
	}
	fmt.Fprintf(s.out, "\nrun %d: %s\n  %s\n  kept in %s\n", i, command, strings.Join(o.reasons, "\n  "), kept)
	return nil
}

// move moves a folder, to another disk if need be.
func move(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return os.RemoveAll(from)
}
