package reports

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/progress"
)

// TestCases: the rate is that of the last seconds, what is left goes by how far the case is and by those before, and lines of a result have a
// place beside it on the same terminal.
func TestCases(t *testing.T) {
	s, now := &screen{}, time.Unix(0, 0)
	p := NewProgress(s, ProgressOptions{Terminal: true, Now: func() time.Time { return now }})
	told := progress.Func(p.Case)
	told.Say(progress.Case{Name: "buy one after the other", Cases: 3})
	if got := s.text(); got != "buy one after the other" {
		t.Errorf("before the first: %q", got)
	}
	c := progress.Case{Name: "buy with\x1b[31m buy", Number: 1, Cases: 3, Steps: "schedules", Most: 200}
	for i := range 41 { // 10 a second, then 2 a second
		c.Done, c.Broken, c.Share = int64(10*i), int64(i/20), progress.Of(int64(10*i), 800)
		if i > 20 {
			c.Done = int64(200 + 2*(i-20))
		}
		told.Say(c)
		now = now.Add(time.Second)
	}
	want := "1 of 3: buy with\\u001b[31m buy · 40 s · 240 of at most 200 schedules\n  2.0 schedules/s · 2 broken so far  "
	if got := s.text(); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "\n  about 3 min 20 s left") {
		t.Errorf("got  %q\nwant %q…", got, want)
	}
	_, _ = fmt.Fprintln(p.Beside(s), "buy with buy: unsafe")
	p.Decided(harness.Unsafe)
	c = progress.Case{Name: "buy with refund", Number: 2, Cases: 3, Steps: "schedules", Done: 1, Share: 0.5}
	told.Say(c)
	now = now.Add(10 * time.Second)
	c.Done, c.Until = 11, now.Add(time.Hour)
	told.Say(c)
	want = "buy with buy: unsafe\n2 of 3: buy with refund · 10 s · 11 schedules\n  1.0 schedules/s  "
	if got := s.text(); !strings.HasPrefix(got, want[:len(want)-2]) || !strings.HasSuffix(got, "\n  done: 1 unsafe · about 51 s left") {
		t.Errorf("got  %q\nwant %q…", got, want)
	}
	now = now.Add(time.Second)
	c.Until = now.Add(3 * time.Second)
	told.Say(c)
	if got := s.text(); !strings.HasSuffix(got, " · about 3.0 s left") {
		t.Errorf("it ends in 3 s, whatever: %q", got)
	}
	p.Done()
	if got := s.text(); got != "buy with buy: unsafe\n" {
		t.Errorf("left on the screen: %q", got)
	}
}

// TestCasesElsewhere: files are read in bytes, lines come as often as they were asked for, and none where nothing is wanted.
func TestCasesElsewhere(t *testing.T) {
	for _, c := range []struct {
		quiet bool
		want  string
	}{
		{want: "reading a.edn · 2.0 s · 24.0 MB of 48.0 MB, 50% · 12.0 MB/s · about 2.0 s left\n"},
		{quiet: true},
	} {
		var b bytes.Buffer
		now := time.Unix(0, 0)
		p := NewProgress(&b, ProgressOptions{Every: 2 * time.Second, Quiet: c.quiet, Now: func() time.Time { return now }})
		for i := range int64(3) {
			p.Case(progress.Case{Name: "reading a.edn", Number: 1, Cases: 1, Steps: "bytes", Done: i * 12e6, Most: 48e6, Share: progress.Of(i*12, 48)})
			now = now.Add(time.Second)
		}
		if got := b.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// TestRowsThatNobodySaw: rows that were over before they could be seen do not make the others look as fast.
func TestRowsThatNobodySaw(t *testing.T) {
	var c pace
	now := time.Unix(0, 0)
	c.see(5, now)
	if got := c.left(5, 6, at, now); got != "about 2.6 s left" {
		t.Errorf("the first that is seen goes by its limit: %q", got)
	}
	now = now.Add(4 * time.Second)
	c.see(6, now)
	if got := c.left(6, 6, at, now); got != "about 4.0 s left" {
		t.Errorf("the next goes by that one: %q", got)
	}
}
