package reports

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/progress"
)

const (
	drawnEvery  = 100 * time.Millisecond // eyes follow no more
	countedOver = 3 * time.Second        // the time that the rate now is of
	barEvery    = time.Second            // of the sparkline
	leastShare  = 0.005                  // from which on a case says how long it takes
)

// cases is what was seen of cases so far.
type cases struct {
	name   string
	number int
	first  int       // the number that was seen first
	began  time.Time // the first was seen
	turn   time.Time // the one with this number was
	since  time.Time // the one with this name was
	drawn  time.Time
	recent []seen    // of the one with this name, the oldest first
	rates  []float64 // a bar each
	barred seen      // the end of the last bar
	found  map[harness.Verdict]int
}

// seen is how much was done by then.
type seen struct {
	at   time.Time
	done int64
}

// Case shows how far a case is. It may be told as often as one likes.
func (s *Progress) Case(c progress.Case) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opt.Now()
	same := c.Name == s.cases.name && c.Number == s.cases.number
	if s.opt.Quiet || same && now.Sub(s.cases.drawn) < drawnEvery {
		return
	}
	s.cases.see(&c, now)
	if !s.opt.Terminal && now.Sub(s.last) < s.opt.Every {
		return
	}
	lines := s.cases.lines(&c, now, s.opt.Terminal)
	if s.opt.Terminal {
		s.view.draw(lines)
		return
	}
	s.last = now
	s.write(strings.Join(lines, " · ") + "\n")
}

// Decided takes in what came of a case.
func (s *Progress) Decided(v harness.Verdict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cases.found == nil {
		s.cases.found = map[harness.Verdict]int{}
	}
	s.cases.found[v]++
}

// Beside is a writer whose text may stand on the same terminal: what is shown of progress makes room for it.
func (s *Progress) Beside(w io.Writer) io.Writer { return &beside{s, w} }

type beside struct {
	progress *Progress
	w        io.Writer
}

func (b *beside) Write(text []byte) (int, error) {
	b.progress.mu.Lock()
	defer b.progress.mu.Unlock()
	b.progress.view.clear()
	return b.w.Write(text)
}

// see takes in how far a case is.
func (s *cases) see(c *progress.Case, now time.Time) {
	if c.Number != s.number && c.Number > 0 {
		if s.number == 0 {
			s.first, s.began = c.Number, now
		}
		s.number, s.turn = c.Number, now
	}
	if c.Name != s.name || len(s.recent) > 0 && c.Done < s.recent[len(s.recent)-1].done {
		s.name, s.since, s.recent, s.rates, s.barred = c.Name, now, nil, nil, seen{now, c.Done}
	}
	s.drawn = now
	for len(s.recent) > 1 && now.Sub(s.recent[1].at) >= countedOver {
		s.recent = s.recent[1:]
	}
	s.recent = append(s.recent, seen{now, c.Done})
	if took := now.Sub(s.barred.at); took >= barEvery {
		s.rates = append(s.rates, float64(c.Done-s.barred.done)/took.Seconds())
		s.barred = seen{now, c.Done}
	}
}

// lines say how far a case is, what it does now, and what came of those before it.
func (s *cases) lines(c *progress.Case, now time.Time, drawn bool) []string {
	head := harness.VisibleLine(c.Name)
	if c.Number > 0 && c.Cases > 1 {
		head = fmt.Sprintf("%d of %d: %s", c.Number, c.Cases, head)
	}
	if took := now.Sub(s.since); took > 0 {
		head += " · " + span(took)
	}
	if c.Steps != "" {
		head += " · " + done(c)
	}
	lines := []string{head}
	if line := s.nowLine(c, drawn); line != "" {
		lines = append(lines, line)
	}
	if line := s.doneLine(c, now); line != "" {
		lines = append(lines, line)
	}
	for i := 1; i < len(lines) && drawn; i++ {
		lines[i] = "  " + lines[i]
	}
	return lines
}

// inBytes are the steps that are written as sizes.
const inBytes = "bytes"

// done is how much of a case is done.
func done(c *progress.Case) string {
	switch {
	case c.Steps == inBytes:
		text := size(c.Done)
		if c.Most > 0 {
			text += " of " + size(c.Most) + ", " + share(float64(c.Done)/float64(c.Most))
		}
		return text
	case c.Most > 0:
		return number(c.Done) + " of at most " + number(c.Most) + " " + c.Steps
	}
	return plural(int(c.Done), strings.TrimSuffix(c.Steps, "s"))
}

// size writes bytes: 12 MB.
func size(n int64) string {
	const k = 1000
	switch {
	case n < k:
		return number(n) + " B"
	case n < k*k:
		return digits(float64(n)/k, 2) + " kB"
	case n < k*k*k:
		return digits(float64(n)/k/k, 3) + " MB"
	}
	return digits(float64(n)/k/k/k, 3) + " GB"
}

// nowLine says what a case does now; empty: nothing is known yet.
func (s *cases) nowLine(c *progress.Case, drawn bool) string {
	var parts []string
	first := s.recent[0]
	last := s.recent[len(s.recent)-1]
	if took := last.at.Sub(first.at); took > 0 && last.done > first.done {
		perSecond := float64(last.done-first.done) / took.Seconds()
		if c.Steps == inBytes {
			parts = append(parts, size(int64(perSecond))+"/s")
		} else {
			parts = append(parts, rate(perSecond)+" "+c.Steps+"/s")
		}
	}
	if c.Broken > 0 {
		parts = append(parts, number(c.Broken)+" broken so far")
	}
	line := strings.Join(parts, " · ")
	if drawn && len(s.rates) > 1 && line != "" {
		line += "  " + spark(fewer(s.rates, 24)) // where a narrow terminal cuts
	}
	return line
}

// doneLine says what came of cases so far, and how long the others will take; empty: neither is known.
func (s *cases) doneLine(c *progress.Case, now time.Time) string {
	var parts, found []string
	for _, v := range []harness.Verdict{harness.Unsafe, harness.Safe, harness.Inconclusive} {
		if n := s.found[v]; n > 0 {
			found = append(found, fmt.Sprintf("%d %s", n, v))
		}
	}
	if len(found) > 0 {
		parts = append(parts, "done: "+strings.Join(found, ", "))
	}
	if left, ok := s.left(c, now); ok {
		parts = append(parts, "about "+span(left)+" left")
	}
	return strings.Join(parts, " · ")
}

// left is how long all cases will still take: this one by how far it is, the others by those before, or, before the first is done, by this
// one. ok: it is known.
func (s *cases) left(c *progress.Case, now time.Time) (left time.Duration, ok bool) {
	if took := now.Sub(s.since); c.Number > 0 && c.Share >= leastShare && took > 0 {
		whole := time.Duration(float64(took) / c.Share)
		left, ok = whole-took, true
		if before := c.Number - s.first; before > 0 {
			whole = s.turn.Sub(s.began) / time.Duration(before)
		}
		left += time.Duration(max(c.Cases-c.Number, 0)) * whole
	}
	if until := c.Until.Sub(now); !c.Until.IsZero() && (!ok || until < left) {
		left, ok = max(until, 0), true
	}
	return left, ok
}
