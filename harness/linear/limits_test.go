package linear_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/linear"
)

// hard is a history that only an exhaustive search can refuse: a refusal of one unit, where the stock is odd all the time,
// among additions and subtractions of two that all overlap, so that any set of them may have come before it.
func hard(n int) linear.Object {
	o := linear.Object{Start: 1}
	for i := range int64(n) {
		o.Ops = append(o.Ops, linear.Op{Kind: linear.Add, Value: 2 - i%2*4, Call: i, Return: 10_000 + i})
	}
	o.Ops = append(o.Ops, linear.Op{Kind: linear.Refuse, Value: -1, Call: 5_000, Return: 5_001})
	return o
}

func broken() linear.Object {
	return linear.Object{Values: 3, Ops: []linear.Op{{Kind: linear.Read, Value: 2, Call: 1, Return: 2}}}
}

// TestLimits: a search that meets a limit says so, and what is decided elsewhere stands.
func TestLimits(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name   string
		ctx    context.Context
		limits linear.Limits
		says   string
	}{
		{"operations", t.Context(), linear.Limits{Operations: 50}, "61 operations overlap without a pause"},
		{"time", t.Context(), linear.Limits{Time: time.Nanosecond}, "longer than 1ns"},
		{"a key that is broken", t.Context(), linear.Limits{Memory: 1 << 40}, "broken"}, // which comes first, whatever the machine
		{"interrupt", ended, linear.Limits{}, "interrupted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := linear.Check(c.ctx, []linear.Object{broken(), hard(60)}, c.limits)
			if v[0].Answer != linear.Broken {
				t.Errorf("the broken key: %+v", v[0])
			}
			if v[1].Answer != linear.Undecided || !strings.Contains(v[1].Limit, c.says) {
				t.Errorf("the hard key: %+v, want undecided because of %q", v[1], c.says)
			}
		})
	}
}

// TestMemoryLimit: no key is broken here, so that no other limit comes first.
func TestMemoryLimit(t *testing.T) {
	runtime.GC() // what earlier tests left is no part of what the search may add to
	v := linear.Check(t.Context(), []linear.Object{hard(60)}, linear.Limits{Memory: 1 << 20, Time: time.Minute})
	if v[0].Answer != linear.Undecided || !strings.Contains(v[0].Limit, "more than 1 MB") {
		t.Errorf("%+v, want undecided because of the memory", v[0])
	}
}
