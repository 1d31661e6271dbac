package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/lastseat/lastseat/harness/suite"
)

// interruptible is a context that the first of the signals ends: the run then ends in order. The second one ends the program at once,
// whatever hangs. It does not leave that to the system: a program that was started in the background may have been told to ignore it.
func interruptible(stderr io.Writer, signals ...os.Signal) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	came := make(chan os.Signal, 2)
	signal.Notify(came, signals...)
	done := make(chan struct{})
	go func() {
		select {
		case <-came:
			cancel()
		case <-done:
			return
		}
		select {
		case <-came:
			fmt.Fprintln(stderr, "lastseat: ended at once by the second interrupt: what it made on a server of yours is left; docs/failures.md says how to find it")
			os.Exit(suite.ExitInterrupted)
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(came)
		close(done)
		cancel()
	}
}
