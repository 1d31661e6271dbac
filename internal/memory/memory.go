// Package memory prepares the heap for a command that judges histories: how often it is collected. A newcomer starts at For.
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

// For has garbage collected rarely while the heap is small, and often once it is large, until undo is called.
func For() (undo func()) {
	before := debug.SetGCPercent(often)
	unused := make([]byte, floor*100/(100+often)) // counts as heap, but takes no memory, as nobody writes to it
	return func() {
		runtime.KeepAlive(unused)
		debug.SetGCPercent(before)
	}
}
