package history

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// source is the bytes of a history, which can be read twice: once in the quick way, and from the start again where that does not
// fit or meets something wrong. Files are sought. What cannot be, a pipe, is kept on the way: a little of it in memory, more in a
// temporary file.
type source struct {
	from       io.Reader
	seek       io.Seeker // nil: it cannot be sought
	start      int64     // where it begins
	read, size int64     // size is 0 where it is not known
	told       func(read, size int64)
	ended      func() error // why reading is given up; nil: it is not

	keeping bool
	head    []byte   // what was kept first
	file    *os.File // and what came then; nil: nothing
	err     error    // it could not be kept
}

// maxHead is how much of a pipe is kept in memory, in bytes.
const maxHead = 1 << 20

func newSource(ctx context.Context, from io.Reader, told func(read, size int64)) *source {
	s := &source{from: from, ended: ctx.Err, told: told}
	if seek, ok := from.(io.Seeker); ok {
		at, err := seek.Seek(0, io.SeekCurrent)
		end, endErr := seek.Seek(0, io.SeekEnd)
		_, backErr := seek.Seek(at, io.SeekStart)
		if errors.Join(err, endErr, backErr) == nil {
			s.seek, s.start, s.size = seek, at, end-at
		}
	}
	s.keeping = s.seek == nil
	return s
}

func (s *source) Read(b []byte) (int, error) {
	if err := s.ended(); err != nil {
		return 0, err
	}
	n, err := s.from.Read(b)
	if s.keeping {
		s.keep(b[:n])
	}
	if s.read += int64(n); s.told != nil {
		s.told(s.read, s.size)
	}
	return n, err
}

func (s *source) keep(b []byte) {
	if s.file == nil && len(s.head)+len(b) <= maxHead {
		s.head = append(s.head, b...)
		return
	}
	if s.file == nil && s.err == nil {
		s.file, s.err = os.CreateTemp("", "lastseat-history-*")
	}
	if s.err == nil {
		_, s.err = s.file.Write(b)
	}
}

// again lets the next Read begin at the start, for the last time.
func (s *source) again() error {
	s.read = 0
	if s.seek != nil {
		_, err := s.seek.Seek(s.start, io.SeekStart)
		return err
	}
	s.keeping = false
	if s.file != nil && s.err == nil {
		_, s.err = s.file.Seek(0, io.SeekStart)
	}
	if s.err != nil {
		return fmt.Errorf("it comes through a pipe, and a copy of it cannot be kept: %w", s.err)
	}
	if s.file == nil {
		s.from = io.MultiReader(bytes.NewReader(s.head), s.from)
	} else {
		s.from = io.MultiReader(bytes.NewReader(s.head), s.file, s.from)
	}
	return nil
}

func (s *source) close() {
	if s.file != nil {
		_ = s.file.Close() // nobody needs it any more
		_ = os.Remove(s.file.Name())
	}
}
