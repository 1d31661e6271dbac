package reports

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// plainEvery is how often a line is written where lines cannot be updated.
const plainEvery = 5 * time.Second

// ProgressOptions says where progress is shown.
type ProgressOptions struct {
	Terminal bool             // w is a terminal: one line is updated; otherwise lines are added, at most one in 5 s
	Width    int              // of the terminal; 0: 80
	Now      func() time.Time // nil: time.Now
}

// Progress shows how far a run is. Its methods may be called from any goroutine. Errors of the writer are ignored: progress
// is no result.
type Progress struct {
	mu     sync.Mutex
	w      io.Writer
	opt    ProgressOptions
	shown  bool      // a line stands on the terminal
	warned bool      // of memory
	last   time.Time // a plain line was written
}

// NewProgress shows progress on w.
func NewProgress(w io.Writer, opt ProgressOptions) *Progress {
	if opt.Width <= 0 {
		opt.Width = 80
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &Progress{w: w, opt: opt, last: opt.Now()}
}

// Update shows that row i (from 1) of n is at p.
func (s *Progress) Update(i, n int, p engine.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.opt.Terminal {
		now := s.opt.Now()
		if now.Sub(s.last) < plainEvery {
			return
		}
		s.last = now
		s.write(progressLine(i, n, p) + "\n")
		return
	}
	s.show(progressLine(i, n, p))
}

// Say shows a line on a terminal; elsewhere nothing.
func (s *Progress) Say(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opt.Terminal {
		s.show(text)
	}
}

// show replaces the line. One column is kept free: some terminals wrap as soon as the last one is written.
func (s *Progress) show(text string) {
	s.write("\r" + twwidth.Truncate(text, s.opt.Width-1) + esc + "K")
	s.shown = true
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
	s.clear()
	s.write(fmt.Sprintf("%s has recorded %s operations, some 300 MB of memory, and goes on: --record counts only counts them, and checks that need them are left out; -n or -d end it earlier\n",
		harness.VisibleLine(p.Label.Workload+" on "+p.Label.String()), number(p.Processed)))
}

// Done clears the line, so that other text can follow. Update may be called again afterwards.
func (s *Progress) Done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
}

func (s *Progress) clear() {
	if s.shown {
		s.write("\r" + esc + "K")
		s.shown = false
	}
}

func (s *Progress) write(text string) { _, _ = io.WriteString(s.w, text) }

func progressLine(i, n int, p engine.Progress) string {
	took := span(p.Elapsed)
	if p.Limit > 0 {
		took += " of " + span(p.Limit)
	}
	return fmt.Sprintf("row %d of %d: %s · %s · %s operations", i, n, harness.VisibleLine(p.Label.Workload+" on "+p.Label.String()), took, number(p.Processed))
}
