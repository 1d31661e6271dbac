package retry_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/env/retry"
)

// scripted is a target whose only session answers what it is told to, one answer after the other.
type scripted struct {
	harness.Target
	answers []harness.Result
	opt     harness.SessionOptions
	do      func() // at each attempt
}

func (s *scripted) Session(_ context.Context, opt harness.SessionOptions) (harness.Session, error) {
	s.opt = opt
	return s, nil
}

func (s *scripted) Do(context.Context, *harness.Op) harness.Result {
	if s.do != nil {
		s.do()
	}
	res := s.answers[0]
	s.answers = s.answers[1:]
	return res
}

func (s *scripted) Close() error { return nil }

func session(t *testing.T, name string, inner *scripted) harness.Session {
	t.Helper()
	for _, d := range retry.Table() {
		if d.Name != name {
			continue
		}
		around, err := d.Open(t.Context(), store.ComponentOptions{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := around.Wrap(inner).Session(t.Context(), harness.SessionOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	t.Fatalf("no %s", name)
	return nil
}

func buy(id int64) *harness.Op {
	return &harness.Op{Name: "buy", ID: id, Steps: []harness.Step{{Kind: harness.Add, Delta: -1}}}
}

// TestWhatClientsKnow: what a client knows in the end follows from all answers that it got.
func TestWhatClientsKnow(t *testing.T) {
	seen := []harness.Access{{Kind: harness.Writes, Value: 3, Delta: -1}}
	ok := harness.Result{Outcome: harness.OK}
	rejected := harness.Result{Outcome: harness.Rejected}
	cut := harness.Result{Outcome: harness.Unknown, Err: errors.New("cut"), Seen: seen}
	dead := harness.Result{Outcome: harness.Failed, Err: errors.New("no connection")}
	gone := harness.Result{Outcome: harness.Failed, Err: fmt.Errorf("%w: nobody", harness.ErrServerLost)}
	down := harness.Result{Outcome: harness.Failed, Err: harness.ErrServiceDown}
	conflict := harness.Result{Outcome: harness.Failed, Conflict: harness.Deadlock, Err: errors.New("deadlock")}
	done := harness.Result{Outcome: harness.Failed, Conflict: harness.VersionMiss, Err: harness.ErrDone}
	type all = []harness.Result
	for _, c := range []struct {
		name    string
		answers all
		outcome harness.Outcome
		// conflict and err are those of the end, seen is what is known of what the operation found.
		conflict           harness.Conflict
		err                error
		seen               []harness.Access
		further, ambiguous int
	}{
		{name: "done", answers: all{ok}, outcome: harness.OK},
		{name: "a conflict is the engine's", answers: all{conflict}, outcome: harness.Failed, conflict: harness.Deadlock},
		{name: "took effect", answers: all{cut, done}, outcome: harness.OK, seen: seen, further: 1, ambiguous: 1},
		{name: "did not", answers: all{cut, ok}, outcome: harness.OK, further: 1, ambiguous: 1},
		{name: "did not, and sold out", answers: all{cut, rejected}, outcome: harness.Rejected, further: 1, ambiguous: 1},
		{name: "under way", answers: all{cut, conflict, conflict, done}, outcome: harness.OK, seen: seen, further: 3, ambiguous: 1},
		{name: "one of two", answers: all{cut, cut, dead, done}, outcome: harness.OK, further: 3, ambiguous: 2},
		{name: "no connection", answers: all{dead, dead, ok}, outcome: harness.OK, further: 2},
		{name: "no connection, then a conflict", answers: all{dead, conflict}, outcome: harness.Failed, conflict: harness.Deadlock, further: 1},
		{name: "nobody is left", answers: all{cut, gone}, outcome: harness.Unknown, err: harness.ErrServerLost, seen: seen, further: 1},
		{name: "nobody was there", answers: all{gone}, outcome: harness.Failed, err: harness.ErrServerLost},
		{name: "the service is down", answers: all{down}, outcome: harness.Failed, err: harness.ErrServiceDown},
	} {
		for _, way := range []string{"retry-blind", "idempotency-key"} {
			t.Run(c.name+"/"+way, func(t *testing.T) {
				inner := &scripted{answers: c.answers}
				got := session(t, way, inner).Do(t.Context(), buy(1))
				if len(inner.answers) > 0 {
					t.Errorf("%d answers were not asked for", len(inner.answers))
				}
				if got.Outcome != c.outcome || got.Conflict != c.conflict || c.err != nil && !errors.Is(got.Err, c.err) {
					t.Errorf("%s, %s: %v", got.Outcome, got.Conflict, got.Err)
				}
				if got.Further != c.further || got.Ambiguous != c.ambiguous {
					t.Errorf("%d further, %d ambiguous, want %d and %d", got.Further, got.Ambiguous, c.further, c.ambiguous)
				}
				if len(got.Seen)+len(c.seen) > 0 && !cmp.Equal(got.Seen, c.seen) {
					t.Errorf("saw %v, want %v", got.Seen, c.seen)
				}
			})
		}
	}
}

// TestTimeIsUp: a client whose time is up in doubt stays in doubt.
func TestTimeIsUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	inner := &scripted{answers: []harness.Result{{Outcome: harness.Unknown, Err: errors.New("cut")}}, do: cancel}
	if got := session(t, "idempotency-key", inner).Do(ctx, buy(1)); got.Outcome != harness.Unknown || got.Ambiguous != 0 {
		t.Errorf("%+v", got)
	}
}

// TestStaleReads: an attempt after a conflict reads what the one before it read, and the next operation reads afresh.
func TestStaleReads(t *testing.T) {
	inner := &scripted{answers: []harness.Result{{Conflict: harness.Serialization}, {Outcome: harness.OK}, {Outcome: harness.OK}}}
	var knew []bool
	inner.do = func() {
		value, version, ok, err := inner.opt.Reader.Read(t.Context(), 0)
		if knew = append(knew, ok); err != nil || ok && (value != 7 || version != 2) {
			t.Errorf("read %d at version %d, %v", value, version, err)
		}
		if !ok {
			inner.opt.Reader.Keep(0, 7, 2)
		}
	}
	s := session(t, "retry-stale", inner)
	s.Do(t.Context(), buy(1))
	s.Do(t.Context(), buy(1))
	s.Do(t.Context(), buy(2))
	if want := []bool{false, true, false}; !cmp.Equal(knew, want) {
		t.Errorf("reads answered from memory: %v, want %v", knew, want)
	}
}

// TestSwallowed: a conflict becomes a success, and nothing else does.
func TestSwallowed(t *testing.T) {
	failed := harness.Result{Outcome: harness.Failed, Err: errors.New("no connection")}
	inner := &scripted{answers: []harness.Result{{Conflict: harness.Serialization}, failed, {Outcome: harness.Rejected}}}
	s := session(t, "swallow-conflict", inner)
	for _, want := range []harness.Outcome{harness.OK, harness.Failed, harness.Rejected} {
		if got := s.Do(t.Context(), buy(1)); got.Outcome != want {
			t.Errorf("%s, want %s", got.Outcome, want)
		}
	}
}
