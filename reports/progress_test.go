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

func TestProgressOnATerminal(t *testing.T) {
	var b bytes.Buffer
	p := NewProgress(&b, ProgressOptions{Terminal: true, Width: 40})
	p.Done() // nothing is shown: nothing to clear
	p.Update(3, 34, at)
	p.Done()
	p.Done()
	if got, want := b.String(), "\rrow 3 of 34: seats on postgres/for-upda\x1b[K\r\x1b[K"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestProgressElsewhere(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(0, 0)
	p := NewProgress(&b, ProgressOptions{Now: func() time.Time { return now }})
	for range 120 { // 12 s
		p.Update(3, 34, at)
		now = now.Add(100 * time.Millisecond)
	}
	p.Done()
	const line = "row 3 of 34: seats on postgres/for-update@read-committed · 1.4 s of 2.0 s · 12,345 operations\n"
	if got, want := b.String(), strings.Repeat(line, 2); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestProgressTellsOfMemory: a row that records much is told of while it still can be ended, once.
func TestProgressTellsOfMemory(t *testing.T) {
	var b bytes.Buffer
	p := NewProgress(&b, ProgressOptions{Terminal: true, Width: 40})
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
	if got := b.String(); !strings.HasPrefix(got, "\r\x1b[Kseats on postgres/for-update@read-committed has recorded 1,000,003 operations, some 300 MB") ||
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
