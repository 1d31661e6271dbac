package app_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/targets/app"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// TestWaits: whoever thinks, sleeps, polls, or waits for a lock of whatever kind is neither passed over nor taken for somebody who can go
// on. What waits outside the server is not decided, and the reason says so.
func TestWaits(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"postgres", "mariadb", "mysql"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			p := openWaits(t, engine)
			for op, want := range map[string]harness.Verdict{
				"once/x":     harness.Inconclusive,
				"begin/racy": harness.Unsafe, "begin/atomic": harness.Safe,
				"think/racy": harness.Unsafe, "think/atomic": harness.Safe,
				"asleep/racy": harness.Unsafe, "asleep/atomic": harness.Safe,
				"named/racy": harness.Unsafe, "named/lock": harness.Safe,
				"table/racy": harness.Unsafe, "table/lock": harness.Safe,
				"mutex/lock": harness.Unsafe, // a copy's own mutex
				"file/racy":  harness.Unsafe, "file/lock": harness.Inconclusive,
				"pool/racy": harness.Unsafe, "pool/atomic": harness.Safe,
				"poll/racy": harness.Unsafe, "poll/atomic": harness.Safe,
			} {
				t.Run(op, func(t *testing.T) { waiting(t, p, strings.ReplaceAll(op, "/", "-"), want) })
			}
		})
	}
}

func openWaits(t *testing.T, engine string) *app.Program {
	t.Helper()
	locked := filepath.Join(t.TempDir(), "locked")
	if err := os.WriteFile(locked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	text := "database: " + engine + "\nsetup: waits.sql\napp: " + build(t, "waits") + "\nenv: {LOCKED: " + locked + "}\noperations:\n"
	for _, op := range []string{
		"once/x", "begin/racy", "begin/atomic", "think/racy", "think/atomic", "asleep/racy", "asleep/atomic", "named/racy", "named/lock", "table/racy", "table/lock", "mutex/lock", "file/racy",
		"file/lock", "pool/racy", "pool/atomic", "poll/racy", "poll/atomic",
	} {
		text += "  " + strings.ReplaceAll(op, "/", "-") + ": POST /" + op + "?c={client}\n"
	}
	s, err := spec.Parse("testdata/waits.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return open(t, s, app.Options{Level: harness.ReadCommitted})
}

// waiting explores an operation with itself.
func waiting(t *testing.T, p *app.Program, name string, want harness.Verdict) {
	t.Helper()
	begun := time.Now()
	x := explorer(p, name)
	x.Apart = time.Millisecond // there are no times in the tables
	pairs, err := x.Run(t.Context(), func(*program.Pair) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	got := &pairs[0]
	t.Logf("%s: %d schedules, %d break, %d waits inside, %v; %s", got.Verdict, got.Run, got.Breaking, got.Parked, time.Since(begun), got.Why)
	if got.Verdict != want {
		t.Errorf("%s (%s), want %s", got.Verdict, got.Why, want)
	}
	if polls := strings.HasPrefix(name, "poll"); got.Polled != polls || polls && got.Run > 60 {
		t.Errorf("polled %v after %d schedules", got.Polled, got.Run)
	}
	if got.Run < 3 && want == harness.Safe {
		t.Errorf("safe after %d schedules: somebody was passed over", got.Run)
	}
	says := "did nothing inside the program"
	if name == "once-x" {
		says = "never again"
	}
	if want == harness.Inconclusive && !strings.Contains(got.Why, says) {
		t.Errorf("%s: want %s", got.Why, says)
	}
}

// TestDeadlocksAreSteady: in each schedule it is the same transaction that a deadlock refuses, each time it is played.
func TestDeadlocksAreSteady(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"postgres", "mariadb", "mysql"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			p := open(t, file(t, engine, "transfer/guarded"), app.Options{Level: harness.ReadCommitted})
			names := []string{"transfer-guarded", "transfer-guarded"}
			l := p.Lanes()[0]
			l.Cast(names)
			l.SetTraits(p.Traits())
			deadlocks := 0
			ended := map[string]string{}
			for round := range 6 {
				if err := l.Restore(t.Context()); err != nil {
					t.Fatal(err)
				}
				s := explore.Search{Lanes: []explore.Lane{{Player: l, Clear: l.Restore, Each: func(ctx context.Context, s explore.Schedule) (explore.Judged, error) {
					text := ""
					for _, step := range l.Steps() {
						if step.Error { // whether it was seen to wait before is a matter of time
							deadlocks++
							step.WaitsUntil = 0
						}
						text += fmt.Sprintln(step.Client, step.SQL, step.Error, step.WaitsUntil)
					}
					order := program.Order(s.Order)
					if before, ok := ended[order]; ok && before != text {
						t.Errorf("round %d, %s: %s, and before: %s", round, order, text, before)
					}
					ended[order] = text
					return explore.Judged{}, l.Restore(ctx)
				}}}}
				found, err := s.Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if found.Unsteady > 0 {
					t.Errorf("%d schedules went another way", found.Unsteady)
				}
			}
			if deadlocks == 0 {
				t.Error("no deadlock was seen")
			}
			t.Logf("%d schedules, %d deadlocks", len(ended), deadlocks)
		})
	}
}
