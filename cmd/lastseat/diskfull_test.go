package main

// Results and stores on a disk that is full.

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/reports"
)

// full is a folder on a disk of its own, of 64 kB.
func full(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("a small disk is mounted only by root on Linux")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("mount a small disk: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	return dir
}

func TestDiskFullHistory(t *testing.T) {
	out := filepath.Join(full(t), "out")
	p := begin(t, "", quick("--target", "memory", "--strategy", "naive,mutex", "--out", out)...)
	p.exits(suite.ExitSetup, "error: write "+out, "no space left on device")
	file := filepath.Join(out, "histories", "seats-memory-naive-none.jsonl")
	c := begin(t, "", "check", file)
	_ = c.cmd.Wait() // below
	if code := c.cmd.ProcessState.ExitCode(); code != suite.ExitBroken && code != suite.ExitInconclusive {
		t.Errorf("check of the history up to there: exit code %d", code)
	}
}

func TestDiskFullSQLite(t *testing.T) {
	dir := full(t)
	p := begin(t, "", quick("--target", "sqlite", "--dsn", filepath.Join(dir, "shop.db"), "--strategy", "atomic,for-update")...)
	p.exits(suite.ExitSetup, "error: ", "database or disk is full (13)")
	if !empty(dir) {
		t.Error("the file is left behind")
	}
}

func TestDiskFullOutputs(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here")
	}
	for _, f := range reports.Formats(reports.JUnitOptions{}) {
		p := begin(t, "", quick("--target", "memory", "--strategy", "mutex", "--"+f.Flag, "/dev/full")...)
		p.exits(suite.ExitSetup, "--"+f.Flag+": write /dev/full: no space left on device; make room there, or name another place", "mutex")
	}
}
