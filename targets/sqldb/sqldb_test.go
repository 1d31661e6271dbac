package sqldb

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPlaces(t *testing.T) {
	const sql = "UPDATE t SET a = ? WHERE b IN (?, ?)"
	if got := (&Dialect{}).places(sql); got != sql {
		t.Error(got)
	}
	if got, want := (&Dialect{Numbered: true}).places(sql), "UPDATE t SET a = $1 WHERE b IN ($2, $3)"; got != want {
		t.Error(got)
	}
}

// FuzzAppendList: whatever a column holds, its numbers come out, or an error says what is none.
func FuzzAppendList(f *testing.F) {
	for _, text := range []string{"", ",1,22,-3", "7", ",,8,", "1,x", "99999999999999999999"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := AppendList([]int64{5}, text)
		if len(list) == 0 || list[0] != 5 {
			t.Fatalf("%q: what was there is gone: %v", text, list)
		}
		again := ""
		for _, n := range list[1:] {
			again += "," + strconv.FormatInt(n, 10)
		}
		if same, err2 := AppendList(nil, []byte(again)); err == nil && (err2 != nil || !slices.Equal(same, list[1:])) {
			t.Fatalf("%q is %v, and that is %v, %v", text, list[1:], same, err2)
		}
	})
}

// TestFreeSlot: a slot that is picked is free and within bounds, and there is one as long as not all are taken.
func TestFreeSlot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.Int64Range(0, 20).Draw(t, "units")
		taken := rapid.SliceOfNDistinct(rapid.Int64Range(0, max(units-1, 0)), 0, int(units), rapid.ID).Draw(t, "taken")
		slot, ok := freeSlot(taken, units, rapid.Int64().Draw(t, "op"))
		if ok != (int64(len(taken)) < units) {
			t.Fatalf("room %v, with %d of %d taken", ok, len(taken), units)
		}
		if !ok {
			return
		}
		for _, s := range taken {
			if s == slot {
				t.Fatalf("slot %d is taken", slot)
			}
		}
		if slot < 0 || slot >= units {
			t.Fatalf("slot %d of %d", slot, units)
		}
	})
}

// TestOutcomes: what a client may claim to know after an attempt that failed.
func TestOutcomes(t *testing.T) {
	lost, refused, deadlock := errors.New("connection lost"), errors.New("refused"), errors.New("deadlock")
	d := &Dialect{Classify: func(err error) Class {
		switch {
		case errors.Is(err, lost):
			return Class{Lost: true}
		case errors.Is(err, refused):
			return Class{Rejected: true}
		case errors.Is(err, deadlock):
			return Class{Conflict: harness.Deadlock}
		}
		return Class{}
	}}
	write := harness.Op{Steps: []harness.Step{{Kind: harness.Add, Delta: -1}}}
	declined := (&harness.Step{Kind: harness.Call, Service: "payment", Outcome: harness.Rejected}).Answer()
	down := (&harness.Step{Kind: harness.Call, Service: "payment", Outcome: harness.Failed}).Answer()
	read := harness.Op{Steps: []harness.Step{{Kind: harness.Read, Cells: []harness.Cell{0}}}}
	for _, c := range []struct {
		name    string
		op      harness.Op
		flying  bool
		effects int
		err     error
		want    harness.Outcome
		again   bool
	}{
		{"no error", write, false, 0, nil, harness.OK, false},
		{"rejected", write, false, 0, errRejected, harness.Rejected, false},
		{"a constraint", write, true, 0, refused, harness.Rejected, false},
		{"lost before COMMIT", write, false, 0, lost, harness.Failed, false},
		{"lost while COMMIT was out", write, true, 0, lost, harness.Unknown, false},
		{"out of time while COMMIT was out", write, true, 0, context.DeadlineExceeded, harness.Unknown, false},
		{"the server refused the COMMIT", write, true, 0, deadlock, harness.Failed, true},
		{"lost while reading", read, true, 0, lost, harness.Failed, false},
		{"half of it has committed", write, false, 1, deadlock, harness.Unknown, false},
		{"declined", write, false, 0, declined, harness.Rejected, false},
		{"declined halfway", write, false, 1, declined, harness.Rejected, false},
		{"a service down", write, false, 0, down, harness.Failed, false},
		{"a service down halfway", write, false, 1, down, harness.Unknown, false},
		{"a version miss", write, false, 0, conflict(harness.VersionMiss, "stale"), harness.Failed, true},
	} {
		a := &attempt{row: &target{dialect: d}, op: &c.op, flying: c.flying, effects: c.effects}
		res := a.result(c.err)
		if res.Outcome != c.want || (res.Conflict != harness.NoConflict) != c.again {
			t.Errorf("%s: %s, conflict %s", c.name, res.Outcome, res.Conflict)
		}
		if (res.Outcome == harness.Failed || res.Outcome == harness.Unknown) && res.Err == nil {
			t.Errorf("%s: no error beside %s", c.name, res.Outcome)
		}
	}
}

// TestLine: those who wait get the lock in turn, none is forgotten, and waiting ends when time is up. A simulated clock tells
// who waits, and that nobody had to poll.
func TestLine(t *testing.T) { synctest.Test(t, line) }

func line(t *testing.T) {
	taken := errors.New("taken")
	var mu sync.Mutex
	held, got := true, 0
	line := &Line{Busy: func(err error) bool { return errors.Is(err, taken) }, Timeout: 20 * time.Second}
	try := func() error {
		mu.Lock()
		defer mu.Unlock()
		if held {
			return taken
		}
		held = true
		got++
		return nil
	}
	release := func() {
		mu.Lock()
		held = false
		mu.Unlock()
		line.next()
	}
	began := time.Now()
	var wg sync.WaitGroup
	const clients = 20
	for range clients {
		wg.Go(func() {
			if waited, err := line.do(t.Context(), try); err != nil || !waited {
				t.Errorf("waited %v, %v", waited, err)
			}
			release()
		})
	}
	synctest.Wait() // until all of them have found it taken
	release()
	wg.Wait()
	if took := time.Since(began); got != clients || took > 0 {
		t.Errorf("%d of %d got the lock, after %v in which nobody told them", got, clients, took)
	}
	held = true
	line.Timeout = time.Millisecond
	if _, err := line.do(t.Context(), try); !errors.Is(err, taken) {
		t.Errorf("out of time: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	line.Timeout = time.Hour
	if _, err := line.do(ctx, try); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestRoom(t *testing.T) {
	for _, c := range []struct {
		want, free int
		strict     bool
		n          int
	}{{64, 100, false, 64}, {64, 10, false, 9}, {64, 10, true, 0}, {9, 10, true, 9}, {1, 1, false, 0}} {
		n, note, err := Room(store.OpenConfig{Connections: c.want, Strict: c.strict}, Limit{c.free, "max_connections"}, Limit{c.free + 1, "max_user_connections"})
		if n != c.n || errors.Is(err, ErrConnections) != (c.n == 0) || (note != "") != (n > 0 && n < c.want) {
			t.Errorf("%+v: %d, %q, %v", c, n, note, err)
		}
	}
}
