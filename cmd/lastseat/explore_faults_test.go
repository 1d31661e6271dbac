package main

import (
	"os"
	"testing"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets/local"
)

// endlessly is an exploration that would take hours.
func endlessly(e string, dsn string) []string {
	return []string{
		"explore", "--target", e, "--dsn", dsn, "--workload", "checkout", "--strategy", "optimistic", "--clients", "3",
		"--isolation", "rc", "--full", "--budget", "100000000",
	}
}

// exploring waits until statements are stepped on the server.
func exploring(t *testing.T, db console, e string) {
	t.Helper()
	until(t, "schedules under way", func() bool {
		names := leftovers(t, db, e)
		if len(names) == 0 {
			return false
		}
		rows, err := db("SELECT CONCAT(id) FROM " + names[0] + ".sold")
		return err == nil && len(rows) == 1 // the last table is filled
	})
}

// TestExploreInterrupted: Ctrl-C ends an exploration, and takes the tables along.
func TestExploreInterrupted(t *testing.T) {
	onServers(t, func(t *testing.T, e string, s *local.Server) {
		db := connect(t, s)
		p := begin(t, "", endlessly(e, s.DSN())...)
		exploring(t, db, e)
		if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		p.exits(suite.ExitInterrupted, "INTERRUPTED")
		if left := leftovers(t, db, e); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// TestExploreServerKilled: a server that ends meanwhile is named, with what is left on it.
func TestExploreServerKilled(t *testing.T) {
	for _, e := range []string{"postgres", "mariadb"} {
		t.Run(e, func(t *testing.T) {
			t.Parallel()
			s := mortal(t, e)
			p := begin(t, "", endlessly(e, s.DSN())...)
			exploring(t, connect(t, s), e)
			if err := s.Kill(); err != nil {
				t.Fatal(err)
			}
			p.exits(suite.ExitSetup, e+"/optimistic@read-committed", "schedules that were run break)", "lastseat_", "is left")
		})
	}
}
