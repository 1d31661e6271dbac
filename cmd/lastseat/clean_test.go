package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/suite"
)

// notOurs merely has such a name.
const notOurs = "lastseat_0123abcd"

func makeNotOurs(t *testing.T, db console, e string) {
	t.Helper()
	kind := map[string]string{"postgres": "SCHEMA"}[e]
	if kind == "" {
		kind = "DATABASE"
	}
	execAll(t, db, "CREATE "+kind+" "+notOurs, "CREATE TABLE "+notOurs+".stock (id INT)")
}

// TestClean: clean drops what a killed run has left, and neither what a run that lives works in, nor what merely has such a name.
func TestClean(t *testing.T) {
	for _, e := range []string{"postgres", "mariadb"} {
		t.Run(e, func(t *testing.T) {
			t.Parallel()
			s := mortal(t, e)
			db := connect(t, s)
			on := []string{"--target", e, "--dsn", s.DSN()}
			args := append([]string{"run", "--workload", "seats", "--strategy", "for-update", "-c", "4", "-d", "10m"}, on...)

			alive := begin(t, "", args...)
			busy(t, db, e)
			living := leftovers(t, db, e)
			begin(t, "", append([]string{"clean"}, on...)...).exits(suite.ExitAsExpected, living[0], "left alone: its run is alive")

			dead := begin(t, "", args...)
			until(t, "a second run", func() bool { return len(leftovers(t, db, e)) == 2 })
			second := slices.DeleteFunc(leftovers(t, db, e), func(name string) bool { return name == living[0] })[0]
			until(t, "its marker", func() bool {
				rows, err := db("SELECT CONCAT(pid) FROM " + second + ".lastseat_run")
				return err == nil && len(rows) == 1
			})
			_ = dead.cmd.Process.Kill()
			_ = dead.cmd.Wait()
			makeNotOurs(t, db, e)
			until(t, "the server has seen the end of the killed run's sessions", func() bool {
				p := begin(t, "", append([]string{"clean", "--dry-run"}, on...)...).exits(suite.ExitAsExpected, living[0], notOurs, "it holds no marker of lastseat")
				return strings.Contains(p.stdout.String(), "dead, would be dropped")
			})
			if left := leftovers(t, db, e); len(left) != 3 {
				t.Errorf("--dry-run has left %v", left)
			}
			begin(t, "", append([]string{"clean"}, on...)...).exits(suite.ExitAsExpected, "dropped", fmt.Sprintf("by process %d on", dead.cmd.Process.Pid))
			want := []string{living[0], notOurs}
			slices.Sort(want)
			left := leftovers(t, db, e)
			slices.Sort(left)
			if !slices.Equal(left, want) {
				t.Errorf("clean has left %v, want %v", left, want)
			}
			_ = alive.cmd.Process.Kill()
		})
	}
}

// TestCleanSessionLost: a run whose session with the lock was ended by the server takes the lock again, and is not taken for dead.
func TestCleanSessionLost(t *testing.T) {
	t.Parallel()
	s := mortal(t, "postgres")
	db := connect(t, s)
	alive := begin(t, "", "run", "--workload", "seats", "--strategy", "for-update", "-c", "4", "-d", "10m", "--target", "postgres", "--dsn", s.DSN())
	busy(t, db, "postgres")
	name := leftovers(t, db, "postgres")[0]
	const holder = "SELECT pid::text FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1"
	first := texts(t, db, holder)
	if len(first) != 1 {
		t.Fatalf("sessions that hold the run's lock: %v", first)
	}
	execAll(t, db, "SELECT pg_terminate_backend("+first[0]+")::text")
	clean := func() {
		begin(t, "", "clean", "--target", "postgres", "--dsn", s.DSN()).exits(suite.ExitAsExpected, name, "left alone: its run is alive")
	}
	clean() // by its other sessions
	until(t, "the lock is taken again", func() bool {
		now := texts(t, db, holder)
		return len(now) == 1 && now[0] != first[0]
	})
	clean()
	_ = alive.cmd.Process.Kill()
}

// TestCleanPooler: behind a pooler, a run that has said nothing for an hour is dead.
func TestCleanPooler(t *testing.T) {
	t.Parallel()
	s := mortal(t, "postgres")
	db := connect(t, s)
	for _, p := range []pooler{{"session", false}, {"transaction", true}} {
		t.Run(p.mode, func(t *testing.T) {
			dsn := p.before(t, s, "postgres")
			run := begin(t, "", "run", "--workload", "seats", "--strategy", "for-update", "-c", "4", "-d", "10m", "--target", "postgres", "--dsn", dsn)
			busy(t, db, "postgres")
			name := leftovers(t, db, "postgres")[0]
			_ = run.cmd.Process.Kill()
			_ = run.cmd.Wait()
			begin(t, "", "clean", "--dsn", dsn).exits(suite.ExitAsExpected, name, "left alone: its run is alive")
			execAll(t, db, "UPDATE "+name+".lastseat_run SET beat = beat - interval '61 minutes'")
			begin(t, "", "clean", "--dsn", dsn).exits(suite.ExitAsExpected, name, "dropped")
			if left := leftovers(t, db, "postgres"); len(left) > 0 {
				t.Errorf("clean has left %v", left)
			}
		})
	}
}

// TestCleanNewborn: a run of MySQL or MariaDB may be killed between its database, the marker in it, and what the marker says.
func TestCleanNewborn(t *testing.T) {
	t.Parallel()
	s := mortal(t, "mariadb")
	db := connect(t, s)
	const marker = ".lastseat_run (version TEXT, host TEXT, pid BIGINT, lives TEXT, started DATETIME, beat DATETIME)"
	execAll(t, db, "CREATE DATABASE lastseat_0000000a COLLATE utf8mb4_esperanto_ci", "CREATE DATABASE lastseat_0000000b",
		"CREATE DATABASE lastseat_0000000c COLLATE utf8mb4_esperanto_ci", "CREATE TABLE lastseat_0000000c"+marker,
		"CREATE DATABASE lastseat_0000000d", "CREATE TABLE lastseat_0000000d"+marker,
		"CREATE DATABASE lastseat_0000000e COLLATE utf8mb4_esperanto_ci", "CREATE TABLE lastseat_0000000e.theirs (id INT)")
	begin(t, "", "clean", "--target", "mariadb", "--dsn", s.DSN()).exits(suite.ExitAsExpected, "dropped", "it holds no marker of lastseat")
	if left := slices.Sorted(slices.Values(leftovers(t, db, "mariadb"))); !slices.Equal(left, []string{"lastseat_0000000b", "lastseat_0000000d", "lastseat_0000000e"}) {
		t.Errorf("clean has left %v", left)
	}
}
