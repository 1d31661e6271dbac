package check

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// tries looks for an order of operations, one after the other, by the states that it comes to.
type tries struct {
	ops    []operation
	events []history.Event
	done   []bool
	// apply is the state after an operation, or false where it cannot have ended so; an answer that is nil is not known.
	apply func(state map[any]any, f string, value any, known bool) bool
}

func (o *tries) explained(state map[any]any) bool {
	left := false
	for i, op := range o.ops {
		known := op.outcome == history.OK
		left = left || known && !o.done[i]
		b := bag{ops: o.ops, done: o.done}
		if o.done[i] || op.outcome == history.Fail || b.blocked(op.invoke) {
			continue
		}
		e := o.events[op.invoke]
		if known {
			e = o.events[op.complete]
		}
		after := maps.Clone(state)
		if !o.apply(after, e.F, e.Value, known) {
			continue
		}
		o.done[i] = true
		if o.explained(after) {
			return true
		}
		o.done[i] = false
	}
	return !left
}

// applyTxn is what multi-registers mean.
func applyTxn(state map[any]any, _ string, value any, known bool) bool {
	for _, v := range value.([]any) {
		op := v.([]any)
		switch {
		case op[0] == history.Keyword("write"):
			state[op[1]] = op[2]
		case known && state[op[1]] != op[2]:
			return false
		}
	}
	return true
}

// applyText is what a store of texts means.
func applyText(state map[any]any, f string, value any, known bool) bool {
	key, text := value.([]any)[0], fmt.Sprint(value.([]any)[1])
	held, _ := state[key].(string)
	switch f {
	case "put":
		state[key] = text
	case "append":
		state[key] = held + text
	default:
		return !known || held == text
	}
	return true
}

// TestMachinesAgainstEveryOrder: what is linearizable by the search is what some order explains.
func TestMachinesAgainstEveryOrder(t *testing.T) {
	for _, w := range []struct {
		workload string
		store    func() store
		apply    func(state map[any]any, f string, value any, known bool) bool
		spoil    func(t *rapid.T, value any) any
	}{
		{"multi-register", func() store { return &multiStore{} }, applyTxn, func(t *rapid.T, value any) any {
			op := rapid.SampledFrom(value.([]any)).Draw(t, "step").([]any)
			if op[0] == history.Keyword("read") {
				op[2] = rapid.Int64Range(0, 2).Draw(t, "read")
			}
			return value
		}},
		{"kv", func() store { return &textStore{} }, applyText, func(t *rapid.T, value any) any {
			return vec(value.([]any)[0], strings.Repeat("a", rapid.IntRange(0, 3).Draw(t, "read")))
		}},
	} {
		seen := map[bool]int{}
		rapid.Check(t, func(t *rapid.T) {
			for range 10 {
				events := drawRecording(t, w.store())
				if len(events) > 14 {
					events = events[:14]
				}
				for i := range events {
					if e := &events[i]; e.Type == history.OK && (e.F == "get" || e.F == "txn") && rapid.IntRange(0, 3).Draw(t, "spoil") == 0 {
						e.Value = w.spoil(t, e.Value)
					}
				}
				events = record(events)
				v, err := Recorded(t.Context(), w.workload, events, RecordedOptions{})
				if err != nil {
					t.Fatal(err)
				}
				r := recording{events: events}
				ops, err := r.pair()
				if err != nil {
					t.Fatal(err)
				}
				o := tries{ops: ops, events: events, done: make([]bool, len(ops)), apply: w.apply}
				explained := o.explained(map[any]any{})
				seen[explained]++
				if explained == (v.Verdict == harness.Unsafe) {
					t.Fatalf("%s is %s (%s), and explained: %t\n%v", w.workload, v.Verdict, v.Reason, explained, events)
				}
			}
		})
		if seen[true] < 10 || seen[false] < 10 {
			t.Errorf("%s: %v were explained", w.workload, seen)
		}
	}
}
