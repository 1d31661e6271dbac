package record

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/app/statement"
	"github.com/lastseat/lastseat/targets/wire"
)

// Options say what is recorded.
type Options struct {
	Header     Line
	Protocol   wire.Protocol
	Parameters bool // values are kept
	// Catalog reads what tables there are. It is called by one goroutine, whenever statements have changed that.
	Catalog func(context.Context) (*database.Catalog, error)
}

// Recorder is a proxy.Watcher that writes down what passes. It holds nothing, and nobody waits for the file.
type Recorder struct {
	opt  Options
	out  *bufio.Writer
	done chan struct{}

	mu      sync.Mutex
	waiting []*Line
	came    map[*proxy.Batch]time.Time
	wake    *sync.Cond
	closed  bool
	err     error // of writing
	lines   int
}

// New begins a recording. The caller must Close it, once the proxy is closed.
func New(ctx context.Context, to io.Writer, opt *Options) *Recorder {
	r := &Recorder{opt: *opt, out: bufio.NewWriter(to), done: make(chan struct{}), came: map[*proxy.Batch]time.Time{}}
	r.wake = sync.NewCond(&r.mu)
	h := &r.opt.Header
	h.Kind, h.Version, h.Parameters, h.Time = Header, Version, opt.Parameters, time.Now()
	r.put(h)
	go r.write(context.WithoutCancel(ctx))
	return r
}

// Arrived implements proxy.Watcher.
func (r *Recorder) Arrived(b *proxy.Batch) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.came[b] = time.Now()
	return nil
}

// Answered implements proxy.Watcher.
func (r *Recorder) Answered(b *proxy.Batch) {
	r.mu.Lock()
	came := cmp.Or(r.came[b], b.Sent)
	delete(r.came, b)
	r.mu.Unlock()
	inside := b.Inside
	for _, q := range b.Requests {
		line := &Line{Kind: Statement, Time: came, Connection: b.Conn.Number, Inside: inside, Lost: b.Lost, Cut: q.Cut, Took: float64(time.Since(came).Microseconds()) / 1000}
		switch q.Kind {
		case wire.Query, wire.Execute:
			r.texts(line, q)
		case wire.Reset, wire.ChangeUser:
			line.Kind = Reset
		default:
			continue
		}
		line.answered(b, q.ID)
		inside = line.State != wire.Idle.String()
		r.put(line)
	}
}

// texts are the statement and its parameters, or what may be seen of them.
func (r *Recorder) texts(line *Line, q *wire.Request) {
	if !r.opt.Parameters {
		line.SQL = r.opt.Protocol.Mask(q.SQL)
		return
	}
	line.SQL = q.SQL
	for _, v := range q.Params {
		if v.Null {
			line.Params = append(line.Params, nil)
		} else {
			line.Params = append(line.Params, &v.Text)
		}
	}
}

// answered takes in what a request was answered.
func (l *Line) answered(b *proxy.Batch, id int64) {
	l.State = wire.Idle.String()
	for _, a := range b.Answers {
		if a.To != id {
			continue
		}
		l.State = a.State.String()
		l.Rows += a.Count
		l.Affected += max(a.Affected, 0)
		if a.Error != nil && l.Error == "" {
			if l.Error = a.Error.Code; a.Error.Number != 0 {
				l.Error = strconv.Itoa(a.Error.Number)
			}
		}
	}
}

func (r *Recorder) put(l *Line) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = append(r.waiting, l)
	r.wake.Signal()
}

// write writes lines, until Close.
func (r *Recorder) write(ctx context.Context) {
	defer close(r.done)
	changes := map[int]bool{} // connections with a change of tables that is not committed
	changed := false
	for lines, more := r.next(); len(lines) > 0 || more; lines, more = r.next() {
		for _, l := range lines {
			if statement.ChangesTables(r.opt.Protocol, l.SQL) {
				changes[l.Connection], changed = true, true
			} else if changed && len(changes) == 0 {
				changed = false
				r.line(r.catalog(ctx, l.Time))
			}
			if l.State != wire.Inside.String() {
				delete(changes, l.Connection)
			}
			r.line(l)
		}
		r.failed(r.out.Flush())
	}
	r.line(r.catalog(ctx, time.Now()))
	r.failed(r.out.Flush())
}

// catalog is a line with the tables that there are; one with an error has none.
func (r *Recorder) catalog(ctx context.Context, at time.Time) *Line {
	c, err := r.opt.Catalog(ctx)
	if err != nil {
		r.failed(fmt.Errorf("read which tables there are: %w", err))
	}
	return &Line{Kind: Catalog, Time: at, Tables: c}
}

// next are the lines that wait; more: there may come others.
func (r *Recorder) next() (lines []*Line, more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.waiting) == 0 && !r.closed {
		r.wake.Wait()
	}
	lines = r.waiting
	r.waiting = nil
	return lines, !r.closed
}

func (r *Recorder) line(l *Line) {
	text, err := json.Marshal(l)
	if err == nil {
		_, err = r.out.Write(append(text, '\n'))
	}
	r.failed(err)
	if l.Kind == Statement {
		r.mu.Lock()
		r.lines++
		r.mu.Unlock()
	}
}

func (r *Recorder) failed(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = cmp.Or(r.err, err)
}

// Close writes what is left, and says how many statements were recorded.
func (r *Recorder) Close() (statements int, err error) {
	r.mu.Lock()
	r.closed = true
	r.wake.Broadcast()
	r.mu.Unlock()
	<-r.done
	return r.lines, r.err
}
