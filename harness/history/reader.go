package history

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"

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

// zstdMagic begins a zstd frame (RFC 8878, section 3.1.1).
var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

// maxWindow is the most memory that a zstd frame may ask for, the same as for the zstd program without --long.
const maxWindow = 128 << 20

// Read reads a history, compressed or not; name stands for it in errors. Whatever the bytes, it returns the history that they
// are or an *Error: what is not as docs/history.md has it is never guessed at. Only at its end may a history be cut off: see
// File.Incomplete.
func Read(from io.Reader, name string) (*File, error) {
	br := bufio.NewReader(from)
	if magic, _ := br.Peek(len(zstdMagic)); !bytes.Equal(magic, zstdMagic) {
		return readLines(br, name)
	}
	dec, err := zstd.NewReader(br, zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer dec.Close()
	return readLines(dec, name)
}

func readLines(from io.Reader, name string) (*File, error) {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	lines.Split(splitLine)
	r := &reader{logs: map[int32]*harness.Log{}, numbers: map[string]uint8{}}
	n, cut := 0, false
	for lines.Scan() {
		line := lines.Bytes()
		if line[len(line)-1] != '\n' {
			// Half an object is no JSON, so a last line that is any is whole.
			cut = r.final == nil && !json.Valid(line)
			if cut || !isCut(lines.Err()) {
				break
			}
		}
		n++
		if err := r.read(line, n == 1); err != nil {
			return nil, &Error{name, n, err}
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, &Error{name, n + 1, fmt.Errorf("expected a line of less than %d bytes", maxLine)}
	case !isCut(err):
		return nil, &Error{name, n + 1, err}
	case n == 0:
		return nil, &Error{name, 1, errors.New("expected a history's header: the file is empty, or cut off within it")}
	}
	f := &File{Header: r.header, History: r.history()}
	switch {
	case cut:
		f.Incomplete = fmt.Sprintf("line %d is cut off: the run died or goes on", n+1)
	case r.final == nil:
		f.Incomplete = fmt.Sprintf("there is no final state after line %d: the run died or goes on", n)
	}
	return f, nil
}

// isCut reports whether reading ended with the file, or with a compressed file that lacks a part.
func isCut(err error) bool { return err == nil || errors.Is(err, io.ErrUnexpectedEOF) }

// splitLine is a bufio.SplitFunc for lines with their ends: a last line without one may be cut off.
func splitLine(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i+1], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}
