package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/local"
)

// TestMeasuredIsDeclared is the proof that what run promises rests on facts: on every server that is found, of every version, each
// anomaly is let through at just those levels that are declared to let it through.
func TestMeasuredIsDeclared(t *testing.T) {
	for _, e := range targets.Single() {
		switch {
		case e.Name == "memory":
		case e.Embedded:
			t.Run(e.Name, func(t *testing.T) { measuredIsDeclared(t, suite.TargetSpec{Name: e.Name, Engine: e}) })
		default:
			t.Run(e.Name, func(t *testing.T) { program(t, e.Name) }) // below, or skipped, or required
		}
	}
	for _, e := range targets.Single() {
		if e.Installed == nil {
			continue
		}
		found, _ := e.Installed(t.Context()) // an error is one of the default, which was looked for above
		for _, p := range found {
			t.Run(e.Product+" "+p.Version, func(t *testing.T) {
				t.Parallel()
				measuredIsDeclared(t, suite.TargetSpec{Name: e.Name, Engine: e, DSN: p.Path})
			})
		}
	}
}

func measuredIsDeclared(t *testing.T, spec suite.TargetSpec) {
	anomalies, err := schedule.Anomalies()
	if err != nil {
		t.Fatal(err)
	}
	where := isolation.Config{Targets: []suite.TargetSpec{spec}, AllLevels: true, Engines: targets.Table()}
	result := where.Measure(t.Context(), anomalies)
	for _, m := range result.Surprises() {
		t.Errorf("%s %s: %s is %s (%s), and declared %s", m.Server, m.Isolation, m.Anomaly, m.Outcome, m.How, m.Expected)
	}
	if rows := len(result.Rows) - result.Count(isolation.NotMeasured); len(result.Errors) > 0 || rows < len(anomalies) {
		t.Errorf("%d measurements: %q", rows, result.Errors)
	}
}

// TestSurprise: a declaration that claims more, or less, than the level does is caught.
func TestSurprise(t *testing.T) {
	for name, declared := range map[string]promise.Hazards{
		"more than there is": ^promise.Hazards(0),
		"less than there is": 0,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program(t, "postgres")
			e, _ := targets.Named("postgres")
			open := e.Open
			e.Open = func(ctx context.Context, cfg store.OpenConfig) (store.Server, error) {
				s, err := open(ctx, cfg)
				if err != nil {
					return nil, err
				}
				return &misdeclared{Server: s, Isolating: s.(store.Isolating), prevents: declared}, nil
			}
			anomalies, err := schedule.Anomalies()
			if err != nil {
				t.Fatal(err)
			}
			where := isolation.Config{
				Targets: []suite.TargetSpec{{Name: "postgres", Engine: e}}, Levels: []harness.Level{harness.RepeatableRead}, Engines: targets.Table(),
			}
			result := where.Measure(t.Context(), anomalies)
			if len(result.Errors) > 0 {
				t.Fatal(result.Errors)
			}
			for i := range result.Rows {
				m := &result.Rows[i]
				if want := (m.Outcome == isolation.Prevented) == (declared != 0); m.AsExpected != want {
					t.Errorf("%s is %s and declared %s: as expected %v", m.Anomaly, m.Outcome, m.Expected, m.AsExpected)
				}
			}
			if result.ExitCode() != suite.ExitBroken {
				t.Errorf("exit code %d", result.ExitCode())
			}
		})
	}
}

// misdeclared is a server whose levels are declared to do what they do not.
type misdeclared struct {
	store.Server
	store.Isolating
	prevents promise.Hazards
}

func (m *misdeclared) Isolation(level harness.Level) (promise.Isolation, string) {
	iso, skip := m.Isolating.Isolation(level)
	iso.Prevents = m.prevents
	return iso, skip
}

