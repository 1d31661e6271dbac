package history

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/lastseat/lastseat/harness"
)

// Writer writes one history to one file. It is for one goroutine. An error, a full disk above all, leaves the file readable up
// to there; the same error answers every later call but Close.
type Writer struct {
	path    string
	out     io.WriteCloser
	zstd    *zstd.Encoder // nil: not compressed
	inFrame bool
	buf     []byte // lines not yet handed on
	cells   int
	names   [][]byte           // as JSON, by Record.Name
	done    map[int32]position // by process: what is written
	round   int                // of Append
	ops     int64
	faults  int             // written
	clocks  []harness.Clock // as Append had them last
	ended   bool
	err     error
}

// position is how much of a log is written.
type position struct{ ops, round int }

// spill is how many bytes of lines are handed on at once.
const spill = 64 << 10

// Create makes a new file that holds the header, compressed if its name ends in .zst. A file that is there already is never
// overwritten: the error then matches fs.ErrExist.
func Create(path string, header Header) (*Writer, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	w, err := newWriter(f, path, header)
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return w, nil
}

func newWriter(out io.WriteCloser, path string, header Header) (*Writer, error) {
	w := &Writer{path: path, out: out, cells: len(header.Start.Values), done: map[int32]position{}}
	var err error
	if strings.HasSuffix(path, ".zst") {
		if w.zstd, err = zstd.NewWriter(out); err != nil {
			return nil, w.fail(err)
		}
	}
	if w.buf, err = appendHeader(w.buf, &header); err != nil {
		return nil, w.fail(err)
	}
	if err := w.endLine(0); err != nil {
		return nil, err
	}
	return w, w.flush()
}

// Append writes the operations and the faults that were recorded since the last call; each fault has been mended. What it returned from without an error survives
// the death of this process; what was recorded since does not. h.Final is not looked at.
func (w *Writer) Append(h *harness.History) error {
	if err := w.open(); err != nil {
		return err
	}
	for i := len(w.names); i < len(h.Names); i++ {
		name, err := appendJSON(nil, h.Names[i])
		if err != nil {
			return w.fail(err)
		}
		w.names = append(w.names, name)
	}
	w.round++
	w.clocks = h.Clocks
	for _, l := range h.Logs {
		if l.Clock < 0 || l.Clock >= max(len(w.clocks), 1) {
			return w.fail(fmt.Errorf("process %d: clock %d of %d", l.Process, l.Clock, len(w.clocks)))
		}
		if err := w.appendLog(l); err != nil {
			return err
		}
	}
	if err := w.appendFaults(h.Faults); err != nil {
		return err
	}
	return w.flush()
}

