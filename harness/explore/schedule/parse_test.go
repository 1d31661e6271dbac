package schedule_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

const sample = `# Anything may be said here.
name: P4
about: one update is lost
hazard: P4
isolation: rr
sessions: T2, T1
ignore: test.noted, log

setup:
  CREATE TABLE test (id INT PRIMARY KEY, value INT);
  @mysql INSERT INTO test
    | VALUES (1, 10);
  @!mysql INSERT INTO test VALUES (1, 10)

steps:
  T1  BEGIN
  T2  [read] SELECT value FROM test
  T1  [write] @postgres,sqlite UPDATE test SET value = 11
  T1  [write] @mysql UPDATE test
      | SET value = 11
      | WHERE id = 1

invariants:
  [positive] SELECT * FROM test
    | WHERE value < 0
  @!mysql SELECT 1 WHERE false

allowed when:
  T1 commits

expect:
  T2.read returns 10, x y; 'a, b', 'it''s\n' or nothing or ''
  @mysql T1.write writes 1 or 2
  T1 fails with 40001 or deadlock
  T2 fails
  T2 does not wait
  T1.write waits
`

func parsed(t *testing.T, text string) *schedule.Schedule {
	t.Helper()
	s, err := schedule.Parse("own.schedule", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestParse(t *testing.T) {
	s := parsed(t, sample)
	if s.Name != "P4" || s.About != "one update is lost" || s.Level != harness.RepeatableRead {
		t.Errorf("%+v", s)
	}
	if hazard, ok := s.HazardOf(); !ok || hazard != promise.P4 {
		t.Errorf("hazard %v", hazard)
	}
	if got := strings.Join(s.Sessions, " "); got != "T2 T1" {
		t.Errorf("sessions %s", got)
	}
	if got, want := s.Steps[3].SQL, "UPDATE test\nSET value = 11\nWHERE id = 1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if s.Setup[1].SQL != "INSERT INTO test\nVALUES (1, 10)" || s.Setup[0].SQL != "CREATE TABLE test (id INT PRIMARY KEY, value INT)" {
		t.Errorf("%+v", s.Setup)
	}
	rows := [][][]string{{{"10", "x y"}, {"a, b", "it's\n"}}, nil, {{""}}}
	if diff := cmp.Diff(rows, s.Expect[0].Rows); diff != "" {
		t.Error(diff)
	}
	for product, want := range map[string]bool{"mysql": false, "mariadb": true} {
		if s.Setup[2].Only.Has(product) != want {
			t.Errorf("%s: %v", product, !want)
		}
	}
	if err := s.CheckProducts([]string{"postgres", "sqlite"}); err == nil || err.Error() != "own.schedule:11: unknown product @mysql; there are: postgres, sqlite" {
		t.Error(err)
	}
}

// TestParseErrors: each mistake is one sentence with the file and the line.
func TestParseErrors(t *testing.T) {
	steps := "steps:\n  T1 SELECT 1\n"
	for text, want := range map[string]string{
		"":                                               "it has no steps",
		"hello":                                          `:1: unknown key "hello"; there are: name, about`,
		"  T1 SELECT 1":                                  ":1: a line that begins with blanks belongs to setup:",
		"name:\n":                                        ":1: name: has no value",
		"name: a\n\nname: b\n" + steps:                   ":3: name: is already on line 1",
		"isolation: snapshot\n" + steps:                  `:1: unknown isolation level "snapshot"; there are: read-uncommitted`,
		"hazard: P5\n" + steps:                           `:1: unknown hazard "P5"; there are: split`,
		"hazard: P4\n" + steps:                           ":1: hazard: needs allowed when:",
		"steps: T1\n":                                    ":1: steps: ends its line",
		"steps:\n  T1\n":                                 ":2: session T1 has no statement here",
		"steps:\n  T1;SELECT 1\n":                        `:2: "T1;SELECT" is not a session name`,
		"steps:\n  | more\n":                             ":2: | continues a statement, and the line before it holds none",
		steps + "invariants:\n  [positive]\n":            ":4: the query is missing",
		"steps:\n  T1 [a b] SELECT 1\n":                  ":2: a label is a word in brackets",
		"steps:\n  T1 [a SELECT 1\n":                     ":2: a label is a word in brackets",
		"steps:\n  T1 @my/sql SELECT 1\n":                `:2: "my/sql" is not a product name`,
		"ignore: log,, t.at\n" + steps:                   ":1: ignore: has an empty name; write tables, and columns as table.column",
		"ignore: ,\n" + steps:                            ":1: ignore: has an empty name",
		"sessions: T1, T1\n" + steps:                     ":1: session T1 is named twice",
		"sessions: T1, T2\n" + steps:                     ":1: session T2 has no step",
		"sessions: T2\n" + steps:                         `:3: unknown session "T1"; there are: T2`,
		steps + "expect:\n  T2 commits\n":                `:4: unknown session "T2"; there are: T1`,
		steps + "expect:\n  T1.a waits\n":                ":4: session T1 has no statement with the label [a]; none of its has one",
		steps + "expect:\n  T1 returns 1\n":              ":4: returns of which statement?",
		steps + "expect:\n  T1 commits now\n":            `:4: commits ends the line, and "now" follows`,
		steps + "expect:\n  T1 explodes\n":               ":4: what about T1? Write: commits, fails",
		steps + "expect:\n  T1.a.b waits\n":              `:4: "T1.a.b" is neither a session`,
		steps + "expect:\n  T1 fails because\n":          ":4: fails is followed by nothing, or by: with CODE",
		steps + "expect:\n  T1.a writes many\n":          `:4: "many" is not a number of rows`,
		steps + "expect:\n  T1.a returns 1,,2\n":         ":4: a column is empty",
		steps + "expect:\n  T1.a returns 'x\n":           ":4: a quote is not closed",
		steps + "expect:\n  T1.a returns 'x' y\n":        `:4: there is more behind the rows: "y"`,
		"steps:\n  T1 [a] SELECT 1\n  T1 [a] SELECT 2\n": ":3: T1.a is already on line 2",
		"steps:\n  T1 [a] @mysql SELECT 1\n  T1 [a] @!sqlite SELECT 2\n": ":3: T1.a is already on line 2",
		"steps:\n  T1 SELECT '\xff'\n":                                   ":2: this is not text (UTF-8)",
	} {
		s, err := schedule.Parse("own.schedule", []byte(text))
		var mistake *schedule.Error
		if !errors.As(err, &mistake) || !strings.HasPrefix(err.Error(), "own.schedule:") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if s != nil || err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, %v", text, s, err)
		}
	}
}

