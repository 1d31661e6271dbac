package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestVersion builds the program as a release does, and as anybody does: each says what it is.
func TestVersion(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "lastseat")
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags", "-X main.version=7.7.7 -X main.commit=feedface", "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, arg := range []string{"version", "--version"} {
		out, err := exec.CommandContext(t.Context(), program, arg).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"7.7.7", "feedface", "go1.", "jackc/pgx", "go-sql-driver/mysql", "modernc.org/sqlite"} {
			if !bytes.Contains(out, []byte(want)) {
				t.Errorf("lastseat %s does not say %s:\n%s", arg, want, out)
			}
		}
		if bytes.Contains(out, []byte("unknown")) {
			t.Errorf("lastseat %s knows less than it must:\n%s", arg, out)
		}
	}
}

// TestInstalledPrograms: go install ./cmd/... installs lastseat and nothing else.
func TestInstalledPrograms(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{if eq .Name \"main\"}}{{.ImportPath}}{{end}}", "../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(string(out)); len(got) != 1 || !strings.HasSuffix(got[0], "/cmd/lastseat") {
		t.Errorf("cmd holds the programs %v, want lastseat alone", got)
	}
}
