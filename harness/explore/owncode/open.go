package owncode

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/internal/required"
)

// connections is how many an engine is asked for: those of the code are the code's business.
const connections = 1

// Open opens a server for a test: the one that the engine's environment variable names, or else a throwaway one. Where there is
// none to be had the test is skipped, unless LASTSEAT_REQUIRE names the engine, or CI is true.
func Open(t testing.TB, engine store.Engine) store.Server {
	t.Helper()
	cfg := store.OpenConfig{Connections: connections, Volatile: true}
	if engine.DSNEnv != "" {
		cfg.DSN = os.Getenv(engine.DSNEnv)
	}
	server, err := engine.Open(t.Context(), cfg)
	var missing *store.MissingError
	if errors.As(err, &missing) {
		required.Missing(t, engine.Name, missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("close %s: %v", engine.Name, err)
		}
	})
	return server
}

// Test explores code, and fails the test with the shortest schedule that breaks. It ends before the test's deadline, and says then what it
// has found so far. Code that is not deterministic, and of which no schedule was run, fails the test as well: nothing is known of it.
func Test[DB any](t testing.TB, server store.Server, code Code[DB]) {
	t.Helper()
	if d, ok := t.(interface{ Deadline() (time.Time, bool) }); ok {
		if deadline, has := d.Deadline(); has {
			code.Time = within(code.Time, time.Until(deadline))
		}
	}
	report, err := Explore(t.Context(), server, code)
	switch {
	case err != nil && report.Schedules > 0:
		t.Fatalf("%v\nUntil then: %v", err, report)
	case err != nil:
		t.Fatal(err)
	case report.Breaking > 0, report.Why != "", report.Schedules == 0:
		t.Fatal(report)
	default:
		t.Log(report)
	}
}

// within is how long to explore, so that some of what is left of a test's time is left for its end.
func within(asked, left time.Duration) time.Duration {
	reserve := min(max(left/10, time.Second), 10*time.Second)
	left = max(left-reserve, time.Nanosecond)
	if asked == 0 {
		return left
	}
	return min(asked, left)
}
