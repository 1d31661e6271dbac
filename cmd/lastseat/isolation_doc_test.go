package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets/local"
)

// TestShownSchedule: the schedule that docs/isolation.md shows comes out as it expects.
func TestShownSchedule(t *testing.T) {
	page, err := os.ReadFile("../../docs/isolation.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^A schedule is a text file.*?^```\n(.*?)^```$").FindSubmatch(page)
	if blocks == nil {
		t.Fatal("docs/isolation.md shows no schedule")
	}
	if _, err := schedule.Parse("seat.schedule", blocks[1]); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "seat.schedule")
	if err := os.WriteFile(file, blocks[1], 0o644); err != nil {
		t.Fatal(err)
	}
	program(t, local.Postgres)
	program(t, local.MySQL)
	begin(t, "", "replay", file, "--target", "postgres,mysql").exits(suite.ExitAsExpected,
		"postgres@repeatable-read: T1 commits, T2 fails with 40001", "T1.left returns -1", "nothing contrary to the file")
}
