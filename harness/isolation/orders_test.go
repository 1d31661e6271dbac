package isolation_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets"
)

const lastSeat = `
setup:
  CREATE TABLE seat (id INT PRIMARY KEY, available INT NOT NULL)
  CREATE TABLE ticket (id INT PRIMARY KEY, buyer VARCHAR(9) NOT NULL)
  INSERT INTO seat VALUES (1, 1)
steps:
  ann  BEGIN
  ann  [seen] SELECT available FROM seat WHERE id = 1 LOCK
  ann  UPDATE seat SET available = {seen} - 1 WHERE id = 1 AND {seen} > 0
  ann  INSERT INTO ticket SELECT 1, 'ann' WHERE {seen} > 0
  ann  COMMIT
  bob  BEGIN
  bob  [seen] SELECT available FROM seat WHERE id = 1 LOCK
  bob  UPDATE seat SET available = {seen} - 1 WHERE id = 1 AND {seen} > 0
  bob  INSERT INTO ticket SELECT 2, 'bob' WHERE {seen} > 0
  bob  COMMIT
`

const oversold = `invariants:
  [oversold] SELECT count(*) FROM ticket HAVING count(*) > 1
`

// config is of one target.
func config(t *testing.T, target string) isolation.Config {
	t.Helper()
	e, ok := targets.Named(target)
	if !ok {
		t.Fatalf("no target %s", target)
	}
	return isolation.Config{Targets: []suite.TargetSpec{{Name: target, Engine: e}}, Engines: targets.Table()}
}

// exploredOn runs all orders of a schedule at one place.
func exploredOn(t *testing.T, target string, level harness.Level, text string) isolation.Place {
	t.Helper()
	s, err := schedule.Parse("seat.schedule", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	c := config(t, target)
	c.Levels = []harness.Level{level}
	all := c.Explore(t.Context(), s, isolation.Search{})
	if len(all.Places) == 1 && len(all.Tried()) == 0 {
		required.Missing(t, target, all.Places[0].Skip)
	}
	if all.Err != nil || len(all.Tried()) != 1 {
		t.Fatalf("%+v: %v", all.Places, all.Err)
	}
	return all.Places[0]
}

// TestOrders: sessions that race are accused at the levels that let them, by serial orders and by an invariant, and the order that is
// shown breaks when it is played alone; their mended twins are not accused.
func TestOrders(t *testing.T) {
	racy, mended := strings.ReplaceAll(lastSeat, " LOCK", ""), strings.ReplaceAll(lastSeat, "LOCK", "FOR UPDATE")
	for _, c := range []struct {
		about, target string
		level         harness.Level
		text          string
		want          harness.Verdict
	}{
		{"racy", "postgres", harness.ReadCommitted, racy, harness.Unsafe},
		{"racy, by an invariant", "postgres", harness.ReadCommitted, racy + oversold, harness.Unsafe},
		{"a level saves it", "postgres", harness.RepeatableRead, racy, harness.Safe},
		{"mended", "postgres", harness.ReadCommitted, mended, harness.Safe},
		{"mended, by an invariant", "postgres", harness.ReadCommitted, mended + oversold, harness.Safe},
		{"racy", "mariadb", harness.RepeatableRead, racy, harness.Unsafe},
		{"mended", "mariadb", harness.RepeatableRead, mended, harness.Safe},
		{"racy, with an invariant for another product", "postgres", harness.ReadCommitted, racy + strings.Replace(oversold, "] ", "] @mysql ", 1), harness.Unsafe},
		{"one at a time", "sqlite", harness.Serializable, racy, harness.Safe},
	} {
		t.Run(c.about+" on "+c.target, func(t *testing.T) {
			t.Parallel()
			p := exploredOn(t, c.target, c.level, c.text)
			if p.Verdict != c.want || !p.Exhaustive || (p.Breaking > 0) != (c.want == harness.Unsafe) || p.Schedules < 2 {
				t.Fatalf("%+v", p)
			}
			if c.want == harness.Safe {
				return
			}
			for _, has := range []string{"ann", "bob", "available = 1 - 1"} {
				if !strings.Contains(p.Transcript, has) {
					t.Errorf("%q is not in\n%s", has, p.Transcript)
				}
			}
			var file bytes.Buffer
			if err := schedule.Write(&file, p.Shortest); err != nil {
				t.Fatal(err)
			}
			alone, err := schedule.Parse("alone.schedule", file.Bytes())
			if err != nil {
				t.Fatalf("%v\n%s", err, &file)
			}
			if alone.Level != c.level {
				t.Errorf("saved at %s, found at %s", alone.Level, c.level)
			}
			again := config(t, c.target)
			again.Levels = []harness.Level{alone.Level}
			r := again.Replay(t.Context(), alone)
			if r.Err != nil || len(r.Plays) != 1 || strings.Count(r.Plays[0].Short, "returns 1") != 2 {
				t.Errorf("played alone: %+v: %v\n%s", r.Plays, r.Err, &file)
			}
		})
	}
}

// TestOrdersAnswers: what a statement answered reaches later ones as it is: no row as NULL, digits of a text as a text, a time as the
// console has it. The last statement of each session is only right if it does; where the file is replayed, too.
func TestOrdersAnswers(t *testing.T) {
	const text = `
setup:
  CREATE TABLE agent (code VARCHAR(9) PRIMARY KEY, day DATE NOT NULL, at TIMESTAMP NOT NULL, missions INT NOT NULL)
  INSERT INTO agent VALUES ('007', '1962-10-05', '1962-10-05 20:15:00.5', 0), ('7', '1963-01-01', '1963-01-01 00:00:00', 0)
steps:
  m  [none] SELECT missions FROM agent WHERE code = '008'
  m  [code] SELECT min(code) FROM agent
  m  [day] SELECT day FROM agent WHERE code = {code}
  m  [at] SELECT at FROM agent WHERE code = {code} AND {none} IS NULL
  m  [sent] UPDATE agent SET missions = missions + 1 WHERE code = {code} AND day = {day} AND at = {at}
  q  UPDATE agent SET missions = missions + 1 WHERE code = '7'
invariants:
  [unsent] SELECT code FROM agent WHERE code = '007' AND missions = 0 AND EXISTS (SELECT 1 FROM agent WHERE code = '7' AND missions > 0)
`
	for _, target := range []string{"postgres", "sqlite"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			text := text
			if target == "sqlite" {
				text = strings.ReplaceAll(text, "DATE NOT", "TEXT NOT")
			}
			if p := exploredOn(t, target, harness.Serializable, text); p.Verdict != harness.Safe {
				t.Errorf("%+v", p)
			}
			s, err := schedule.Parse("agent.schedule", []byte(text+"expect:\n  m.sent writes 1\n"))
			if err != nil {
				t.Fatal(err)
			}
			c := config(t, target)
			if r := c.Replay(t.Context(), s); r.Err != nil || len(r.Plays) != 1 || r.Broken() > 0 {
				t.Errorf("%+v: %v", r.Plays, r.Err)
			}
		})
	}
}