// TestNoRightToSeeLocks: without the right to see who waits, nothing is played, and one sentence says what to grant.
func TestNoRightToSeeLocks(t *testing.T) {
	for e, grant := range map[string]string{"mysql": "GRANT SELECT ON performance_schema.*", "mariadb": "GRANT PROCESS ON *.*"} {
		t.Run(e, func(t *testing.T) {
			t.Parallel()
			s := mortal(t, e)
			db := connect(t, s)
			execAll(t, db, "CREATE USER blind@'127.0.0.1'", "GRANT ALL ON `lastseat\\_%`.* TO blind@'127.0.0.1'")
			file := written(t, "T1 SELECT 1")
			for _, args := range [][]string{{"isolation"}, {"replay", file}} {
				p := begin(t, "", append(args, "--target", e, "--dsn", dsnOf(s, "blind"))...)
				p.exits(suite.ExitSetup, "no right to see who waits for locks", grant)
				if n := strings.Count(strings.TrimSpace(p.stderr.String()), "\n"); n > 0 {
					t.Errorf("not one line: %s", &p.stderr)
				}
			}
			if left := leftoversOf(t, db, e); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestNobodyTellsWhoWaits: MySQL can be set so that it does not know itself.
func TestNobodyTellsWhoWaits(t *testing.T) {
	t.Parallel()
	s, err := local.Start(t.Context(), program(t, "mysql"), local.Options{ExtraArgs: []string{"--performance-schema=OFF"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	begin(t, "", "isolation", "--target", "mysql", "--dsn", s.DSN()).exits(suite.ExitSetup,
		"the server does not show who waits for locks: its performance_schema is OFF; set performance_schema = ON and restart it")
}

// written is a schedule file with these steps.
func written(t *testing.T, steps ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "own.schedule")
	text := "setup:\n  CREATE TABLE t (id INT PRIMARY KEY, v INT)\n  INSERT INTO t VALUES (1, 1)\nsteps:\n  " + strings.Join(steps, "\n  ") + "\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// leftoversOf is leftovers for MySQL too.
func leftoversOf(t *testing.T, db console, e string) []string {
	t.Helper()
	if e == "mysql" {
		e = "mariadb"
	}
	return leftovers(t, db, e)
}

// endless are steps of which one does not end: T1's second.
var endless = []string{
	"T1 BEGIN", "T1 UPDATE t SET v = 2", "T1 @postgres SELECT pg_sleep(600)", "T1 @mysql,mariadb SELECT SLEEP(600)",
	"T1 @sqlite WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT COUNT(*) FROM n",
	"T2 UPDATE t SET v = 3", "T1 COMMIT",
}

// TestEndlessStep: a statement that does not end is named, and neither it nor the tables it holds stay on the server.
func TestEndlessStep(t *testing.T) {
	file := written(t, endless...)
	t.Run("sqlite", func(t *testing.T) {
		begin(t, "", "replay", file, "--target", "sqlite", "--timeout", "2s").exits(suite.ExitSetup, file+":9: T1:", "has not ended after 2s")
	})
	onServers(t, func(t *testing.T, e string, s *local.Server) {
		db := connect(t, s)
		line := map[string]string{"postgres": ":7: T1:", "mariadb": ":8: T1:"}[e]
		begin(t, "", "replay", file, "--target", e, "--dsn", s.DSN(), "--timeout", "2s").
			exits(suite.ExitSetup, file+line, "has not ended after 2s")
		if left := leftovers(t, db, e); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		until(t, "the statement gone", func() bool { return !sleeping(t, db, e) })
	})
}

// sleeping reports whether an endless statement is under way.
func sleeping(t *testing.T, db console, e string) bool {
	t.Helper()
	return len(texts(t, db, map[string]string{
		"postgres": "SELECT query FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'",
		"mariadb":  "SELECT info FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%'",
	}[e])) > 0
}

// TestReplayServerKilled: a server that ends meanwhile is named with the line that it ended in, and other targets still have
// their turn.
func TestReplayServerKilled(t *testing.T) {
	file := written(t, endless[:4]...) // it ends on SQLite
	for _, e := range []string{"postgres", "mariadb"} {
		t.Run(e, func(t *testing.T) {
			t.Parallel()
			s := mortal(t, e)
			db := connect(t, s)
			p := begin(t, "", "replay", file, "--target", e+"="+s.DSN()+",sqlite", "--timeout", "60s")
			until(t, "the endless statement", func() bool { return sleeping(t, db, e) })
			if err := s.Kill(); err != nil {
				t.Fatal(err)
			}
			p.exits(suite.ExitSetup, "server lost", file+":", "lastseat_", "is left", "on sqlite")
		})
	}
}

// TestReplayInterrupted: Ctrl-C in the middle of a statement ends it, and takes the tables along.
func TestReplayInterrupted(t *testing.T) {
	file := written(t, endless...)
	onServers(t, func(t *testing.T, e string, s *local.Server) {
		db := connect(t, s)
		p := begin(t, "", "replay", file, "--target", e, "--dsn", s.DSN(), "--timeout", "60s")
		until(t, "the endless statement", func() bool { return sleeping(t, db, e) })
		if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		p.exits(suite.ExitInterrupted, "INTERRUPTED")
		if left := leftovers(t, db, e); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		until(t, "the statement gone", func() bool { return !sleeping(t, db, e) })
	})
}

// TestIsolationInterrupted: what was measured until then is written.
func TestIsolationInterrupted(t *testing.T) {
	onServers(t, func(t *testing.T, e string, s *local.Server) {
		db := connect(t, s)
		file := filepath.Join(t.TempDir(), "isolation.json")
		p := begin(t, "", "isolation", "--target", e, "--dsn", s.DSN(), "--json", file)
		until(t, "a schedule under way", func() bool { return len(leftovers(t, db, e)) > 0 })
		if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		p.exits(suite.ExitInterrupted, "INTERRUPTED")
		var doc struct{ Interrupted bool }
		content, err := os.ReadFile(file)
		if err := errors.Join(err, json.Unmarshal(content, &doc)); err != nil || !doc.Interrupted {
			t.Errorf("not a partial result: %v", err)
		}
		if left := leftovers(t, db, e); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}
