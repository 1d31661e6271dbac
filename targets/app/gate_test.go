package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets/app"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// Operations that are one statement, by what they are at read committed.
var (
	racyInside   = []string{"exists", "count", "number", "doctors", "queue"}
	mendedInside = []string{
		"unique", "guarded", "scan", "upsert", "exists-lock", "count-lock", "doctors-lock", "exists-serializable", "doctors-serializable", "queue-serializable",
	}
)

func paths(names ...[]string) (all []string) {
	for _, n := range slices.Concat(names...) {
		all = append(all, "inside/"+n)
	}
	return all
}

// TestInside: operations that are one statement each are accused where their inside is racy, and their mended twins never.
func TestInside(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"postgres", "mariadb", "mysql"} {
		for _, level := range []harness.Level{harness.ReadCommitted, harness.RepeatableRead, harness.Serializable} {
			if level != harness.ReadCommitted && (engine != "postgres" || level == harness.Serializable) && !required.Whole() {
				continue // nothing is racy there
			}
			t.Run(engine+"/"+string(level), func(t *testing.T) {
				t.Parallel()
				mended := mendedInside
				if engine == "postgres" {
					mended = append(slices.Clone(mended), "locked")
				}
				p := open(t, file(t, engine, paths(racyInside, mended)...), app.Options{Level: level})
				for _, op := range p.Operations {
					t.Run(op.Name, func(t *testing.T) {
						name := strings.TrimPrefix(op.Name, "inside-")
						insideIs(t, p, op.Name, racyAt(engine, level, name))
					})
				}
			})
		}
	}
}

// racyAt reports whether an operation is racy. Above read committed MariaDB and MySQL lock what such a statement reads. PostgreSQL at
// repeatable read refuses who changes a row that another has changed, and a lock that is taken after the snapshot saves nobody.
func racyAt(engine string, level harness.Level, name string) bool {
	switch {
	case level == harness.ReadCommitted:
		return slices.Contains(racyInside, name)
	case engine == "postgres" && level == harness.RepeatableRead:
		return slices.Contains(racyInside, name) && name != "queue" || strings.HasSuffix(name, "-lock")
	}
	return false
}

// insideIs explores an operation with itself, and compares the verdict. Nothing in it depends on the time.
func insideIs(t *testing.T, p *app.Program, name string, racy bool) *program.Pair {
	t.Helper()
	want := harness.Safe
	if racy {
		want = harness.Unsafe
	}
	x := explorer(p, name)
	x.Apart = 1
	pairs, err := x.Run(t.Context(), func(*program.Pair) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	got := &pairs[0]
	t.Logf("%s: %d schedules, %d break, %d errors, stopped inside %d times, %.2f s; whole: %q", got.Verdict, got.Run, got.Breaking, got.Errors, got.Inside, got.Seconds, got.Whole)
	if got.Verdict != want || got.Unsteady > 0 {
		t.Errorf("%s (%s), want %s: %+v", got.Verdict, got.Why, want, got.Shortest)
	}
	return got
}

// TestInsideOrder: a breaking schedule that stops a statement inside is the same each time that it is played.
func TestInsideOrder(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"postgres", "mariadb", "mysql"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			p := open(t, file(t, engine, "inside/count"), app.Options{Level: harness.ReadCommitted})
			x := explorer(p, "inside-count")
			x.Apart = 1
			pairs, err := x.Run(t.Context(), func(*program.Pair) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			first := pairs[0].Shortest
			if first == nil {
				t.Fatalf("%+v: nothing breaks", pairs[0])
			}
			if first.Steps[0].Part != program.Reading || first.Steps[0].Answer != "" {
				t.Errorf("%+v: want the first statement to stop inside", first.Steps)
			}
			order, ok := program.ParseOrder(program.Order(first.Order), 2)
			if !ok {
				t.Fatalf("%s does not read", program.Order(first.Order))
			}
			x.Only = [][]string{{"inside-count", "inside-count"}}
			times := 5
			if required.Whole() {
				times = 20
			}
			for i := range times {
				again, err := x.Replay(t.Context(), order)
				if err != nil {
					t.Fatal(err)
				}
				if again.Verdict != harness.Unsafe || fmt.Sprint(again.Shortest.Steps) != fmt.Sprint(first.Steps) || !slices.Equal(again.Shortest.Order, first.Order) {
					t.Fatalf("replay %d: %s %v\n%+v, want %v\n%+v", i, again.Verdict, again.Shortest.Order, again.Shortest.Steps, first.Order, first.Steps)
				}
			}
		})
	}
}

// TestUngated: what gates do not reach is named: whole statements of rows that a key names, statements that meet no gate, and all of them
// where there can be no gates.
func TestUngated(t *testing.T) {
	t.Parallel()
	t.Run("statements", func(t *testing.T) {
		t.Parallel()
		p := open(t, file(t, "mariadb", "inside/guarded", "inside/none"), app.Options{Level: harness.ReadCommitted})
		x := explorer(p, "inside-guarded", "inside-none")
		x.Apart, x.Only = 1, [][]string{{"inside-guarded", "inside-none"}}
		pairs, err := x.Run(t.Context(), func(*program.Pair) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(pairs[0].Whole, "; ")
		if pairs[0].Verdict != harness.Safe || !strings.Contains(got, "name theirs by a key") || !strings.Contains(got, "came to no gate (DELETE FROM orders") {
			t.Errorf("%s, and not tried is the inside %s", pairs[0].Verdict, got)
		}
	})
	t.Run("database", func(t *testing.T) {
		t.Parallel()
		s := file(t, "mariadb", "inside/count")
		s.Setup = append(s.Setup, spec.Source{SQL: "CREATE TRIGGER lastseat_gate_0_INSERT AFTER INSERT ON counter FOR EACH ROW SET @x = 1"})
		got := insideIs(t, open(t, s, app.Options{Level: harness.ReadCommitted}), "inside-count", false)
		if len(got.Whole) != 1 || !strings.HasPrefix(got.Whole[0], "of any statement: the database has no gates for it: ") {
			t.Errorf("not tried is the inside %q", got.Whole)
		}
	})
}

// TestInsideLate: on a busy server whoever gets a lock goes on a while later, and comes to a gate then. Nobody says so.
func TestInsideLate(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"postgres", "mariadb", "mysql"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			p := open(t, file(t, engine, "inside/queue-serializable", "inside/count"), app.Options{Level: harness.ReadCommitted})
			p.Late(50 * time.Millisecond)
			insideIs(t, p, "inside-queue-serializable", false)
			insideIs(t, p, "inside-count", true)
		})
	}
}
