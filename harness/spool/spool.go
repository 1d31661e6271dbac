// Package spool holds what is too large for memory: slices that lie in a temporary file which the system maps into memory, writes to
// the disk and reads back as it has room, and how they are sorted there. A row of many minutes keeps its history there, and is judged from there, as one in memory is.
//
// A newcomer starts at Spool. Only types without pointers may lie in a file: the garbage collector does not look there.
package spool

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
	"unsafe"
)

// Spool is the memory of one row, or of one check of it: so many bytes are kept in memory, what comes after in a file. The file has
// no name from its first moment on, so that it is gone with the process, however that ends. A nil *Spool keeps all in memory. It may be
// used by many goroutines at once.
type Spool struct {
	folder string
	after  int64

	mu     sync.Mutex
	kept   int64   // bytes that were given of memory
	file   *file   // nil: none was needed yet
	room   []byte  // the rest of the segment of the file that is given out
	at     int64   // where room lies in the file
	lists  []*file // of Lists
	broken error   // the first error of a file: nothing goes to any more
}

// New is a spool that keeps so many bytes in memory before it uses a file in the folder; nil where this system has no such files.
func New(folder string, after int64) *Spool {
	if !Supported {
		return nil
	}
	return &Spool{folder: folder, after: after}
}

// ErrSpool is what errors of the file match.
var ErrSpool = errors.New("the history outgrew memory and could not be kept on disk")

// Err is the first error of the file, an *os.PathError in it; nil: there was none.
func (s *Spool) Err() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken
}

// Spills reports whether memory is used up: what comes goes to the file.
func (s *Spool) Spills() bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept > s.after
}

// Scratch is a spool for what is needed for a while, to be closed after that: nil where s has room in memory.
func (s *Spool) Scratch() *Spool {
	if !s.Spills() {
		return nil
	}
	return &Spool{folder: s.folder, after: -1}
}

// Close gives the files back. No slice that lies in it may be looked at after that.
func (s *Spool) Close() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.lists
	if s.file != nil {
		all = append(all, s.file)
	}
	s.file, s.lists, s.room = nil, nil, nil
	s.broken = errors.Join(s.broken, fmt.Errorf("%w: it is closed", ErrSpool))
	var errs []error
	for _, f := range all {
		errs = append(errs, f.close())
	}
	return errors.Join(errs...)
}

// segment is by how much the file grows: one mapping each, of which a process may have some 65,000.
const segment = 16 << 20

// outgrown counts bytes as kept in memory, and reports whether they have no room there.
func (s *Spool) outgrown(size int64) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept += size
	return s.kept > s.after
}

// reach makes a list's file as long as it must be. There is none before it is needed.
func (s *Spool) reach(f **file, size int64) (err error) {
	if *f == nil {
		if *f, err = open(s.folder); err != nil {
			return err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lists = append(s.lists, *f)
	}
	if lacks := size - (*f).size; lacks > 0 {
		return (*f).extend(max(lacks, segment))
	}
	return nil
}

// take gives a piece of the file, or counts the bytes as kept in memory: nil.
func (s *Spool) take(size int64) (piece []byte, at int64, f *file, err error) {
	const align = 64
	size = (size + align - 1) / align * align
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept += size; s.kept <= s.after {
		return nil, 0, nil, nil
	}
	if s.broken != nil {
		return nil, 0, nil, s.broken
	}
	if int64(len(s.room)) < size {
		if err := s.grow(max(size, segment)); err != nil {
			s.broken = fmt.Errorf("%w: %w", ErrSpool, err)
			return nil, 0, nil, s.broken
		}
	}
	piece, at = s.room[:size:size], s.at
	s.room, s.at = s.room[size:], s.at+size
	return piece, at, s.file, nil
}

func (s *Spool) grow(by int64) (err error) {
	if s.file == nil {
		if s.file, err = open(s.folder); err != nil {
			return err
		}
	}
	s.at = s.file.size
	s.room, err = s.file.grow(by)
	return err
}

// Keep takes in a slice that is full: it answers where the values are from now on, and, if they went to the file, the slice as a spare.
// Where the file fails they stay where they are, and Err says why.
func Keep[T any](s *Spool, full []T) (kept, spare []T) {
	if s == nil || len(full) == 0 {
		return full, nil
	}
	bytes := bytesOf(full)
	piece, at, f, err := s.take(int64(len(bytes)))
	if piece == nil || err != nil {
		return full, nil
	}
	// Written, not copied: pages that the process never touched do not count as its memory.
	if err := f.writeAt(bytes, at); err != nil {
		s.fails(err)
		return full, nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(piece))), len(full)), full[:0]
}

// fails notes that a file does.
func (s *Spool) fails(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = cmp.Or(s.broken, fmt.Errorf("%w: %w", ErrSpool, err))
}

func bytesOf[T any](all []T) []byte {
	var zero T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(all))), len(all)*int(unsafe.Sizeof(zero)))
}

// fault is what Make and Append panic with where the file fails.
type fault struct{ err error }

// End ends, with an error, the function that Catch runs.
func End(err error) { panic(fault{err}) }

// Catch runs f, and answers the error of a file that Make or Append met in it, or that of End.
func Catch(f func()) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case fault:
			err = p.err
		default:
			panic(p)
		}
	}()
	f()
	return nil
}

// Make is make([]T, length, capacity) out of the spool. Where the file fails it panics: see Catch.
func Make[T any](s *Spool, length, capacity int) []T {
	all := given[T](s, length, capacity)
	if !s.Spills() {
		Populate(all)
	}
	return all
}

// given is Make without asking for all the memory at once.
func given[T any](s *Spool, length, capacity int) []T {
	if s == nil || capacity == 0 {
		return make([]T, length, capacity)
	}
	var zero T
	piece, _, _, err := s.take(int64(capacity) * int64(unsafe.Sizeof(zero)))
	if err != nil {
		panic(fault{err})
	}
	if piece == nil {
		return make([]T, length, capacity)
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(piece))), capacity)[:length]
}

// Append is append(to, v) out of the spool. Where the file fails it panics: see Catch.
func Append[T any](s *Spool, to []T, v T) []T {
	if s == nil || len(to) < cap(to) {
		return append(to, v)
	}
	return append(grown(s, to), v)
}

// grown is the slice with as much room again.
func grown[T any](s *Spool, to []T) []T {
	const least = 16
	larger := given[T](s, len(to), max(least, 2*len(to)))
	copy(larger, to)
	return larger
}
