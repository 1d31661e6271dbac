package sqldb

import (
	"context"
	"errors"
	"testing"
)

// TestCutoff: a context that ends cuts off the statement that is under way under it, and no other.
func TestCutoff(t *testing.T) {
	for _, c := range []struct {
		name string
		// watched: the context is that of an attempt, watched for all of its statements. after: how many statements have ended before it does.
		watched bool
		after   int
		inside  bool // it ends while the next is under way
		other   bool // which has a context of its own
		cut     bool
	}{
		{name: "inside, the statement's", inside: true, cut: true},
		{name: "inside, the attempt's", watched: true, inside: true, cut: true},
		{name: "inside the third", watched: true, after: 2, inside: true, cut: true},
		{name: "between", watched: true, after: 1},
		{name: "between, the statement's", after: 1},
		{name: "before", watched: true},
		{name: "inside another's", watched: true, inside: true, other: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			cuts := make(chan struct{}, 10)
			k := Cutoff{Cut: func() { cuts <- struct{}{} }}
			for range 3 { // an attempt leaves nothing behind for the next
				ctx, cancel := context.WithCancel(t.Context())
				if c.watched {
					k.Watch(ctx)
				}
				for range c.after {
					if k.Enter(ctx) != nil || k.Leave() {
						t.Fatal("a statement is cut off before the context has ended")
					}
				}
				if !c.inside {
					cancel()
					if err := k.Enter(ctx); !errors.Is(err, context.Canceled) {
						t.Errorf("a statement begins under an ended context: %v", err)
					}
				} else {
					own := ctx
					if c.other {
						own = t.Context()
					}
					if err := k.Enter(own); err != nil {
						t.Fatal(err)
					}
					cancel()
					if c.cut {
						<-cuts
					}
					if k.Leave() != c.cut {
						t.Errorf("cut off: %v, want %v", !c.cut, c.cut)
					}
				}
				k.Unwatch()
				if len(cuts) > 0 {
					t.Error("it is cut off once more, or in vain")
				}
				if k.Enter(t.Context()) != nil || k.Leave() {
					t.Error("a statement of the next context is cut off")
				}
			}
		})
	}
}
