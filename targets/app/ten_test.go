package app_test

import (
	"os"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app"
)

// ten are patterns from public reports, each with its mended twin, and where rounds catch it. Explore's part is in patterns.
var ten = []struct {
	what           string
	broken, mended string
	engine         string
	level          harness.Level
	instances      int  // 0: the usual number
	errors         bool // what is seen of it are errors, which break nothing
	quick          bool
}{
	{what: "a DELETE that finds nothing, with a counter", broken: "delete/racy", mended: "delete/counted", engine: "postgres", quick: true},
	{what: "get or create, under an old snapshot", broken: "getorcreate/racy", mended: "getorcreate/current", engine: "mysql", level: harness.RepeatableRead},
	{what: "upserts in the order of a map", broken: "upserts/map-once", mended: "upserts/sorted", engine: "postgres", errors: true},
	{what: "a lock after the check", broken: "latelock/racy", mended: "latelock/recheck", engine: "postgres"},
	{what: "FOR UPDATE on no rows", broken: "norows/racy", mended: "norows/touch", engine: "postgres", quick: true},
	{what: "the next number is the greatest and one", broken: "number/racy", mended: "number/unique", engine: "postgres"},
	{what: "a session's lock, and a pool of sessions", broken: "named/pool", mended: "named/late", engine: "postgres", instances: 1, quick: true},
	{what: "a job that is claimed twice", broken: "claim/racy", mended: "claim/skip", engine: "postgres"},
	{what: "INSERT … SELECT, decided by rows that are not locked", broken: "guard/racy", mended: "guard/touch", engine: "postgres"},
	{what: "a charge inside of a transaction that is tried again", broken: "charge/racy", mended: "charge/key", engine: "postgres", level: harness.RepeatableRead},
}

// TestTen: rounds catch each of them, and accuse no mended twin. Every run tries some; LASTSEAT_PATTERNS=1 tries all.
func TestTen(t *testing.T) {
	for _, p := range ten {
		if !p.quick && os.Getenv("LASTSEAT_PATTERNS") == "" {
			continue
		}
		for _, name := range []string{p.broken, p.mended} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := file(t, p.engine, name)
				s.Level = p.level
				if p.instances > 0 {
					s.Instances = p.instances
				}
				c := under(t, s, app.Load{Clients: []int{4}, MinTrials: 25, Limit: 20 * time.Second, Seed: 1})[0].Cases[0]
				t.Logf("%s: %s: %d of %d rounds, %d trials, %d errors, %.1f s; %s %v", name, c.Verdict, c.Breaking, c.Rounds, c.Trials, c.Errors, c.Seconds, c.Why, c.Notes)
				want := harness.Safe
				switch {
				case name != p.broken:
				case p.errors:
					if c.Errors == 0 {
						t.Errorf("%s: no errors were counted", name)
					}
				default:
					want = harness.Unsafe
				}
				if c.Verdict != want && (name == p.broken || c.Verdict == harness.Unsafe) { // too slow a machine makes no twin unsafe
					t.Errorf("%s (%s): %s (%s), want %s: %+v", name, p.what, c.Verdict, c.Why, want, c.Example)
				}
			})
		}
	}
}
