package reports

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// plainEvery is how often a line is written where lines cannot be updated and nobody said how often.
const plainEvery = 5 * time.Second

// ProgressOptions says where progress is shown.
type ProgressOptions struct {
	Terminal bool                       // w is a terminal: a few lines are updated; otherwise lines are added
	Size     func() (columns, rows int) // of the terminal, which may change; nil: 80 × 24
	Every    time.Duration              // add a line so often, on a terminal too; 0: 5 s, and only elsewhere
	Quiet    bool                       // show nothing but what Memory warns of
	Now      func() time.Time           // nil: time.Now
}

// Progress shows how far a run is. Its methods may be called from any goroutine. Errors of the writer are ignored: progress
// is no result.
type Progress struct {
	mu     sync.Mutex
	w      io.Writer
	opt    ProgressOptions
	lines  bool // somebody said how often
	view   liveView
	warned bool      // of memory
	last   time.Time // a plain line was written
	pace   pace
	done   map[*Row]bool
	cases  cases
}

// NewProgress shows progress on w.
func NewProgress(w io.Writer, opt ProgressOptions) *Progress {
	if opt.Size == nil {
		opt.Size = func() (int, int) { return 80, 24 }
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	lines := opt.Every > 0
	if lines {
		opt.Terminal = false
	} else {
		opt.Every = plainEvery
	}
	return &Progress{w: w, opt: opt, lines: lines, view: liveView{w: w, size: opt.Size}, last: opt.Now(), done: map[*Row]bool{}}
}

// Update shows that row i (from 1) of n is at p.
func (s *Progress) Update(i, n int, p engine.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opt.Now()
	s.pace.see(i, now)
	switch {
	case s.opt.Quiet:
	case s.opt.Terminal:
		lines := []string{progressLine(i, n, p)}
		if line := nowLine(p, true); line != "" {
			lines = append(lines, "  "+line)
		}
		if line := s.doneLine(i, n, p, now); line != "" {
			lines = append(lines, "  "+line)
		}
		s.view.draw(lines)
	case now.Sub(s.last) >= s.opt.Every:
		s.last = now
		parts := []string{progressLine(i, n, p)}
		for _, more := range []string{nowLine(p, false), s.doneLine(i, n, p, now)} {
			if more != "" {
				parts = append(parts, more)
			}
		}
		s.write(strings.Join(parts, " · ") + "\n")
	}
}

// RowDone takes in that a row has run; of one that is repeated, each time.
func (s *Progress) RowDone(row *Row) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done[row] = true
}

// Say shows a line on a terminal; elsewhere only where somebody said how often.
func (s *Progress) Say(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch now := s.opt.Now(); {
	case s.opt.Quiet:
	case s.opt.Terminal:
		s.view.draw([]string{text})
	case s.lines && now.Sub(s.last) >= s.opt.Every:
		s.last = now
		s.write(text + "\n")
	}
}

// manyOperations is how many recorded operations of a row are worth a word: they take some 300 MB.
const manyOperations = 1_000_000

// Memory says once that a row takes much memory, and what takes less.
func (s *Progress) Memory(p engine.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.warned || p.Processed < manyOperations {
		return
	}
	s.warned = true
	s.view.clear()
	s.write(fmt.Sprintf("%s has recorded %s operations, some 300 MB of memory or disk, and goes on: --record counts only counts them, and checks that need them are left out; -n or -d end it earlier\n",
		harness.VisibleLine(p.Label.Workload+" on "+p.Label.String()), number(p.Processed)))
}

// Done clears what stands there, so that other text can follow. Update may be called again afterwards.
func (s *Progress) Done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view.clear()
}

func (s *Progress) write(text string) { _, _ = io.WriteString(s.w, text) }
