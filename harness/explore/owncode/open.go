package owncode

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/store"
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
	if errors.As(err, &missing) && !required(engine.Name) {
		t.Skip(missing.Hint)
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

func required(engine string) bool {
	listed := strings.FieldsFunc(os.Getenv("LASTSEAT_REQUIRE"), func(r rune) bool { return r == ',' || r == ' ' })
	return os.Getenv("CI") == "true" || slices.Contains(listed, engine)
}

// Test explores code, and fails the test with the shortest schedule that breaks.
func Test[DB any](t testing.TB, server store.Server, code Code[DB]) {
	t.Helper()
	report, err := Explore(t.Context(), server, code)
	switch {
	case err != nil:
		t.Fatal(err)
	case report.Breaking > 0:
		t.Fatal(report)
	default:
		t.Log(report)
	}
}
