package sqlite_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqlite"
	"github.com/lastseat/lastseat/targets/targettest"
)

func TestConformance(t *testing.T) {
	e := sqlite.Engine()
	server, err := e.Open(t.Context(), store.OpenConfig{Connections: 4})
	if err != nil {
		t.Fatal(err)
	}
	targettest.Exercise(t, server, e.Strategies)
	if err := server.Close(); err != nil {
		t.Error(err)
	}
}

func TestOwnFileOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	server, err := sqlite.Engine().Open(t.Context(), store.OpenConfig{DSN: path, Connections: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = sqlite.Engine().Open(t.Context(), store.OpenConfig{DSN: path, Connections: 2})
	if err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("a user's file was not refused: %v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "mine" {
		t.Error("a user's file was touched")
	}
}
