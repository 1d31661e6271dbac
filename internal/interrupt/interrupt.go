// Package interrupt is how lastseat ends when it is told to: in order at the first signal, at once at the second.
package interrupt

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/lastseat/lastseat/harness/suite"
)

// Context is a context that the first signal to end ends: the run then ends in order. The second one ends the program at once,
// whatever hangs. It does not leave that to the system: a program that was started in the background may have been told to ignore it.
// Whoever started the program under nohup wants no hangup to end it.
//
// A terminal that is closed says so twice, by its shell and by itself, and takes along whoever reads our output: neither cuts short a
// run that ends in order. So of SIGHUP only the first counts, and a write that nobody reads is an error, not the end.
//
// args are the program's: they say what may be left.
func Context(args []string, stderr io.Writer) (ctx context.Context, stop func()) {
	ending, ignored := []os.Signal{os.Interrupt, syscall.SIGTERM}, []os.Signal{syscall.SIGPIPE}
	if !signal.Ignored(syscall.SIGHUP) {
		ending = append(ending, syscall.SIGHUP)
	}
	unread := make(chan os.Signal, 1) // unlike with signal.Ignore, programs that we start are not told to ignore them
	signal.Notify(unread, ignored...)
	ctx, cancel := context.WithCancel(context.Background())
	came, done := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(came, ending...)
	go func() {
		select {
		case <-came:
			cancel()
		case <-done:
			return
		}
		for {
			select {
			case again := <-came:
				if again == syscall.SIGHUP {
					continue
				}
				fmt.Fprintln(stderr, "lastseat: ended at once by the second interrupt"+left(args))
				os.Exit(suite.ExitInterrupted)
			case <-done:
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(came)
		signal.Stop(unread)
		close(done)
		cancel()
	}
}

// left says what a command may leave that is ended at once. Those that read files alone leave nothing.
func left(args []string) string {
	if len(args) > 0 && slices.Contains([]string{"check", "verify", "compare", "report", "list", "explain"}, args[0]) {
		return ""
	}
	return ": what it made on a server of yours is left; lastseat clean finds it"
}
