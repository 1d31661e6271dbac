package main

// Runs that end early: a signal, or no warning at all.

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets/local"
)

func TestInterrupt(t *testing.T) {
	onServers(t, func(t *testing.T, e string, s *local.Server) {
		db := connect(t, s)
		file := filepath.Join(t.TempDir(), "result.json")
		p := begin(t, "", "run", "--target", e, "--dsn", s.DSN(), "--workload", "seats", "-d", "10m", "-c", "16",
			"--strategy", "for-update,atomic", "--json", file)
		busy(t, db, e)
		if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		p.exits(suite.ExitInterrupted, "INTERRUPTED: what was measured until then", "naive-autocommit@")
		if r := result(t, file); !r.Interrupted || len(r.Rows) == 0 {
			t.Errorf("not a partial result: %+v", r)
		}
		if left := leftovers(t, db, e); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// TestHangup: a terminal that is closed, which says so twice and takes the output's reader along, ends a run in order.
func TestHangup(t *testing.T) {
	onServers(t, func(t *testing.T, e string, s *local.Server) {
		db := connect(t, s)
		p := prepare(t, "", "run", "--target", e, "--dsn", s.DSN(), "--workload", "seats", "-d", "10m", "-c", "16", "--strategy", "for-update,atomic")
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		p.cmd.Stdout = w
		p.start()
		busy(t, db, e)
		_, _ = r.Close(), w.Close() // nobody reads what it prints
		for range 2 {
			if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
		}
		p.exits(suite.ExitSetup, "broken pipe")
		if left := leftovers(t, db, e); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// TestNohup: who starts a run so that it outlives the terminal has it outlive the terminal.
func TestNohup(t *testing.T) {
	t.Parallel()
	p := under(t, "trap '' HUP", "run", "--target", "memory", "--workload", "seats", "-d", "2s", "--strategy", "mutex")
	until(t, "the plan", func() bool { return !bytes.Contains(commandOf(p), []byte("trap")) })
	time.Sleep(500 * time.Millisecond) // of its four seconds
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.runs()
}

// commandOf is the command line of a process: the shell's, until that has become lastseat.
func commandOf(p *process) []byte {
	line, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "cmdline")) // none: not Linux
	return line
}

// tempFolder is one that servers of other accounts can reach.
func tempFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "lastseat-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func empty(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && len(entries) == 0
}

// TestInterruptThrowaway: Ctrl-C in mid-run also takes the throwaway server along.
func TestInterruptThrowaway(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			program(t, "postgres")
			temp := tempFolder(t)
			p := begin(t, temp, "run", "--target", "postgres,sqlite", "--workload", "seats", "-d", "10m", "-c", "16", "--strategy", "for-update")
			until(t, "a server", func() bool { return !empty(temp) })
			until(t, "the plan", func() bool { m, _ := filepath.Glob(filepath.Join(temp, "lastseat-sqlite-*")); return len(m) > 0 })
			time.Sleep(300 * time.Millisecond) // anywhere from set-up on is fine
			if err := p.cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			p.exits(suite.ExitInterrupted)
			if !empty(temp) {
				t.Error("its temporary folder is not empty")
			}
		})
	}
}

// TestInterruptStart: Ctrl-C while a throwaway server is being made, by an initdb that takes its time.
func TestInterruptStart(t *testing.T) {
	t.Parallel()
	b, bin := program(t, "postgres"), tempFolder(t)
	for name, command := range map[string]string{"postgres": b.Path + ` "$@"`, "initdb": "sleep 3600"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\nexec "+command+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	temp := tempFolder(t)
	p := begin(t, temp, "run", "--target", "postgres="+filepath.Join(bin, "postgres"))
	until(t, "a server's folder", func() bool { return !empty(temp) })
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	p.exits(suite.ExitInterrupted, "lastseat: interrupted before the first row")
	if !empty(temp) {
		t.Error("its temporary folder is not empty")
	}
}

// TestKilled: kill -9 of lastseat leaves a readable history, and neither throwaway server nor folder.
func TestKilled(t *testing.T) {
	t.Parallel()
	program(t, "postgres")
	temp := tempFolder(t)
	out := filepath.Join(t.TempDir(), "out")
	history := filepath.Join(out, "histories", "seats-postgres-for-update-read-committed.jsonl")
	p := begin(t, temp, "run", "--target", "postgres", "--workload", "seats", "-d", "10m", "-c", "16", "--strategy", "for-update", "--out", out)
	until(t, "a history", func() bool { // of the row that goes on: the positive control ends when it is caught
		info, err := os.Stat(history)
		return err == nil && info.Size() > 10_000
	})
	pids, err := filepath.Glob(filepath.Join(temp, "lastseat-postgres-*", "data", "postmaster.pid"))
	if err != nil || len(pids) != 1 {
		t.Fatalf("the server's process: %v, %v", pids, err)
	}
	content, err := os.ReadFile(pids[0])
	if err != nil {
		t.Fatal(err)
	}
	pid, _, _ := strings.Cut(string(content), "\n")
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.exits(-1)
	until(t, "the server and its folder gone", func() bool {
		command, _ := os.ReadFile(filepath.Join("/proc", pid, "cmdline")) // none: it is gone
		return empty(temp) && !bytes.Contains(command, []byte(temp))
	})
	// The kill falls between two lines or inside one; either way the file says that its run died.
	begin(t, "", "check", history).exits(suite.ExitInconclusive, "inconclusive", "the run died or goes on")
}

// TestKilledOnYours: on the user's own server a killed run leaves its schema; docs/failures.md says how to drop it.
func TestKilledOnYours(t *testing.T) {
	onServers(t, func(t *testing.T, e string, s *local.Server) {
		db := connect(t, s)
		p := begin(t, "", "run", "--target", e, "--dsn", s.DSN(), "--workload", "seats", "-d", "10m", "-c", "16", "--strategy", "for-update")
		busy(t, db, e)
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		p.exits(-1)
		left := leftovers(t, db, e)
		if len(left) != 1 {
			t.Fatalf("left behind: %v, want one schema", left)
		}
		drop := "DROP DATABASE " + left[0]
		if e == "postgres" {
			drop = "DROP SCHEMA " + left[0] + " CASCADE"
		}
		execAll(t, db, drop)
	})
}
