// Package memory prepares the heap for a command that judges histories: how often it is collected, and in what pages it lies. A newcomer starts at
// For.
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
	// times is how much memory a history of transactions takes, by the size of its text, about.
	times = 2
	// most is how much memory is prepared at most.
	most = 16 << 30
)

// For has garbage collected rarely while the heap is small, and often once it is large, until undo is called. text is how many bytes of text the
// largest history has: where it is large, its memory comes in huge pages, as far as the system gives them to those who ask.
func For(text int64) (undo func()) {
	if text > floor && onRequest() {
		prepare(min(times*text, most))
	}
	before := debug.SetGCPercent(often)
	unused := make([]byte, floor*100/(100+often)) // counts as heap, but takes no memory, as nobody writes to it
	return func() {
		runtime.KeepAlive(unused)
		debug.SetGCPercent(before)
	}
}

// prepare has so much of the heap lie in huge pages, once it is used. Nobody writes to it here, so it takes no memory.
func prepare(size int64) {
	const part = 64 << 20 // as much as the runtime asks the system for at once
	before := debug.SetGCPercent(-1)
	var parts [][]byte
	for ; size > 0; size -= part {
		b := make([]byte, part)
		advise(b)
		parts = append(parts, b)
	}
	runtime.KeepAlive(parts)
	runtime.GC() // what is allocated from now on finds it free
	debug.SetGCPercent(before)
}