// TestOrdersMistakes: a file that says nothing of any order is refused, with the line.
func TestOrdersMistakes(t *testing.T) {
	racy := strings.ReplaceAll(lastSeat, " LOCK", "")
	for want, text := range map[string]string{
		"seat.schedule:18: invariants: SQL logic error: no such table: sold":                                                                                                 racy + "invariants:\n  [x] SELECT 1\n  |  FROM sold\n",
		"seat.schedule: before anybody does anything: SELECT 1 is broken: 1":                                                                                                 racy + "invariants:\n  SELECT 1\n",
		"seat.schedule:5: setup: SQL logic error: table seat has 2 columns":                                                                                                  strings.Replace(racy, "(1, 1)", "(1, 1, 1)", 1),
		"seat.schedule:7: session ann is refused alone: SQL logic error: no such table: row":                                                                                 strings.Replace(racy, "FROM seat", "FROM row", 1),
		"seat.schedule:6: setup: table copy holds 1 row when the set-up is done, and 0 when it is emptied and filled again for the next order; only what begins with INSERT": strings.Replace(racy, "VALUES (1, 1)\n", "VALUES (1, 1)\n  CREATE TEMPORARY TABLE copy AS SELECT * FROM seat\n", 1),
		"has 1 session with statements for sqlite":                                                                                                                           strings.Join(slices.DeleteFunc(strings.Split(racy, "\n"), func(l string) bool { return strings.HasPrefix(l, "  bob") }), "\n"),
	} {
		s, err := schedule.Parse("seat.schedule", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		c := config(t, "sqlite")
		all := c.Explore(t.Context(), s, isolation.Search{})
		if all.Err == nil || !strings.Contains(all.Err.Error(), want) || len(all.Tried()) > 0 {
			t.Errorf("%v, want %q; %+v", all.Err, want, all.Places)
		}
	}
}
