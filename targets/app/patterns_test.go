package app_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/targets/app"
)

// pattern is a program of testdata/shop, which two clients run at the same time.
type pattern struct {
	name string
	// Levels at which it breaks on PostgreSQL, and on MySQL and MariaDB, by their short names. Everywhere else it must not be accused.
	postgres, mysql string
	// counts is what must be seen at read committed on all of them, though it is no violation: errors, lost sales, stale reads, skip locked.
	counts string
	quick  bool // it is among those that every run tries
}

const (
	rc    = "rc"
	rcRR  = "rc rr"
	every = "rc rr ser"
)

// patterns is the table. A row that is read and written is safe on PostgreSQL from repeatable read on, which refuses the second writer; the
// shop tries again. MySQL refuses only at serializable, where reads lock. Rows that are looked for and added are safe only at serializable.
// What is not in one transaction breaks at every level.
var patterns = []pattern{
	{name: "seat/racy", postgres: rc, mysql: rcRR, quick: true},
	{name: "seat/mutex", postgres: every, mysql: every, quick: true},
	{name: "seat/atomic", quick: true},
	{name: "seat/lock", quick: true},
	{name: "seat/serializable", quick: true},
	{name: "seat/nowait"}, // whoever is refused would be refused after the other, too
	{name: "latelock/racy", postgres: rc, mysql: rcRR, quick: true},
	{name: "latelock/recheck"},
	{name: "counter/racy", postgres: rc, mysql: rcRR},
	{name: "counter/split", postgres: every, mysql: every},
	{name: "counter/lock"},
	{name: "counter/serializable"},
	{name: "counter/serializable-once"},
	{name: "profile/racy", postgres: rc, mysql: rcRR},
	{name: "profile/partial"},
	{name: "profile/lock"},
	{name: "version/ignored", postgres: rc, mysql: rcRR},
	{name: "version/checked", quick: true},
	{name: "auction/racy", postgres: rc, mysql: rcRR},
	{name: "auction/guarded"},
	{name: "status/racy", postgres: rc, mysql: rcRR},
	{name: "status/guarded"},
	{name: "voucher/racy", postgres: rc, mysql: rcRR},
	{name: "voucher/guarded"},
	{name: "voucher/lock"},
	{name: "delete/racy", postgres: rc, mysql: rcRR, quick: true},
	{name: "delete/counted", quick: true},
	{name: "recount/racy", postgres: rc, mysql: rcRR},
	{name: "recount/sub", postgres: rc}, // MySQL has the lock before it counts
	{name: "recount/plus"},
	{name: "outbox/split", postgres: every, mysql: every},
	{name: "outbox/tx"},
	{name: "ticket/split", postgres: every, mysql: every},
	{name: "ticket/tx"},
	{name: "guard/racy", postgres: rcRR, mysql: rc, quick: true},
	{name: "guard/lock", postgres: "rr"}, // the snapshot is as old as the wait for the lock
	{name: "guard/touch"},
	{name: "guard/locking"},
	{name: "guard/counting", postgres: rcRR, mysql: rc}, // it locks one row, and decides by others
	{name: "cache/split", postgres: every, mysql: every},
	{name: "cache/lock", postgres: "rr"}, // what the DELETE does not see, since it waited, stays

	{name: "transfer/racy", postgres: rc, mysql: rcRR},
	{name: "transfer/guarded"},
	{name: "transfer/lock"},
	{name: "transfer/order"},
	{name: "transfer/serializable"},
	{name: "sum/x", counts: "stale reads"},
	{name: "spend/racy", postgres: rc, mysql: rcRR},
	{name: "spend/lock"},
	{name: "spend/check"},
	{name: "doctors/racy", postgres: rcRR, mysql: rcRR, quick: true},
	{name: "doctors/lock", postgres: "rr"},
	{name: "doctors/rows"},
	{name: "doctors/touch", quick: true},
	{name: "doctors/serializable"},
	{name: "limit/racy", postgres: rcRR, mysql: rcRR},
	{name: "limit/lock", postgres: "rr"},
	{name: "limit/touch"},
	{name: "limit/serializable"},
	{name: "parent/racy", postgres: rcRR, mysql: rcRR},
	{name: "parent/touch"},
	{name: "parent/key"},
	{name: "charge/racy", postgres: "rr ser"}, // only who is refused tries again
	{name: "charge/key"},
	{name: "settle/x"},

	{name: "coupon/racy", postgres: rcRR, mysql: rcRR, quick: true},
	{name: "coupon/unique", quick: true},
	{name: "coupon/lock", postgres: "rr", quick: true},
	{name: "coupon/touch"},
	{name: "coupon/serializable"},
	{name: "norows/racy", postgres: rcRR, mysql: rc, quick: true}, // MySQL locks the gap from repeatable read on
	{name: "norows/touch", quick: true},
	{name: "named/early", postgres: rcRR, mysql: rcRR, quick: true},
	{name: "named/xact", postgres: "rr"},
	{name: "named/late", quick: true},
	{name: "named/pool"}, // not shown: it breaks where two requests of one copy get the same connection
	{name: "booking/racy", postgres: rcRR, mysql: rcRR},
	{name: "booking/touch"},
	{name: "key/racy", postgres: rcRR, mysql: rcRR},
	{name: "key/unique"},
	{name: "number/racy", postgres: rcRR, mysql: rcRR},
	{name: "number/lock", postgres: "rr"},
	{name: "number/touch"},
	{name: "number/unique"},
	{name: "number/serializable"},
	{name: "order/racy", postgres: rcRR, mysql: rcRR, quick: true},
	{name: "order/serializable", quick: true},
	{name: "getorcreate/racy", mysql: "rr", quick: true}, // PostgreSQL refuses there
	{name: "getorcreate/current", quick: true},
	{name: "upsert/read", postgres: rc, mysql: rcRR},
	{name: "upsert/atomic"},
	{name: "upserts/map-once", counts: "errors"},
	{name: "upserts/sorted"},

	{name: "typed/racy", postgres: rc, mysql: rcRR, quick: true}, // all sorts of columns and answers
	{name: "typed/atomic", quick: true},

	{name: "queue/racy", postgres: rc, mysql: rcRR},
	{name: "queue/wait"},
	{name: "queue/skip", quick: true},
	{name: "queue/giveup", counts: "skip locked", quick: true}, // one gives back what the other has skipped
	{name: "queue/nowait", counts: "lost sales"},
	{name: "claim/racy", postgres: rc, mysql: rc, quick: true},
	{name: "claim/guarded"},
	{name: "claim/skip"}, // no plan for so few jobs runs the subquery twice
	{name: "late/x"},
}

