package schedule_test

import (
	"os"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
	"github.com/lastseat/lastseat/targets/sqlite"
)

// unmet plays a schedule on a server, and fails for what is not as it expects.
func unmet(t *testing.T, server store.Server, engine, text string) {
	t.Helper()
	o, err := schedule.Play(t.Context(), parsed(t, text), schedule.Place{Server: server.(store.Isolating), Product: engine, Level: harness.ReadCommitted})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range o.Unmet() {
		t.Errorf("%v\n%s", err, told(o))
	}
}

// TestDeadlockWaits: both who wait for each other have waited, the one who is refused and the one who goes on, whoever that is.
func TestDeadlockWaits(t *testing.T) {
	for _, engine := range []store.Engine{postgres.Engine(), mysql.MySQL(), mysql.MariaDB()} {
		t.Run(engine.Name, func(t *testing.T) {
			unmet(t, owncode.Open(t, engine), engine.Name, `
setup:
  CREATE TABLE purse (owner INT PRIMARY KEY, coins INT)
  INSERT INTO purse VALUES (1, 5), (2, 5)
steps:
  ann  BEGIN
  bob  BEGIN
  ann  UPDATE purse SET coins = 4 WHERE owner = 1
  bob  UPDATE purse SET coins = 6 WHERE owner = 2
  ann  [gives] UPDATE purse SET coins = 4 WHERE owner = 2
  bob  [gives] UPDATE purse SET coins = 6 WHERE owner = 1
  ann  COMMIT
  bob  COMMIT
expect:
  ann.gives waits
  bob.gives waits
`)
		})
	}
}

// TestLockTimeout: where the file says that a statement runs into its lock time-out, all others stand still until it has, and the
// transaction goes on where the engine lets it.
func TestLockTimeout(t *testing.T) {
	file, err := os.ReadFile("testdata/lock-timeout.schedule")
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range []store.Engine{mysql.MySQL(), mysql.MariaDB(), postgres.Engine(), sqlite.Engine()} {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			server := owncode.Open(t, engine)
			at := schedule.Place{
				Server: server.(store.Isolating), Product: engine.Name, Level: server.Levels()[0], Embedded: engine.Embedded, LockTimeout: engine.LockTimeout,
			}
			play := func(text string) *schedule.Outcome {
				t.Helper()
				o, err := schedule.Play(t.Context(), parsed(t, text), at)
				if err != nil {
					t.Fatal(err)
				}
				return o
			}
			o := play(string(file))
			for _, err := range o.Unmet() {
				t.Errorf("%v\n%s", err, told(o))
			}
			if err := o.Mistake(); err != nil {
				t.Error(err)
			}
			// Nobody has said that it runs into it: the others go on, and it gets its lock.
			o = play(strings.ReplaceAll(string(file), "times out", "waits"))
			if strings.Contains(told(o), "error") {
				t.Errorf("%s", told(o))
			}
		})
	}
}

// TestWaitsOfPostgres: a wait that ends because PostgreSQL serves the queue in another order, and one for a safe snapshot, are waits.
func TestWaitsOfPostgres(t *testing.T) {
	server := owncode.Open(t, postgres.Engine())
	for name, text := range map[string]string{
		"served in another order": `
setup:
  CREATE TABLE hall ()
  CREATE TABLE desk ()
steps:
  w  BEGIN
  x  BEGIN
  y  BEGIN
  w  SET LOCAL deadlock_timeout = '400ms'
  x  SET LOCAL deadlock_timeout = '90s'
  y  SET LOCAL deadlock_timeout = '90s'
  w  LOCK TABLE hall IN SHARE ROW EXCLUSIVE MODE
  x  LOCK TABLE desk IN ACCESS SHARE MODE
  x  [hall] LOCK TABLE hall IN SHARE ROW EXCLUSIVE MODE
  y  [desk] LOCK TABLE desk IN ACCESS EXCLUSIVE MODE
  w  [desk] LOCK TABLE desk IN ROW SHARE MODE
  w  COMMIT
  x  COMMIT
  y  COMMIT
expect:
  x.hall waits
  y.desk waits
  w.desk waits
`,
		"a safe snapshot": `
setup:
  CREATE TABLE row_of (seats INT)
  INSERT INTO row_of VALUES (12)
steps:
  seller   BEGIN ISOLATION LEVEL SERIALIZABLE
  seller   SELECT seats FROM row_of
  auditor  BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE
  auditor  [count] SELECT seats FROM row_of
  seller   UPDATE row_of SET seats = 11
  seller   COMMIT
  auditor  COMMIT
expect:
  auditor.count waits
  auditor commits
`,
	} {
		t.Run(name, func(t *testing.T) { unmet(t, server, "postgres", text) })
	}
}
