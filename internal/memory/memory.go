// Package memory says how often a command that judges histories collects garbage. A newcomer starts at Collect.
package memory

import (
	"runtime"
	"runtime/debug"
)

const (
	// often is how much the heap may grow before it is collected, in percent. A large history is a few slices without pointers: to
	// collect often costs nothing, and keeps ten million transactions within what a small machine has.
	often = 40
	// floor is below what size the heap is not collected, about. Many small histories would be collected before each is judged.
	floor = 64 << 20
)

// Collect has garbage collected rarely while the heap is small, and often once it is large, until undo is called.
func Collect() (undo func()) {
	before := debug.SetGCPercent(often)
	unused := make([]byte, floor*100/(100+often)) // counts as heap, but takes no memory, as nobody writes to it
	return func() {
		runtime.KeepAlive(unused)
		debug.SetGCPercent(before)
	}
}
