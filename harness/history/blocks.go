package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"github.com/lastseat/lastseat/harness"
)

// blockSize is how much of a file is read at a time, in bytes.
const blockSize = 1 << 20

// block is a part of a file: whole lines, and what they say.
type block struct {
	data     []byte
	rows     []row
	accesses []harness.Access // of the rows
	entries  []harness.Entry  // of the rows
	records  []harness.Record // of the rows
	touched  []uint32         // of the rows
	err      error            // of the line after rows
	read     chan struct{}    // closed once rows are there
}

// rows reads all lines behind the header, whose number is n, and adds what they say. Lines are read by several goroutines, a block each,
// and added in their order. It returns how many lines were right, and whether the last one is cut off.
func (r *reader) rows(from io.Reader, n int) (lines int, cut bool, err error) {
	in := blocks{from: from, cells: len(r.header.Start.Values)}
	in.start()
	defer in.stop()
	for b := range in.inOrder {
		<-b.read
		for i := range b.rows {
			right, err := r.add(&b.rows[i])
			if n += right; err != nil {
				return n, false, err
			}
		}
		if b.err != nil {
			return n, false, r.wrong(b.err)
		}
		in.give(b)
	}
	// What is left is no whole line. Half an object is no JSON, so a last line that is any is whole.
	if len(in.rest) >= maxLine {
		return n, false, fmt.Errorf("expected a line of less than %d bytes", maxLine)
	}
	if len(in.rest) > 0 {
		if cut = r.final == nil && !json.Valid(in.rest); cut || !isCut(in.err) {
			return n, cut && isCut(in.err), notCut(in.err)
		}
		last := lineReader{cells: in.cells, names: map[string]string{}}
		line, err := last.read(in.rest)
		if err == nil {
			_, err = r.add(&line)
		}
		if err != nil {
			return n, false, r.wrong(err)
		}
		n++
	}
	return n, false, notCut(in.err)
}

// wrong is what to say of a line that is wrong: behind the final state none is right.
func (r *reader) wrong(err error) error {
	if r.final != nil {
		return errMore
	}
	return err
}

// notCut is the error with which reading ended, unless the file ended.
func notCut(err error) error {
	if isCut(err) {
		return nil
	}
	return err
}

// blocks reads a file in blocks of whole lines.
type blocks struct {
	from  io.Reader
	cells int
	size  int // of the block that was read last

	inOrder chan *block // as they are in the file
	rest    []byte      // once inOrder is closed: what is behind the last end of a line
	err     error       // and what ended the file, nil if it was the end

	work chan *block
	free chan *block
	quit chan struct{}
	wg   sync.WaitGroup
}

func (in *blocks) start() {
	workers := runtime.GOMAXPROCS(0)
	in.inOrder, in.work = make(chan *block, 2*workers), make(chan *block, 2*workers)
	in.free, in.quit = make(chan *block, 4*workers), make(chan struct{})
	in.wg.Go(in.divide)
	for range workers {
		in.wg.Go(func() {
			r := lineReader{cells: in.cells, names: map[string]string{}}
			for b := range in.work {
				b.readLines(&r)
			}
		})
	}
}

// stop ends reading, wherever it is.
func (in *blocks) stop() {
	close(in.quit)
	in.wg.Wait()
}

// give takes a block back to be used again.
func (in *blocks) give(b *block) {
	select {
	case in.free <- b:
	default:
	}
}

// divide reads blocks and hands them out.
func (in *blocks) divide() {
	defer close(in.inOrder)
	defer close(in.work)
	for in.err == nil {
		var b *block
		select {
		case b = <-in.free:
		default:
			b = &block{}
		}
		b.read, b.err = make(chan struct{}), nil
		b.data = append(b.data[:0], in.rest...)
		in.fill(b)
		end := bytes.LastIndexByte(b.data, '\n') + 1
		in.rest = append(in.rest[:0], b.data[end:]...)
		if b.data = b.data[:end]; end == 0 {
			if len(in.rest) >= maxLine {
				return
			}
			in.give(b)
			continue
		}
		select {
		case in.inOrder <- b:
		case <-in.quit:
			return
		}
		select {
		case in.work <- b:
		case <-in.quit:
			close(b.read)
			return
		}
	}
	if errors.Is(in.err, io.EOF) {
		in.err = nil
	}
}

// fill reads another size bytes, or to the end. The size grows up to blockSize: a small file needs little memory.
func (in *blocks) fill(b *block) {
	have := len(b.data)
	in.size = min(max(2*in.size, 16<<10), blockSize)
	if cap(b.data) < have+in.size+padding {
		b.data = append(make([]byte, 0, have+in.size+padding), b.data...)
	}
	n, err := io.ReadFull(in.from, b.data[have:have+in.size])
	b.data = b.data[:have+n]
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF) && n < in.size:
		in.err = io.EOF
	default:
		in.err = err
	}
}

// readLines reads the block's lines up to the first that is wrong.
func (b *block) readLines(r *lineReader) {
	defer close(b.read)
	b.rows = b.rows[:0]
	r.accesses, r.entries, r.records, r.touched = b.accesses[:0], b.entries[:0], b.records[:0], b.touched[:0]
	for data := b.data; len(data) > 0; {
		line, size, err := r.next(data)
		if err != nil {
			b.err = err
			break
		}
		b.rows = append(b.rows, line)
		data = data[size:]
	}
	b.accesses, b.entries, b.records, b.touched = r.accesses, r.entries, r.records, r.touched
}
