package reports

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

// TestLeftovers: each leftover has a line that says what became of it, and where it comes from if that is known.
func TestLeftovers(t *testing.T) {
	all := []store.Leftover{
		{Name: "lastseat_1", State: store.Alive},
		{Name: "lastseat_2", State: store.DeadRun, Dropped: true, Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), PID: 7, Host: "h", Version: "v1"},
		{Name: "lastseat_3", State: store.DeadRun, Err: errors.New("no right")},
		{Name: "lastseat_4", State: store.DeadRun},
	}
	var b strings.Builder
	if err := Leftovers(&b, "postgres", all, true); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"left alone: its run is alive", "dropped   ", "failed", "dead, would be dropped",
	} {
		line := strings.Split(b.String(), "\n")[i]
		if !strings.HasPrefix(line, "postgres  "+all[i].Name) || !strings.Contains(line, want) {
			t.Errorf("%q does not say %q", line, want)
		}
	}
	if !strings.Contains(b.String(), "made 2026-01-02 03:04:05 by process 7 on h, lastseat v1") {
		t.Errorf("no origin:\n%s", b.String())
	}
}