// rewritten is a schedule written and read again.
func rewritten(t *testing.T, s *schedule.Schedule) *schedule.Schedule {
	t.Helper()
	var b bytes.Buffer
	if err := schedule.Write(&b, s); err != nil {
		t.Fatal(err)
	}
	again, err := schedule.Parse(s.File, b.Bytes())
	if err != nil {
		t.Fatalf("%v\n%s", err, &b)
	}
	return again
}

// sameBut compares schedules but for the lines on which things stand.
func sameBut(t *testing.T, a, b *schedule.Schedule) {
	t.Helper()
	lines := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Line" }, cmp.Ignore())
	if diff := cmp.Diff(a, b, lines); diff != "" {
		t.Errorf("another schedule (-written +read):\n%s", diff)
	}
}

func TestWrite(t *testing.T) {
	s := parsed(t, sample)
	sameBut(t, s, rewritten(t, s))
	anomalies, err := schedule.Anomalies()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range anomalies {
		sameBut(t, s, rewritten(t, s))
	}
}

// TestWriteRefuses: what could not be read again is not written.
func TestWriteRefuses(t *testing.T) {
	for _, s := range []*schedule.Schedule{
		{},
		{Steps: []schedule.Step{{Session: "T 1", Statement: schedule.Statement{SQL: "SELECT 1"}}}},
		{Steps: []schedule.Step{{Session: "T1"}}},
	} {
		var b bytes.Buffer
		if err := schedule.Write(&b, s); err == nil || b.Len() > 0 {
			t.Errorf("%+v: %v, %s", s, err, &b)
		}
	}
	found := &schedule.Schedule{Steps: []schedule.Step{
		{Session: "buyer-1", Statement: schedule.Statement{SQL: "BEGIN"}}, {Session: "2", Statement: schedule.Statement{SQL: "SELECT 1"}},
	}}
	if again := rewritten(t, found); len(again.Sessions) != 2 || again.Steps[1].SQL != "SELECT 1" {
		t.Errorf("%+v", again)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	anomalies, err := schedule.Anomalies()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range anomalies {
		var b bytes.Buffer
		if err := schedule.Write(&b, s); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte("steps:\n\u00a0T1 [a] SELECT\n | x\nexpect:\n T1.a returns 'o''r\\n' or nothing"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := schedule.Parse("own.schedule", text)
		if err != nil {
			var mistake *schedule.Error
			if !errors.As(err, &mistake) {
				t.Errorf("not an Error: %v", err)
			}
			return
		}
		sameBut(t, s, rewritten(t, s))
	})
}

func TestWriteSQL(t *testing.T) {
	s := parsed(t, sample)
	var b bytes.Buffer
	engine := &store.Engine{Name: "mysql", SetLevel: func(l harness.Level) string { return "SET SESSION TRANSACTION ISOLATION LEVEL " + l.SQL() }}
	if err := schedule.WriteSQL(&b, s, engine, "found by hand"); err != nil {
		t.Fatal(err)
	}
	const want = `-- P4: one update is lost
-- found by hand
-- 2 sessions: open a terminal for each of T1, T2, and type the statements in this order, each in its own.

-- set-up, in any of them
CREATE TABLE test (id INT PRIMARY KEY, value INT);
INSERT INTO test
VALUES (1, 10);

-- T1
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
BEGIN;

-- T2
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
SELECT value FROM test;

-- T1
UPDATE test
SET value = 11
WHERE id = 1;
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
