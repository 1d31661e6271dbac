package reads

import (
	"context"
	"errors"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// copied is a store whose replica carries out transactions, and counts how often it was asked to catch up.
type copied struct {
	cluster
	caughtUp int
	err      error
}

func (c *copied) Readers(harness.Level) store.Readers {
	return store.Readers{Level: harness.RepeatableRead}
}

func (c *copied) CatchUp(context.Context) error {
	c.caughtUp++
	return c.err
}

// TestTransactionsOnTheReplica: those that only read go there, and wait for it where it is to be fresh.
func TestTransactionsOnTheReplica(t *testing.T) {
	start := harness.NewState(harness.Group{Table: "list", Len: 2, Holds: harness.Lists}, "", 0)
	read := &harness.Op{Steps: []harness.Step{{Kind: harness.Read}}}
	write := &harness.Op{Steps: []harness.Step{{Kind: harness.Read}, {Kind: harness.Append}}}
	for waits, fresh := range map[waiting]int{afterConflict: 0, firstRead: 2} {
		c := &copied{}
		kind := &replicaKind{waits: waits, effect: promise.Effect{Name: "replica"}}
		d := &replica{kind: kind, store: c}
		spec := store.RowSpec{Level: harness.Serializable, Start: start}
		if skip := d.Prepare(&spec); skip != "" || spec.Env.Elsewhere || spec.Env.Readers.Level != harness.RepeatableRead {
			t.Fatalf("%q, %+v", skip, spec.Env)
		}
		if in := spec.Env.Effects; len(in) != 1 || in[0].Causes != promise.HazardSet(promise.LongFork) || in[0].Name != "replica" {
			t.Errorf("effects: %+v", in)
		}
		if err := d.ready(t.Context(), &start); err != nil {
			t.Fatal(err)
		}
		s := d.session(0)
		for _, op := range []*harness.Op{read, write, read} {
			if err := s.begin(t.Context(), op); err != nil {
				t.Fatal(err)
			}
			s.end(op, &harness.Result{Outcome: harness.OK})
		}
		if f := d.Figures(); c.caughtUp != fresh || f[0].Value != 2 || len(f) != 1+min(fresh, 1) {
			t.Errorf("waits %d: caught up %d times, figures %v; want 2 transactions", waits, c.caughtUp, f)
		}
		c.err = errors.New("it is gone")
		if err := s.begin(t.Context(), read); (err != nil) != (fresh > 0) {
			t.Errorf("waits %d: %v", waits, err)
		}
	}
}

// TestTransactionsNeedAWholeReplica: where each read is answered by itself, there is no such row.
func TestTransactionsNeedAWholeReplica(t *testing.T) {
	spec := store.RowSpec{Start: harness.NewState(harness.Group{Table: "list", Len: 2, Holds: harness.Lists}, "", 0)}
	d := &replica{kind: &replicaKind{}, store: &cluster{}}
	if skip := d.Prepare(&spec); skip == "" || spec.Env.Readers != nil {
		t.Errorf("%q, %+v", skip, spec.Env)
	}
}
