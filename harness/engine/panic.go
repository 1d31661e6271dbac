package engine

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// PanicError is what Run's error matches where code that it called (a Target, a Workload, a Checker) panicked: the row ends, and
// other rows still run.
type PanicError struct {
	In    string // client 3; the row
	Value any    // what it panicked with
	Stack []byte
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("%s panicked: %v\n%s", e.In, e.Value, e.Stack)
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
		v := recover()
		if v == nil {
			v = errExited
		}
		failed(&PanicError{In: in, Value: v, Stack: debug.Stack()})
	}()
	do()
	returned = true
}
