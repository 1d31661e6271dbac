package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/harness/suite"
)

// measurements are two servers, a level that is skipped, and a target that is missing; with a surprise on request.
func measurements(surprise bool) *isolation.Result {
	r := &isolation.Result{Missing: []Server{{Target: "mysql", Missing: "no MySQL server program found: ./scripts/servers installs it"}}}
	add := func(target, server string, level harness.Level, anomaly, outcome, how, expected string) {
		r.Rows = append(r.Rows, isolation.Measured{
			Target: target, Server: server, Isolation: level, Anomaly: anomaly, Outcome: outcome, How: how, Expected: expected,
			AsExpected: outcome == expected || outcome == isolation.NotMeasured, About: "a <sentence> | about " + anomaly,
		})
	}
	const pg, maria = "PostgreSQL 15.20", "MariaDB 10.11.19, innodb_snapshot_isolation ON"
	for _, a := range []string{"G1a", "P4"} {
		add("postgres", pg, ru, a, isolation.NotMeasured, "PostgreSQL's read uncommitted is read committed", "")
	}
	add("postgres", pg, rc, "G1a", isolation.Prevented, "reads 10", isolation.Prevented)
	add("postgres", pg, rc, "P4", isolation.LetThrough, "T1 commits, T2 commits", isolation.LetThrough)
	add("postgres", pg, rr, "G1a", isolation.Prevented, "reads 10", isolation.Prevented)
	how, outcome := "error 40001", isolation.Prevented
	if surprise {
		how, outcome = "T1 commits, T2 commits", isolation.LetThrough
	}
	add("postgres", pg, rr, "P4", outcome, how, isolation.Prevented)
	add("mariadb", maria, rr, "G1a", isolation.Prevented, "waits", isolation.Prevented)
	add("mariadb", maria, rr, "P4", isolation.Prevented, "error 1020", isolation.Prevented)
	add("sqlite", "SQLite 3.53.4", ser, "G1a", isolation.Prevented, "reads 10", isolation.Prevented)
	if surprise {
		add("sqlite", "SQLite 3.53.4", ser, "P4", isolation.Prevented, "error SQLITE_BUSY_SNAPSHOT", isolation.LetThrough)
	} else {
		add("sqlite", "SQLite 3.53.4", ser, "P4", isolation.Prevented, "error SQLITE_BUSY_SNAPSHOT", isolation.Prevented)
	}
	const galera = "MariaDB Galera 10.11.19, sessions apart"
	add("galera", galera, ser, "G1a", isolation.Prevented, "reads 10", isolation.Prevented)
	add("galera", galera, ser, "P4", isolation.Undecided, "not seen in 22 plays, error 1213", isolation.LetThrough)
	last := &r.Rows[len(r.Rows)-1]
	last.AsExpected, last.Apart = true, true
	return r
}

func TestIsolationReports(t *testing.T) {
	for name, r := range map[string]*isolation.Result{"isolation": measurements(false), "isolation-surprises": measurements(true)} {
		for ext, write := range map[string]func(io.Writer, *isolation.Result) error{
			"txt":  func(w io.Writer, r *isolation.Result) error { return IsolationText(w, r, false) },
			"json": IsolationJSON, "md": IsolationMarkdown, "xml": IsolationJUnit,
		} {
			var b bytes.Buffer
			if err := write(&b, r); err != nil {
				t.Fatal(err)
			}
			golden(t, name+"."+ext, b.String())
		}
	}
}

func TestIsolationExitCodes(t *testing.T) {
	failed, interrupted := measurements(true), measurements(false)
	failed.Errors, interrupted.Interrupted = []string{"target mysql: server gone"}, true
	for want, r := range map[int]*isolation.Result{
		suite.ExitAsExpected: measurements(false), suite.ExitBroken: measurements(true), suite.ExitSetup: failed, suite.ExitInterrupted: interrupted,
		suite.ExitInconclusive: {Missing: []Server{{Target: "mysql", Missing: "none"}}},
	} {
		if got := r.ExitCode(); got != want {
			t.Errorf("exit code %d, want %d", got, want)
		}
	}
}

