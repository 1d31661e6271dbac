package spool

import (
	"sync"
	"unsafe"
)

// List is one slice that many goroutines fill, a page each at a time. What does not stay in the spool's memory lies in a file of its own, page after
// page as they came: it is one slice without being copied.
type List[T any] struct {
	in *Spool

	mu    sync.Mutex
	pages [][]T // in memory
	file  *file // nil: none was needed yet
	n     int   // how many are in the file
}

// NewList is an empty list; that of no spool stays in memory.
func NewList[T any](in *Spool) *List[T] { return &List[T]{in: in} }

// Add takes in a page. If it went to the file, it answers the slice as a spare. Where the file fails the page stays in memory, and Spool.Err says why.
func (l *List[T]) Add(page []T) (spare []T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.in.outgrown(int64(len(bytesOf(page)))) || l.in.Err() != nil || !l.write(page) {
		l.pages = append(l.pages, page)
		return nil
	}
	l.n += len(page)
	return page[:0]
}

// write puts a page behind what the file has, and reports whether that went well.
func (l *List[T]) write(page []T) bool {
	bytes := bytesOf(page)
	var zero T
	at := int64(l.n) * int64(unsafe.Sizeof(zero))
	err := l.in.reach(&l.file, at+int64(len(bytes)))
	if err == nil {
		err = l.file.writeAt(bytes, at)
	}
	if err != nil {
		l.in.fails(err)
	}
	return err == nil
}

// All is the list, and the rest behind it, until somebody adds to it. Where the file fails it panics: see Catch.
func (l *List[T]) All(rest ...[]T) []T {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		return l.inFile(rest)
	}
	n := 0
	for _, pages := range [][][]T{l.pages, rest} {
		for _, p := range pages {
			n += len(p)
		}
	}
	all := Make[T](l.in, 0, n)
	for _, pages := range [][][]T{l.pages, rest} {
		for _, p := range pages {
			all = append(all, p...)
		}
	}
	return all
}

// inFile is All of a list that has a file: what is in memory goes there too.
func (l *List[T]) inFile(rest [][]T) []T {
	put := func(page []T) {
		if !l.write(page) {
			End(l.in.Err())
		}
		l.n += len(page)
	}
	for _, p := range l.pages {
		put(p)
	}
	l.pages = nil
	own := l.n
	for _, p := range rest {
		put(p)
	}
	n := l.n
	l.n = own
	all, err := l.file.view(0, l.file.size)
	if err != nil {
		l.in.fails(err)
		End(l.in.Err())
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(all))), n)
}
