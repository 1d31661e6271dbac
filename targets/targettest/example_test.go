package targettest_test

import (
	"context"
	"sync"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/targettest"
)

// shelf is a store that a module of one's own wants to put under test: cells and a journal behind one lock. Without the contents
// it would hold numbers only, and its server would say so in Offer.Skip.
type shelf struct {
	mu sync.Mutex
	harness.State
	contents [][]int64
}

func (s *shelf) Setup(_ context.Context, start harness.State) error {
	s.State, s.contents = start, make([][]int64, len(start.Values))
	return nil
}

func (s *shelf) Session(context.Context, harness.SessionOptions) (harness.Session, error) {
	return hand{s}, nil
}

func (s *shelf) Snapshot(context.Context) (harness.State, error) {
	final := s.Clone()
	final.Versions = nil // it keeps none
	return final, nil
}

func (s *shelf) Close() error { return nil }

// hand is one client of a shelf.
type hand struct{ *shelf }

func (h hand) Do(_ context.Context, op *harness.Op) harness.Result {
	h.mu.Lock()
	defer h.mu.Unlock()
	if content, _ := h.Content(); content != harness.Numbers {
		return harness.Result{Outcome: harness.OK, Seen: harness.ApplyContents(h.contents, op, nil)}
	}
	var seen []harness.Access
	for _, step := range op.Steps {
		for _, c := range step.Cells {
			seen = append(seen, harness.Access{Cell: c, Value: h.Values[c], Version: harness.NotSeen})
		}
	}
	res := harness.Result{Outcome: harness.Apply(h.Values, op), Seen: seen}
	switch res.Outcome {
	case harness.OK:
		for _, step := range op.Steps {
			if step.Kind == harness.Add {
				h.Entries = append(h.Entries, harness.Entry{Op: op.ID, Cell: step.Cell, Delta: step.Delta})
			}
		}
	case harness.Failed:
		res.Err = op.Refusal().Answer()
	}
	return res
}

func (h hand) Close() error { return nil }

// shop is the store.Server of shelves: it has one strategy and no isolation levels.
type shop struct{}

func (shop) Info() store.ServerInfo  { return store.ServerInfo{Product: "shelf", Version: "1"} }
func (shop) Levels() []harness.Level { return []harness.Level{harness.NoLevel} }
func (shop) Close() error            { return nil }

func (shop) Row(spec store.RowSpec) (store.Offer, error) {
	if spec.Strategy != "lock" {
		return store.Offer{Skip: "a shelf has no strategy " + spec.Strategy}, nil
	}
	return store.Offer{Target: &shelf{}, Promise: promise.Promise{Safe: true, Reason: "one lock around everything"}}, nil
}

// A target's own test opens its server and calls Exercise with the strategies that it has.
func ExampleExercise() {
	testConformance := func(t *testing.T) { // func TestConformance(t *testing.T) in the target's package
		targettest.Exercise(t, shop{}, []store.StrategyInfo{{Name: "lock", Explain: "one lock around everything"}})
	}
	_ = testConformance
}
