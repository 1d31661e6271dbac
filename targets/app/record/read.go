package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/lastseat/lastseat/targets/app/database"
)

// Recording is what a file holds.
type Recording struct {
	Header  Line
	Lines   []Line // statements and resets, in the order of their answers
	Catalog *database.Catalog
	// Cut: the last line is not whole, as after a kill.
	Cut bool
}

// longest is how long a line may be: statements of 64 MiB are recorded whole.
const longest = 256 << 20

// Is reports whether a text begins as a recording does.
func Is(text []byte) bool {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	var l Line
	return json.Unmarshal(first, &l) == nil && l.Kind == Header
}

// Read reads a recording. A last line that is not whole is left out, and Cut; any other mistake is an error.
func Read(from io.Reader) (*Recording, error) {
	in := bufio.NewReader(from)
	r := &Recording{}
	tables := &database.Catalog{}
	for n := 1; ; n++ {
		text, err := line(in)
		whole := err == nil
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if len(bytes.TrimSpace(text)) > 0 {
			var l Line
			switch err := json.Unmarshal(text, &l); {
			case err != nil && n > 1 && last(in):
				r.Cut = true
			case n == 1 && (err != nil || l.Kind != Header):
				return nil, errors.New("this is no recording: lastseat proxy --record FILE makes one")
			case err != nil:
				return nil, fmt.Errorf("line %d is not one of a recording: %w", n, err)
			case n == 1 && l.Version != Version:
				return nil, fmt.Errorf("the recording has version %d, and this lastseat reads version %d", l.Version, Version)
			case n == 1:
				r.Header = l
			case l.Kind == Catalog:
				tables = l.merge(tables)
			case l.Kind == Statement || l.Kind == Reset:
				r.Lines = append(r.Lines, l)
			}
		} else if n == 1 {
			return nil, errors.New("the file is empty, and no recording")
		}
		if !whole {
			r.Catalog = tables
			return r, nil
		}
	}
}

// last reports whether nothing more comes.
func last(in *bufio.Reader) bool {
	_, err := in.Peek(1)
	return errors.Is(err, io.EOF)
}

// line is the next line; io.EOF: it has no end.
func line(in *bufio.Reader) (text []byte, err error) {
	for {
		part, err := in.ReadSlice('\n')
		text = append(text, part...)
		if len(text) > longest {
			return nil, fmt.Errorf("it is longer than %d bytes", longest)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, err
		}
	}
}

// merge is what tables there were, now or before: statements of before are read too.
func (l *Line) merge(before *database.Catalog) *database.Catalog {
	if l.Tables == nil {
		return before
	}
	all := *l.Tables
	now := map[string]bool{}
	for _, t := range all.Tables {
		now[t.Name] = true
	}
	for _, t := range before.Tables {
		if !now[t.Name] {
			all.Tables = append(all.Tables, t)
		}
	}
	return &all
}