func (w *Writer) appendFaults(all []harness.Fault) error {
	for ; w.faults < len(all); w.faults++ {
		f := &all[w.faults]
		what, err := appendJSON(nil, f.What)
		if err != nil {
			return w.fail(err)
		}
		from := len(w.buf)
		w.buf = appendFault(w.buf, f, what)
		if err := w.endLine(from); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) appendLog(l *harness.Log) error {
	pos := w.done[l.Process]
	if pos.round == w.round {
		return w.fail(fmt.Errorf("process %d has two logs", l.Process))
	}
	pos.round = w.round
	for r := range l.From(pos.ops) {
		pos.ops++
		if err := checkOp(&r, w.cells); err != nil {
			return w.fail(fmt.Errorf("operation %d: %w", r.ID, err))
		}
		if int(r.Name) >= len(w.names) {
			return w.fail(fmt.Errorf("operation %d: name %d of %d", r.ID, r.Name, len(w.names)))
		}
		var trouble []byte
		if text, met := l.Errors[r.ID]; met {
			var err error
			if trouble, err = appendJSON(nil, text); err != nil {
				return w.fail(err)
			}
		}
		from := len(w.buf)
		w.buf = appendOp(w.buf, &r, l.Clock, w.names[r.Name], trouble)
		if err := w.endLine(from); err != nil {
			return err
		}
		w.ops++
	}
	w.done[l.Process] = pos
	return nil
}

// Finish writes the journal, the service's ledger if there is one, the workers' clocks as the last Append had them, and the final state: the
// file is whole then. Append comes first. A final state without values is one that nobody knows, as where a worker was lost whose sessions may be
// at work still: the file lacks its end then.
func (w *Writer) Finish(final harness.State) error {
	if err := w.open(); err != nil {
		return err
	}
	if final.Values == nil && w.cells > 0 {
		if err := w.appendWorkers(); err != nil {
			return err
		}
		w.ended = true
		return w.flush()
	}
	if len(final.Values) != w.cells || final.Versions != nil && len(final.Versions) != w.cells {
		return w.fail(fmt.Errorf("the final state has %d values and %d versions, the start state %d cells",
			len(final.Values), len(final.Versions), w.cells))
	}
	for i := range final.Entries {
		e := &final.Entries[i]
		if err := checkCell(int64(e.Cell), w.cells); err != nil {
			return w.fail(fmt.Errorf("journal entry of operation %d: %w", e.Op, err))
		}
		from := len(w.buf)
		w.buf = appendEntry(w.buf, e)
		if err := w.endLine(from); err != nil {
			return err
		}
	}
	for i := range final.Charges {
		from := len(w.buf)
		w.buf = appendCharge(w.buf, &final.Charges[i])
		if err := w.endLine(from); err != nil {
			return err
		}
	}
	if err := w.appendWorkers(); err != nil {
		return err
	}
	from := len(w.buf)
	w.buf = appendFinal(w.buf, w.ops, int64(w.faults), int64(len(w.clocks)), &final)
	w.ended = true
	if err := w.endLine(from); err != nil {
		return err
	}
	return w.flush()
}

func (w *Writer) appendWorkers() error {
	for i := range w.clocks {
		c := &w.clocks[i]
		if c.Slack < 0 {
			return w.fail(fmt.Errorf("the clock of %s is off by up to %d: expected 0 or more", c.Name, c.Slack))
		}
		name, err := appendJSON(nil, c.Name)
		if err != nil {
			return w.fail(err)
		}
		missing, err := appendJSON(nil, c.Missing)
		if err != nil {
			return w.fail(err)
		}
		from := len(w.buf)
		w.buf = appendWorker(w.buf, c, name, missing)
		if err := w.endLine(from); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the file. Without Finish it stays a history that lacks its end.
func (w *Writer) Close() error {
	if w.inFrame {
		w.zstd.Close() //nolint:errcheck // only after an error, which was returned: this ends the encoder's work
	}
	return w.out.Close()
}

func (w *Writer) open() error {
	if w.err == nil && w.ended {
		return fmt.Errorf("%s: the history is finished", w.path)
	}
	return w.err
}

// endLine ends the line that begins at from in the buffer.
func (w *Writer) endLine(from int) error {
	if n := len(w.buf) - from; n >= maxLine {
		return w.fail(fmt.Errorf("a line of %d bytes: at most %d can be read again", n, maxLine-1))
	}
	w.buf = append(w.buf, '\n')
	if len(w.buf) < spill {
		return nil
	}
	return w.spill()
}

// spill hands the buffer on.
func (w *Writer) spill() error {
	if len(w.buf) == 0 {
		return nil
	}
	var to io.Writer = w.out
	if w.zstd != nil {
		to, w.inFrame = w.zstd, true
	}
	if _, err := to.Write(w.buf); err != nil {
		return w.fail(err)
	}
	w.buf = w.buf[:0]
	return nil
}

// flush hands everything on to the operating system. Compressed, it ends the frame: the file is then one that any zstd reads
// to its end without a complaint.
func (w *Writer) flush() error {
	if err := w.spill(); err != nil || !w.inFrame {
		return err
	}
	if err := w.zstd.Close(); err != nil {
		return w.fail(err)
	}
	w.inFrame = false
	w.zstd.Reset(w.out)
	return nil
}

// fail makes err, with the file's name, the writer's last word.
func (w *Writer) fail(err error) error {
	if path := (*os.PathError)(nil); !errors.As(err, &path) {
		err = fmt.Errorf("%s: %w", w.path, err)
	}
	w.err = err
	return err
}
