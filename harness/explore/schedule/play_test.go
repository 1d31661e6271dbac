package schedule_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// place is a SQLite file of its own.
func place(t *testing.T) schedule.Place {
	t.Helper()
	s, err := sqlite.Engine().Open(t.Context(), store.OpenConfig{Connections: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return schedule.Place{Server: s.(store.Isolating), Product: "sqlite", Level: harness.Serializable, Embedded: true}
}

const setup = `setup:
  CREATE TABLE t (id INT PRIMARY KEY, v INT)
  INSERT INTO t VALUES (1, 10), (2, 20)
steps:
`

func played(t *testing.T, text string) *schedule.Outcome {
	t.Helper()
	o, err := schedule.Play(t.Context(), parsed(t, setup+text), place(t))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// told is an outcome, a line a statement.
func told(o *schedule.Outcome) string {
	var b strings.Builder
	for i := range o.Played {
		p := &o.Played[i]
		fmt.Fprintf(&b, "%s %s", p.Step.Session, p.Text())
		if r := p.Result(); r != "" {
			fmt.Fprintf(&b, " → %s", r)
		}
		if p.Waited {
			fmt.Fprintf(&b, " (waited for %s)", o.Played[p.Until].Step.SQL)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestWaiting: who waits for a lock is put off, with all that follows, until the lock is free; then comes what is first in the file.
func TestWaiting(t *testing.T) {
	o := played(t, `
  T1  BEGIN
  T1  UPDATE t SET v = 11 WHERE id = 1
  T2  UPDATE t SET v = v + 1 WHERE id = 1
  T2  SELECT v FROM t WHERE id = 1
  T1  UPDATE t SET v = 21 WHERE id = 2
  T1  COMMIT
  T1  SELECT v FROM t ORDER BY id
`)
	const want = `T1 BEGIN
T1 UPDATE t SET v = 11 WHERE id = 1 → 1 row
T2 UPDATE t SET v = v + 1 WHERE id = 1 → 1 row (waited for COMMIT)
T1 UPDATE t SET v = 21 WHERE id = 2 → 1 row
T1 COMMIT
T2 SELECT v FROM t WHERE id = 1 → 12
T1 SELECT v FROM t ORDER BY id → 12; 21
`
	if diff := cmp.Diff(want, told(o)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestReturns: rows are a set, each as often as it is there, unless the statement asks for an order.
func TestReturns(t *testing.T) {
	o := played(t, `
  T1  INSERT INTO t VALUES (3, 10)
  T1  [any] SELECT id, v FROM t WHERE v IN (SELECT v FROM t ORDER BY id) AND 'order by' <> ' ORDER BY '
  T1  [sorted] SELECT id, v FROM t
      | ORDER
      | BY id
  T1  [twice] SELECT v FROM t WHERE v = 10
expect:
  T1.any returns 3, 10; 1, 10; 2, 20
  T1.any returns 1, 10; 2, 20
  T1.any returns 1, 10; 2, 20; 2, 20
  T1.sorted returns 1, 10; 2, 20; 3, 10
  T1.sorted returns 3, 10; 1, 10; 2, 20
  T1.twice returns 10; 10
  T1.twice returns 10
`)
	var wrong []string
	for _, err := range o.Unmet() {
		_, claim, _ := strings.Cut(err.Error(), "expected: ")
		claim, _, _ = strings.Cut(claim, "; but")
		wrong = append(wrong, claim)
	}
	want := []string{"T1.any returns 1, 10; 2, 20", "T1.any returns 1, 10; 2, 20; 2, 20", "T1.sorted returns 3, 10; 1, 10; 2, 20", "T1.twice returns 10"}
	if diff := cmp.Diff(want, wrong); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	sorted := o.Short()
	for i, rows := 0, o.Played; i < len(rows); i++ {
		if rows[i].Step.Label == "any" {
			slices.Reverse(rows[i].Reply.Rows)
		}
	}
	if o.Short() != sorted {
		t.Errorf("%s is another outcome than %s", o.Short(), sorted)
	}
}

// TestRefused: what is left of a refused transaction is left out, and rolled back where it would have committed.
func TestRefused(t *testing.T) {
	o := played(t, `
  T1  BEGIN
  T1  INSERT INTO t VALUES (1, 1)
  T1  INSERT INTO t VALUES (3, 30)
  T1  COMMIT
  T1  INSERT INTO t VALUES (4, 40)
  T1  INSERT INTO t VALUES (4, 40)
  T1  SELECT id FROM t ORDER BY id
`)
	refused := "→ error 1555: constraint failed: UNIQUE constraint failed: t.id"
	got := strings.ReplaceAll(told(o), " (1555)", "")
	want := `T1 BEGIN
T1 INSERT INTO t VALUES (1, 1) ` + refused + `
T1 INSERT INTO t VALUES (3, 30) – left out
T1 ROLLBACK, in place of COMMIT
T1 INSERT INTO t VALUES (4, 40) → 1 row
T1 INSERT INTO t VALUES (4, 40) ` + refused + `
T1 SELECT id FROM t ORDER BY id → 1; 2; 4
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSavepoint: a transaction that goes back to a savepoint goes on.
func TestSavepoint(t *testing.T) {
	o := played(t, `
  T1  begin
  T1  SAVEPOINT a
  T1  INSERT INTO t VALUES (1, 1)
  T1  SELECT 1
  T1  rollback to a
  T1  INSERT INTO t VALUES (3, 30)
  T1  commit
  T2  SELECT COUNT(*) FROM t
`)
	if got := told(o); !strings.Contains(got, "SELECT 1 – left out") || !strings.HasSuffix(got, "→ 3\n") {
		t.Error(got)
	}
}

// TestClaims: each claim is told from its contrary.
func TestClaims(t *testing.T) {
	const steps = `
  T1  BEGIN
  T1  [write] UPDATE t SET v = 11 WHERE id = 1
  T2  [write] UPDATE t SET v = 12
  T3  [dup] INSERT INTO t VALUES (1, 1)
  T1  COMMIT
  T2  [read] SELECT id, v FROM t ORDER BY id
  T2  [none] SELECT id FROM t WHERE id = 5
  T4  BEGIN
  T4  INSERT INTO t VALUES (5, 50)
expect:
  `
	for claim, holds := range map[string]bool{
		"T1 commits": true, "T3 commits": false, "T4 commits": false,
		"T2.write waits": true, "T2 waits": true, "T1 waits": false, "T1 does not wait": true, "T2 does not wait": false,
		"T3 fails": true, "T3.dup fails with 1555": true, "T3 fails with 40001 or version-miss": true,
		"T3 fails with 40001": false, "T1 fails": false,
		"T2.write writes 2": true, "T2.write writes 0 or 2": true, "T2.write writes 1": false,
		"T2.read returns 1, 12; 2, 12": true, "T2.read returns 1, 12": false, "T2.read returns nothing or 1, 12; 2, 12": true,
		"T2.none returns nothing": true, "T2.none returns ''": false, "T3.dup writes 0": false,
		"@postgres T1 waits": true, "@!postgres T1 waits": false,
	} {
		o := played(t, steps+claim+"\n")
		if unmet := o.Unmet(); (len(unmet) == 0) != holds {
			t.Errorf("%s: %v", claim, unmet)
		} else if !holds && !strings.HasPrefix(unmet[0].Error(), "own.schedule:16: expected: ") {
			t.Errorf("%s: %v", claim, unmet[0])
		}
	}
}

// TestMistake: a refusal that is no conflict is a mistake in the file, unless the file expects it.
func TestMistake(t *testing.T) {
	const steps = "  T1 SELECT nothing FROM nowhere\n"
	if err := played(t, steps).Mistake(); err == nil || !strings.Contains(err.Error(), "own.schedule:5: T1: error 1: ") {
		t.Error(err)
	}
	if err := played(t, steps+"expect:\n  T1 fails\n").Mistake(); err != nil {
		t.Error(err)
	}
}

func TestPlayErrors(t *testing.T) {
	for text, want := range map[string]string{
		"setup:\n  CREATE TABL t\nsteps:\n  T1 SELECT 1\n":                       "own.schedule:2: setup: ",
		setup + "  T1 BEGIN\n  T1 UPDATE t SET v = 1\n  T2 UPDATE t SET v = 2\n": `own.schedule:7: T2: "UPDATE t SET v = 2" waits for a lock that nobody is going to free`,
	} {
		_, err := schedule.Play(t.Context(), parsed(t, text), place(t))
		var mistake *schedule.Error
		if !errors.As(err, &mistake) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestAgain: the same place serves one schedule after the other, and nothing of the first is left.
func TestAgain(t *testing.T) {
	at := place(t)
	s := parsed(t, setup+"  T1 CREATE VIEW w AS SELECT 1\n  T1 CREATE TABLE \"a\"\"b\" (id INT)\n")
	for range 3 {
		o, err := schedule.Play(t.Context(), s, at)
		if err != nil || slices.ContainsFunc(o.Played, func(p schedule.Played) bool { return p.Err != nil }) {
			t.Fatalf("%v\n%s", err, told(o))
		}
	}
}
