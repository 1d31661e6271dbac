package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestJudge holds which rows are as they should be, and that the exit code has to say the same.
func TestJudge(t *testing.T) {
	const (
		safe      = `{"verdict":"safe","expected":"safe","as_expected":true}`
		expected  = `{"verdict":"unsafe","expected":"unsafe","as_expected":true}`
		undecided = `{"verdict":"inconclusive","expected":"safe","as_expected":false}`
		skipped   = `{"verdict":"skipped","as_expected":false}`
		surprise  = `{"verdict":"unsafe","expected":"safe","as_expected":false,"command":"lastseat run again"}`
		stopped   = `{"verdict":"inconclusive","expected":"safe","as_expected":false,"error":"no room"}`
	)
	for _, c := range []struct {
		name string
		rows string
		exit int
		want int
		says string
	}{
		{"as expected", safe + "," + expected, 0, 0, ""},
		{"undecided", safe + "," + undecided, 3, 0, ""},
		{"skipped alone", skipped, 3, 0, ""},
		{"a surprise", safe + "," + surprise, 1, 1, "safe was promised"},
		{"an error", safe + "," + stopped, 2, 2, "no room"},
		{"both", surprise + "," + stopped, 2, 2, "safe was promised"},
		{"a surprise, and the exit code hides it", surprise, 0, 2, "want 1"},
		{"an error, and the exit code hides it", stopped, 3, 2, "want 2"},
		{"1 and nobody says why", safe, 1, 1, "no row says why"},
		{"2 and nobody says why", safe, 2, 2, "exit code 2"},
		{"killed", safe, -1, 2, "exit code -1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, resultFile), []byte(`{"rows":[`+c.rows+`]}`), 0o600); err != nil {
				t.Fatal(err)
			}
			o := judge(folder, c.exit)
			if o.code != c.want || !strings.Contains(strings.Join(o.reasons, "\n"), c.says) || (o.code == 0) != (len(o.reasons) == 0) {
				t.Errorf("judged %d, %q; want %d and a word of %q", o.code, o.reasons, c.want, c.says)
			}
		})
	}
	t.Run("no JSON", func(t *testing.T) {
		if o := judge(t.TempDir(), 0); o.code != exitSetup {
			t.Errorf("judged %d, want 2", o.code)
		}
	})
}

// program writes a program that leaves rows behind as lastseat does, and ends with the code.
func program(t *testing.T, script string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the program that stands for lastseat is a shell script")
	}
	path := filepath.Join(t.TempDir(), "lastseat")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nfor last; do :; done\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// once is a soak that ends after the first run.
func once(ctx context.Context, t *testing.T, s *soak) (code int, said string) {
	t.Helper()
	var out bytes.Buffer
	s.out, s.seed, s.engines = &out, 3, all(t)
	if s.limit == 0 {
		s.limit = time.Minute
	}
	code, err := s.run(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	return code, out.String()
}

// TestKeeps holds that what failed is kept with its command, that nothing else is, and what the exit code is.
func TestKeeps(t *testing.T) {
	for _, c := range []struct {
		name, row string
		exit      int
	}{
		{"safe", `{"verdict":"safe","expected":"safe","as_expected":true}`, 0},
		{"unsafe", `{"verdict":"unsafe","expected":"safe","as_expected":false,"command":"lastseat run again"}`, 1},
		{"error", `{"verdict":"inconclusive","error":"no room","command":"lastseat run again"}`, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			keep := filepath.Join(t.TempDir(), "kept")
			s := &soak{program: program(t, fmt.Sprintf(`echo said; echo '{"rows":[%s]}' >"$last"; exit %d`, c.row, c.exit)), keep: keep}
			code, said := once(t.Context(), t, s)
			if code != c.exit || !strings.Contains(said, "seed 3") {
				t.Errorf("exit code %d, want %d, and the seed:\n%s", code, c.exit, said)
			}
			if c.exit == 0 {
				if _, err := os.Stat(keep); !os.IsNotExist(err) {
					t.Errorf("a folder is kept of a run that failed in nothing: %v", err)
				}
				return
			}
			for file, want := range map[string]string{commandFile: "lastseat run again", outputFile: "said", resultFile: "verdict"} {
				text, err := os.ReadFile(filepath.Join(keep, "0", file))
				if err != nil || !strings.Contains(string(text), want) {
					t.Errorf("%s holds %q (%v), want %q", file, text, err, want)
				}
			}
			command, _ := os.ReadFile(filepath.Join(keep, "0", commandFile))
			if want := "lastseat run " + strings.Join(draw(s.engines, 3, 0), " "); !strings.HasPrefix(string(command), want+"\n") {
				t.Errorf("the command is %q, want %q first", command, want)
			}
		})
	}
}

// TestHangs holds that a run that does not end is a failure.
func TestHangs(t *testing.T) {
	s := &soak{program: program(t, `exec sleep 60`), keep: filepath.Join(t.TempDir(), "kept"), limit: 100 * time.Millisecond}
	if code, said := once(t.Context(), t, s); code != exitSetup || !strings.Contains(said, "not at its end") {
		t.Errorf("exit code %d, want 2:\n%s", code, said)
	}
}

// TestSoakInterrupted holds that a run that was interrupted is not judged.
func TestSoakInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	started := filepath.Join(t.TempDir(), "started")
	s := &soak{program: program(t, `touch '`+started+`'; exec sleep 60`), keep: filepath.Join(t.TempDir(), "kept")}
	go func() {
		defer cancel()
		for from := time.Now(); time.Since(from) < time.Minute; time.Sleep(time.Millisecond) {
			if _, err := os.Stat(started); err == nil {
				return
			}
		}
	}()
	if code, said := once(ctx, t, s); code != exitInterrupted || strings.Contains(said, "kept in") {
		t.Errorf("exit code %d, want 130 and nothing kept:\n%s", code, said)
	}
}
