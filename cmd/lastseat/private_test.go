//go:build unix

package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestResultsArePrivate: whatever the umask, files of results are for their owner alone.
func TestResultsArePrivate(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	t.Setenv("GITHUB_STEP_SUMMARY", at("summary"))
	for _, args := range [][]string{
		{
			"run", "--target", "memory", "--strategy", "naive", "--ops", "2000", "--out", at("out"), "--json", at("r.json"), "--csv", at("r.csv"),
			"--markdown", at("r.md"), "--junitfile", at("r.xml"), "--benchfmt", at("r.txt"),
		},
		{"run", "--target", "memory", "--strategy", "naive", "--ops", "2000", "--out", at("packed"), "--compress"},
		{"check", at("out/histories/seats-memory-naive-none.jsonl"), "--json", at("c.json"), "--svg", at("c.svg"), "--dot", at("c.dot"), "--export-edn", at("c.edn")},
		{"explore", "--target", "sqlite", "--strategy", "naive-tx", "--workload", "seats", "--out", at("explored"), "--json", at("e.json")},
		{"isolation", "--target", "sqlite", "--json", at("i.json"), "--markdown", at("i.md"), "--junitfile", at("i.xml")},
	} {
		var out bytes.Buffer
		if code := Main(args, &out, &out); code == 2 {
			t.Fatalf("lastseat %q:\n%s", args, &out)
		}
	}
	made := 0
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		info, infoErr := os.Stat(path)
		if err != nil || infoErr != nil || path == dir {
			return err
		}
		made++
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return nil
	})
	if err != nil || made < 20 {
		t.Errorf("%d files and folders: %v", made, err)
	}
}
