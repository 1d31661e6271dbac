package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// untilSignal is a context that the first signal to end ends; a second one ends the program at once. Whoever started the program
// under nohup wants no hangup to end it.
//
// A terminal that is closed says so twice, by its shell and by itself, and takes along whoever reads our output: neither cuts short a
// run that ends in order. So of SIGHUP only the first counts, and a write that nobody reads is an error, not the end.
func untilSignal(parent context.Context) (context.Context, context.CancelFunc) {
	ending, ignored := []os.Signal{os.Interrupt, syscall.SIGTERM}, []os.Signal{syscall.SIGPIPE}
	if !signal.Ignored(syscall.SIGHUP) {
		ending, ignored = append(ending, syscall.SIGHUP), append(ignored, syscall.SIGHUP)
	}
	unread := make(chan os.Signal, 1) // unlike with signal.Ignore, programs that we start are not told to ignore them
	signal.Notify(unread, ignored...)
	ctx, stop := signal.NotifyContext(parent, ending...)
	context.AfterFunc(ctx, stop)
	return ctx, func() {
		stop()
		signal.Stop(unread)
	}
}
