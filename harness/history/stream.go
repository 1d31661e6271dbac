package history

import (
	"bytes"
	"io"
	"runtime"
	"slices"
	"sync"
)

// stream divides a file into pieces.
type stream struct {
	from io.Reader
	in   notation
	may  may
	size int  // of a piece, about
	end  byte // the bracket that closes the whole, or 0

	whole func() int64 // how many bytes there may be in all, once the first piece was read

	inOrder chan *piece // as they are in the file
	failed  bool        // once inOrder is closed: reading went wrong, or a line is too long

	work chan *piece
	free chan *txnReader
	quit chan struct{}
	wg   sync.WaitGroup
}

// piece is a part of a file, and what it says.
type piece struct {
	r      *txnReader
	whole  int64 // of the first one: how many bytes there may be in all
	failed bool
	done   chan struct{}
}

func (s *stream) start() {
	workers := runtime.GOMAXPROCS(0)
	s.inOrder, s.work, s.quit = make(chan *piece, 2*workers), make(chan *piece, 2*workers), make(chan struct{})
	s.free = make(chan *txnReader, 4*workers)
	s.wg.Go(s.divide)
	for range workers {
		s.wg.Go(func() {
			for p := range s.work {
				if p.failed = parse(p.r.piece) != nil; !p.failed {
					p.r.fold()
				}
				close(p.done)
			}
		})
	}
}

// stop ends reading, wherever it is.
func (s *stream) stop() {
	close(s.quit)
	s.wg.Wait()
}

// give takes a reader back, to be used again with the memory that it has.
func (s *stream) give(r *txnReader) {
	select {
	case s.free <- r:
	default:
	}
}

// take is a reader of nothing yet.
func (s *stream) take() *txnReader {
	select {
	case r := <-s.free:
		t := r.out
		again := newTxnReader(r.data[:0], s.in, s.may)
		again.out.Outcome, again.out.Process = t.Outcome[:0], t.Process[:0]
		again.out.Invoke, again.out.Complete = t.Invoke[:0], t.Complete[:0]
		again.places, again.spare = r.places[:0], r.spare
		again.out.First, again.out.Ops, again.out.Elements = t.First[:1], t.Ops[:0], t.Elements[:0]
		return again
	default:
		return newTxnReader(nil, s.in, s.may)
	}
}

// divide reads pieces that end before a line which begins with an operation, and hands them out.
func (s *stream) divide() {
	defer close(s.inOrder)
	defer close(s.work)
	var rest []byte
	for first := true; ; {
		r := s.take()
		need := max(2*len(rest), len(rest)+s.size)
		data := slices.Grow(r.data, need)[:need]
		copy(data, rest)
		n, err := io.ReadFull(s.from, data[len(rest):])
		data = data[:len(rest)+n]
		atEnd := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !atEnd || len(data) > maxLine {
			s.failed = true
			return
		}
		cut := len(data)
		if !atEnd {
			cut = lastOperation(data)
		}
		rest = append(rest[:0], data[cut:]...)
		if cut > 0 {
			r.data = data[:cut]
			p := &piece{r: r, done: make(chan struct{})}
			if first {
				if parse(func() { s.open(p.r) }) != nil {
					s.failed = true
					return
				}
				p.whole, first = s.whole(), false
			}
			p.r.end = s.end
			if !s.hand(p) {
				return
			}
		}
		if atEnd {
			return
		}
	}
}

// open goes past the bracket that opens the whole, if there is one.
func (s *stream) open(r *txnReader) {
	if c := r.peek(); c == '[' || c == '(' && s.in == edn {
		s.end = closing(c)
		r.at++
	}
}

func (s *stream) hand(p *piece) bool {
	select {
	case s.inOrder <- p:
	case <-s.quit:
		return false
	}
	select {
	case s.work <- p:
		return true
	case <-s.quit:
		p.failed = true
		close(p.done)
		return false
	}
}

// lastOperation is where the last line begins that begins with an operation's map; 0 if that is the first one.
func lastOperation(data []byte) int {
	for end := len(data); ; {
		i := bytes.LastIndexByte(data[:end], '\n')
		if i < 0 {
			return 0
		}
		if i+1 < len(data) && (data[i+1] == '{' || data[i+1] == '#' || data[i+1] == ' ' && i+2 < len(data) && data[i+2] == '{') {
			return i + 1
		}
		end = i
	}
}
