package reads

import (
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// clients of two servers, the first two at server 0.
func clients(t *testing.T) (d *cache, a, b, other source) {
	t.Helper()
	d = &cache{opt: store.ComponentOptions{Servers: 2}}
	start := harness.NewState(harness.Group{Table: "stock", Len: 2}, "orders", 5)
	if err := d.ready(t.Context(), &start); err != nil {
		t.Fatal(err)
	}
	return d, d.session(0), d.session(2), d.session(1)
}

// reads holds that a client is answered with a value and a version, or not at all if version is below 0.
func reads(t *testing.T, from source, c harness.Cell, value, version int64) {
	t.Helper()
	v, ver, ok, err := from.Read(t.Context(), c)
	if err != nil || ok != (version >= 0) || ok && (v != value || ver != version) {
		t.Errorf("read %d at version %d (%v), %v; want %d at %d", v, ver, ok, err, value, version)
	}
}

// buy is an operation on cell 0, and what its client was told.
func buy(outcome harness.Outcome, value, version int64) (*harness.Op, *harness.Result) {
	guard := harness.Guard{Cells: []harness.Cell{0}}
	op := &harness.Op{Steps: []harness.Step{{Kind: harness.Add, Delta: -1, Guard: guard}}}
	res := &harness.Result{Outcome: outcome, Seen: []harness.Access{{Kind: harness.Writes, Delta: -1, Value: value, Version: version}}}
	if outcome == harness.Failed {
		res.Conflict, res.Seen = harness.VersionMiss, nil
	}
	return op, res
}

func TestOwnWritesRenewAndOthersDoNot(t *testing.T) {
	d, a, b, other := clients(t)
	reads(t, a, 0, 0, -1)
	a.Keep(0, 5, 0)
	other.Keep(0, 5, 0)
	reads(t, b, 0, 5, 0)
	b.end(buy(harness.OK, 5, 0))
	reads(t, a, 0, 4, 1)
	reads(t, other, 0, 5, 0) // stale
	reads(t, a, 1, 0, -1)
	f := d.Figures()
	if f[0].Value != 60 || f[1].Value != 33.3 || f[2].Value < 0 {
		t.Errorf("figures: %v; want 3 hits beside 2 misses, and 1 of them stale", f)
	}
}

func TestConflictsAndUnknownOutcomesForget(t *testing.T) {
	for _, outcome := range []harness.Outcome{harness.Failed, harness.Unknown} {
		_, a, b, other := clients(t)
		a.Keep(0, 5, 0)
		a.Keep(1, 5, 0)
		other.Keep(0, 5, 0)
		b.end(buy(outcome, 5, 0))
		reads(t, a, 0, 0, -1)
		reads(t, a, 1, 5, 0)
		reads(t, other, 0, 5, 0)
		a.Keep(0, 4, 1) // an unknown one may land after this
		if outcome == harness.Unknown {
			reads(t, a, 0, 0, -1)
			b.end(buy(harness.OK, 4, 1))
			reads(t, a, 0, 0, -1)
		} else {
			reads(t, a, 0, 4, 1)
		}
	}
	_, a, _, _ := clients(t)
	a.Keep(0, 0, 7)
	a.end(buy(harness.Rejected, 0, 7))
	reads(t, a, 0, 0, 7)
}

func TestEntriesAgeAndKeepTheirOrder(t *testing.T) {
	s := make(shelf, 1)
	now := time.Now()
	s.put(0, &entry{value: 3, version: 8, at: now})
	s.put(0, &entry{value: 4, version: 7, at: now.Add(time.Millisecond)}) // overtaken on the way
	if e := s.get(0, now.Add(timeToLive)); e == nil || e.version != 8 {
		t.Errorf("%+v", e)
	}
	late := now.Add(timeToLive + 1)
	if e := s.get(0, late); e != nil {
		t.Errorf("%+v outlives its time", e)
	}
	s[0].Store(&entry{at: late, doubt: true})
	s.drop(0)
	late = late.Add(doubtFor)
	s.put(0, &entry{value: 5, version: 9, at: late})
	if e := s[0].Load(); !e.doubt {
		t.Errorf("%+v in spite of a doubt", e)
	}
	late = late.Add(1)
	s.put(0, &entry{value: 4, version: 7, at: late}) // after the store has lost what it had acknowledged
	if e := s.get(0, late); e == nil || e.version != 7 {
		t.Errorf("%+v", e)
	}
}

func TestCacheWantsWhatIsCommitted(t *testing.T) {
	d := &cache{opt: store.ComponentOptions{Servers: 2}}
	if d.Prepare(&store.RowSpec{Level: harness.ReadUncommitted}) == "" {
		t.Error("a cache at read-uncommitted")
	}
	for servers, causes := range map[int]promise.Hazards{1: promise.Elsewhere(false), 3: promise.Elsewhere(true)} {
		d := &cache{opt: store.ComponentOptions{Servers: servers}}
		var spec store.RowSpec
		if skip := d.Prepare(&spec); skip != "" || !spec.Env.Elsewhere || spec.Env.Effects[0].Causes != causes {
			t.Errorf("%d servers: %q, %+v", servers, skip, spec.Env)
		}
	}
}
