package engine

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

// PanicError is what Run's error matches where code that it called (a Target, a Workload, a Checker) panicked: the row ends, and
// other rows still run.
type PanicError struct {
	In    string // client 3; the row
	Value any    // what it panicked with
	At    string // file:line; empty: its goroutine was ended without a panic
	Stack []byte
}

func (e *PanicError) Error() string {
	at := ""
	if e.At != "" {
		at = " (" + e.At + ")"
	}
	return fmt.Sprintf("%s panicked: %v%s\n%s", e.In, e.Value, at, e.Stack)
}

// panicLine is the line that panicked. Called by the deferred function that recovers.
func panicLine() string {
	const most = 16 // frames of the runtime, between what recovers and what panicked
	pcs := make([]uintptr, most)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	for panicking := false; ; {
		f, more := frames.Next()
		if panicking && !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
		panicking = panicking || f.Function == "runtime.gopanic"
		if !more {
			return ""
		}
	}
}

// errExited is the value of a PanicError whose goroutine was ended without a panic.
var errExited = errors.New("its goroutine was ended (t.Fatal, t.FailNow, t.Skip and runtime.Goexit are for the test's own: return an error instead)")

// guard calls do, and hands failed what it panicked with. It is deferred work's only way out of a goroutine that do ends.
func guard(in string, do func(), failed func(error)) {
	returned := false
	defer func() {
		if returned {
			return
		}
		v, at := recover(), ""
		if p, known := v.(*PanicError); known {
			failed(p)
			return
		}
		if v == nil {
			v = errExited
		} else {
			at = panicLine()
		}
		failed(&PanicError{In: in, Value: v, At: at, Stack: debug.Stack()})
	}()
	do()
	returned = true
}
