package reports

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

var at = engine.Progress{
	Label:   harness.Label{Workload: "seats", Target: "postgres", Strategy: "for-update", Isolation: rc},
	Elapsed: 1400 * time.Millisecond, Limit: 2 * time.Second, Processed: 12345,
}

var working = func() engine.Progress {
	p := at
	p.Rate, p.Rates, p.P50, p.P99, p.Conflicts, p.Found = 1933, []float64{100, 1000, 2000}, 25*time.Millisecond, 143*time.Millisecond, 12, 3
	return p
}()

// screen is what a terminal shows of what was written to it: it understands as much as progress uses.
type screen struct {
	lines    []string
	row, col int
}

func (s *screen) Write(b []byte) (int, error) {
	text := []rune(string(b))
	line := func() *string {
		for len(s.lines) <= s.row {
			s.lines = append(s.lines, "")
		}
		return &s.lines[s.row]
	}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\r':
			s.col = 0
		case '\n':
			s.row, s.col = s.row+1, 0 // as terminals do that output goes through
		case '\x1b':
			n := 0
			for i += 2; text[i] >= '0' && text[i] <= '9'; i++ {
				n = 10*n + int(text[i]-'0')
			}
			switch text[i] {
			case 'A':
				s.row -= n
			case 'K':
				*line() = string([]rune(*line())[:s.col])
			case 'J':
				*line() = string([]rune(*line())[:s.col])
				s.lines = s.lines[:s.row+1]
			}
		default:
			runes := []rune(*line())
			*line() = string(append(runes[:s.col:s.col], append([]rune{text[i]}, runes[min(s.col+1, len(runes)):]...)...))
			s.col++
		}
	}
	return len(b), nil
}

func (s *screen) text() string { return strings.Join(s.lines, "\n") }

// TestProgressOnATerminal: lines are replaced by those that follow, whatever their number, and leave nothing.
func TestProgressOnATerminal(t *testing.T) {
	s, now := &screen{}, time.Unix(0, 0)
	columns := 100
	p := NewProgress(s, ProgressOptions{Terminal: true, Now: func() time.Time { return now }, Size: func() (int, int) { return columns, 24 }})
	_, _ = s.Write([]byte("34 rows\n"))
	p.Done() // nothing is shown: nothing to clear
	p.Update(1, 34, at)
	now = now.Add(2 * time.Second)
	p.RowDone(&surprises().Rows[0])
	p.Update(2, 34, working)
	const want = "34 rows\nrow 2 of 34: seats on postgres/for-update@read-committed · 1.4 s of 2.0 s · 12,345 operations\n" +
		"  1,933 ok/s · p50 25ms · p99 143ms · 12 conflicts · 3 violations so far  ▁▄█\n  done: 1 "
	if got := s.text(); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, " · about 66 s left") {
		t.Errorf("got  %q\nwant %q…", got, want)
	}
	p.Say("one line")
	if got := s.text(); got != "34 rows\none line" {
		t.Errorf("a line instead of three: %q", got)
	}
	p.Update(3, 34, working)
	p.Done()
	p.Done()
	if got := s.text(); got != "34 rows\n" {
		t.Errorf("left on the screen: %q", got)
	}
}

// TestProgressFollowsTheTerminal: no line is wider than the terminal is now, and what a narrower one wrapped is taken away too.
func TestProgressFollowsTheTerminal(t *testing.T) {
	var b bytes.Buffer
	columns, rows := 100, 24
	p := NewProgress(&b, ProgressOptions{Terminal: true, Size: func() (int, int) { return columns, rows }})
	p.Update(1, 34, working)
	b.Reset()
	columns = 40 // the first line of 93 takes three now, the second of 78 two
	p.Update(1, 34, working)
	if got := b.String(); !strings.HasPrefix(got, "\r\x1b[5Arow 1 of 34: seats on postgres/for-upda\x1b[K\n") {
		t.Errorf("narrower: %q", got)
	}
	rows = 2
	b.Reset()
	p.Update(1, 34, working)
	if got := b.String(); strings.Count(got, "\n") != 0 || !strings.HasPrefix(got, "\r\x1b[2Arow") {
		t.Errorf("two lines high: %q", got)
	}
}

func TestProgressElsewhere(t *testing.T) {
	for name, c := range map[string]struct {
		opt  ProgressOptions
		want int // lines in 12 s
	}{
		"every 5 s":        {ProgressOptions{}, 2},
		"as often as told": {ProgressOptions{Every: 3 * time.Second, Terminal: true}, 3},
		"never":            {ProgressOptions{Every: time.Second, Quiet: true}, 0},
	} {
		var b bytes.Buffer
		now := time.Unix(0, 0)
		c.opt.Now = func() time.Time { return now }
		p := NewProgress(&b, c.opt)
		for range 120 {
			p.Update(1, 34, working)
			now = now.Add(100 * time.Millisecond)
		}
		p.Done()
		const line = "row 1 of 34: seats on postgres/for-update@read-committed · 1.4 s of 2.0 s · 12,345 operations · " +
			"1,933 ok/s · p50 25ms · p99 143ms · 12 conflicts · 3 violations so far · about 67 s left\n"
		if got, want := b.String(), strings.Repeat(line, c.want); got != want {
			t.Errorf("%s: got  %q\nwant %q", name, got, want)
		}
	}
}

// TestProgressTellsOfMemory: a row that records much is told of while it still can be ended, once.
func TestProgressTellsOfMemory(t *testing.T) {
	var b bytes.Buffer
	p := NewProgress(&b, ProgressOptions{Terminal: true})
	p.Memory(at)
	if b.Len() > 0 {
		t.Errorf("12,345 operations: %q", b.String())
	}
	p.Update(3, 34, at)
	b.Reset()
	much := at
	much.Processed = 1_000_003
	p.Memory(much)
	p.Memory(much)
	if got := b.String(); !strings.HasPrefix(got, "\r\x1b[1A\x1b[Jseats on postgres/for-update@read-committed has recorded 1,000,003 operations, some 300 MB") ||
		strings.Count(got, "--record counts") != 1 || !strings.HasSuffix(got, "\n") {
		t.Errorf("got %q", got)
	}
}

func TestPlan(t *testing.T) {
	var b bytes.Buffer
	p := Plan{
		Rows: 34, Skipped: 6, Workloads: []string{"seats", "transfer"}, Targets: []string{"postgres", "mysql"}, Clients: []int{64},
		AtMost: 150 * time.Second, Seed: 42,
	}
	if err := p.Write(&b, 0); err != nil {
		t.Fatal(err)
	}
	const want = "34 rows: seats, transfer on postgres, mysql, 64 clients · 6 skipped · at most 2 min 30 s · seed 42\n"
	if got := b.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
