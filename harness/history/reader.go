package history

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/lastseat/lastseat/harness"
)

// File is a history file that was read.
type File struct {
	Header  Header
	History *harness.History
	// Incomplete says, in words, that the file lacks its end because its run died or goes on; empty: it is whole. The history
	// then has no final state and no journal, since half a journal would accuse the store of having lost the other half.
	Incomplete string
}

// Error says where a file is not a history.
type Error struct {
	File string
	Line int // from 1, once decompressed
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: line %d: %v", e.File, e.Line, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// Open reads a file, compressed or not, whatever its name.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	return Read(f, path)
}

// Read reads a history, compressed or not; name stands for it in errors. Whatever the bytes, it returns the history that they
// are or an *Error: what is not as docs/history.md has it is never guessed at. Only at its end may a history be cut off: see
// File.Incomplete.
func Read(from io.Reader, name string) (*File, error) {
	r, _, closing, err := unpack(from)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer closing()
	return readLines(r, name)
}

func readLines(from io.Reader, name string) (*File, error) {
	lines := bufio.NewReaderSize(from, 64<<10)
	first, err := firstLine(lines)
	if err != nil {
		return nil, &Error{name, 1, err}
	}
	r := &reader{logs: map[int32]*harness.Log{}, numbers: map[string]uint8{}}
	if r.header, err = readHeader(first); err != nil {
		return nil, &Error{name, 1, err}
	}
	n, cut, err := r.rows(lines, 1)
	if err != nil {
		return nil, &Error{name, n + 1, err}
	}
	f := &File{Header: r.header, History: r.history()}
	switch {
	case cut:
		f.Incomplete = fmt.Sprintf("line %d is cut off: the run died or goes on", n+1)
	case r.final == nil:
		f.Incomplete = fmt.Sprintf("the final state is missing after line %d: the run died or goes on", n)
	}
	return f, nil
}

// firstLine reads the header's line, which may end with the file.
func firstLine(lines *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := lines.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) >= maxLine:
			return nil, fmt.Errorf("expected a line of less than %d bytes", maxLine)
		case err == nil:
			return line, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case !isCut(err) && !errors.Is(err, io.EOF):
			return nil, err
		case json.Valid(line):
			return line, nil
		default:
			return nil, errors.New("expected a history's header: the file is empty, or cut off within it")
		}
	}
}

// isCut reports whether reading ended with the file, or with a compressed file that lacks a part.
func isCut(err error) bool { return err == nil || errors.Is(err, io.ErrUnexpectedEOF) }