// TestIsolationMarkdownCells: each line of a table has as many cells as its head.
func TestIsolationMarkdownCells(t *testing.T) {
	r := measurements(true)
	r.Rows[2].How = "reads a | b\n| c"
	var b strings.Builder
	if err := IsolationMarkdown(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, table := range tableLines(b.String()) {
		for _, line := range table {
			if pipes(line) != pipes(table[0]) {
				t.Errorf("%d cells, want %d: %s", pipes(line), pipes(table[0]), line)
			}
		}
	}
}

// TestIsolationJUnitIsXML: whatever a server says.
func TestIsolationJUnitIsXML(t *testing.T) {
	r := measurements(true)
	r.Rows[2].How, r.Errors = "reads \x00 ]]> <b>\xff", []string{"a & b"}
	var b bytes.Buffer
	if err := IsolationJUnit(&b, r); err != nil {
		t.Fatal(err)
	}
	var doc junitSuites
	if err := xml.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatalf("%v\n%s", err, &b)
	}
	if doc.Failures != 2 || doc.Skipped != 3 || doc.Errors != 1 {
		t.Errorf("%+v", doc.junitCounts)
	}
}

// transcripts are one of two sessions that wait for each other, and one of four whose statements need several lines.
func transcripts() []schedule.Transcript {
	long := "UPDATE account SET value = value - 100 WHERE id = 1 AND (SELECT SUM(value) FROM account WHERE id IN (1, 2)) >= 100"
	return []schedule.Transcript{
		{
			Title: "P4 on mysql (MySQL 9.7.4) at serializable", Sessions: []string{"T1", "T2"}, Outcome: "P4: prevented (error 1213)",
			Lines: []schedule.TranscriptLine{
				{Session: 0, Text: "BEGIN"},
				{Session: 1, Text: "BEGIN"},
				{Session: 0, Text: "SELECT value FROM test WHERE id = 1", Result: "10"},
				{Session: 0, Text: "UPDATE test SET value = 11 WHERE id = 1", Result: "1 row", Waited: true, Until: 4},
				{Session: 1, Text: "UPDATE test SET value = 11 WHERE id = 1", Result: "error 1213: Deadlock found when trying to get lock; try restarting transaction"},
				{Session: 0, Text: "COMMIT"},
				{Session: 1, Text: "ROLLBACK, in place of COMMIT"},
				{Session: 1, Text: "UPDATE test SET value = 12 WHERE id = 2", Result: "error 1205: Lock wait timeout exceeded", Waited: true, Until: 7},
			},
		},
		{
			Sessions: []string{"T1", "T2", "reader", "4"},
			Lines: []schedule.TranscriptLine{
				{Session: 0, Text: long, Result: "1 row"},
				{Session: 3, Text: long, Result: "1 row", Waited: true, Until: 2},
				{Session: 2, Text: "SELECT id, value FROM account ORDER BY id", Result: strings.Repeat("1, 60; ", 12) + "2, 60"},
			},
		},
		{},
	}
}

func TestTranscripts(t *testing.T) {
	var b bytes.Buffer
	if err := Transcripts(&b, 0, transcripts()...); err != nil {
		t.Fatal(err)
	}
	golden(t, "transcripts.txt", b.String())
}

func TestReplayText(t *testing.T) {
	shown := transcripts()[0]
	r := &isolation.Replay{Plays: []isolation.Play{
		{Where: "sqlite@read-committed", Skip: "SQLite offers only serializable"},
		{Where: "postgres@read-committed", Transcript: shown, Short: "T1 commits, T2 commits"},
		{Where: "mysql@read-committed", Transcript: shown, Short: "T1 commits, T2 commits", Anomaly: "P4 is allowed, and declared prevented"},
		{
			Where: "mariadb@read-committed", Transcript: shown, Short: "T1 commits, T2 fails with 1213",
			Unmet: []string{"own.schedule:12: expected: T2 commits; but error 1213: Deadlock found when trying to get lock; try restarting transaction"},
		},
	}}
	var b bytes.Buffer
	if err := ReplayText(&b, r); err != nil {
		t.Fatal(err)
	}
	golden(t, "replay.txt", b.String())
	for want, r := range map[int]*isolation.Replay{
		suite.ExitBroken: r, suite.ExitAsExpected: {Plays: r.Plays[:2]}, suite.ExitInconclusive: {Plays: r.Plays[:1]},
		suite.ExitSetup: {Plays: r.Plays, Err: errors.New("gone")}, suite.ExitInterrupted: {Plays: r.Plays[:2], Interrupted: true},
	} {
		if got := r.ExitCode(); got != want {
			t.Errorf("exit code %d, want %d", got, want)
		}
	}
}