// TestPatterns: racy programs are accused where the level lets them break, and their mended twins never. Every run tries some at the level
// that each product has by default; LASTSEAT_PATTERNS=20 tries all at every level, 20 times.
func TestPatterns(t *testing.T) {
	t.Parallel()
	rounds, _ := strconv.Atoi(os.Getenv("LASTSEAT_PATTERNS"))
	for engine, level := range map[string]harness.Level{"postgres": harness.ReadCommitted, "mysql": harness.RepeatableRead, "mariadb": harness.RepeatableRead} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			if rounds == 0 {
				tryPatterns(t, engine, level, slices.DeleteFunc(slices.Clone(patterns), func(p pattern) bool { return !p.quick }))
			}
			for range rounds {
				for _, level := range []harness.Level{harness.ReadCommitted, harness.RepeatableRead, harness.Serializable} {
					t.Run(level.Short(), func(t *testing.T) { tryPatterns(t, engine, level, patterns) })
				}
			}
		})
	}
}

// tryPatterns explores each pattern with itself.
func tryPatterns(t *testing.T, engine string, level harness.Level, some []pattern) {
	t.Helper()
	only := os.Getenv("LASTSEAT_PATTERN") // while one is looked into
	some = slices.DeleteFunc(slices.Clone(some), func(p pattern) bool { return !strings.HasPrefix(p.name, only) })
	s := file(t, engine, some[0].name)
	s.Operations = nil
	for i := range some { // more than a file may have
		s.Operations = append(s.Operations, file(t, engine, some[i].name).Operations...)
	}
	p := open(t, s, app.Options{Level: level})
	x := explorer(p, s.Names()...)
	for _, name := range x.Operations {
		x.Only = append(x.Only, []string{name, name})
	}
	x.First = true
	next := 0
	_, err := x.Run(t.Context(), func(got *program.Pair) error {
		some[next].judge(t, engine, level, got)
		next++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if next != len(some) {
		t.Errorf("%d patterns were explored, want %d", next, len(some))
	}
}

// judge compares a verdict with what the table says.
func (p *pattern) judge(t *testing.T, engine string, level harness.Level, got *program.Pair) {
	t.Helper()
	breaks := map[string]string{"postgres": p.postgres}[engine]
	if engine != "postgres" {
		breaks = p.mysql
	}
	want := harness.Safe
	if slices.Contains(strings.Fields(breaks), level.Short()) {
		want = harness.Unsafe
	}
	counted := map[string]int{"errors": got.Errors, "lost sales": got.LostSales, "stale reads": got.StaleReads, "skip locked": got.SkipLocked}
	t.Logf("%s at %s: %s: %d schedules, %d break, %d unsteady, %v, %d inside, %.1f s; %s %v",
		p.name, level.Short(), got.Verdict, got.Run, got.Breaking, got.Unsteady, counted, got.Parked, got.Seconds, got.Why, got.Notes)
	switch {
	case got.Verdict == want:
	case want == harness.Safe && got.Verdict == harness.Inconclusive && !got.Exhaustive && got.Run > 0: // not accused; there are too many, or unsteady ones
	default:
		t.Errorf("%s at %s: %s (%s), want %s: %+v", p.name, level.Short(), got.Verdict, got.Why, want, got.Shortest)
	}
	if p.counts != "" && level == harness.ReadCommitted && counted[p.counts] == 0 {
		t.Errorf("%s at %s: no %s were counted, and some were expected", p.name, level.Short(), p.counts)
	}
}
