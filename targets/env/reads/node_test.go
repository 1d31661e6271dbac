package reads

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// cluster is one whose other servers show of each cell what there was at its start, unless they wait.
type cluster struct {
	store.Server
	none  string // why there is no other server
	state []int64
	asked []bool // by read: whether it waited
	of    []int  // by read: for which client
}

func (c *cluster) NoOtherNode() string                         { return c.none }
func (c *cluster) OtherNode() store.Replica                    { return c }
func (c *cluster) Ready(context.Context, *harness.State) error { return nil }
func (c *cluster) Close() error                                { return nil }
func (c *cluster) saw() (waited []bool)                        { waited, c.asked = c.asked, nil; return waited }

func (c *cluster) commit(cell harness.Cell) (version int64) {
	c.state[cell]++
	return c.state[cell] - 1
}

func (c *cluster) Read(_ context.Context, client int, cell harness.Cell, fresh bool) (value, version int64, age time.Duration, err error) {
	c.asked, c.of = append(c.asked, fresh), append(c.of, client)
	if fresh {
		version = c.state[cell]
	}
	return 5 - version, version, 0, nil
}

// other opens a component that reads from other servers of a cluster, for a row that begins.
func other(t *testing.T, which store.Component, c *cluster) (*replica, *store.RowSpec) {
	t.Helper()
	d, err := which.Open(t.Context(), store.ComponentOptions{Store: c, Servers: 1, Clients: 2})
	if err != nil {
		t.Fatal(err)
	}
	var spec store.RowSpec
	if skip := d.Prepare(&spec); skip != c.none {
		t.Fatalf("skipped: %q, and the cluster says %q", skip, c.none)
	}
	start := harness.NewState(harness.Group{Table: "stock", Len: 2}, "orders", 5)
	if c.none == "" {
		if err := d.(*replica).ready(t.Context(), &start); err != nil {
			t.Fatal(err)
		}
	}
	return d.(*replica), &spec
}

// TestNodeIsOld: another server shows what there was, and waits once a conflict has told the client so.
func TestNodeIsOld(t *testing.T) {
	c := &cluster{state: make([]int64, 2)}
	d, spec := other(t, nodeComponent(), c)
	if !spec.Env.Elsewhere || spec.Env.Effects[0].Causes != promise.Elsewhere(true) {
		t.Errorf("%+v", spec.Env)
	}
	s := d.session(7)
	if err := s.begin(t.Context(), &harness.Op{}); err != nil {
		t.Fatal(err)
	}
	reads(t, s, 0, 5, 0)
	s.end(buy(harness.OK, 5, c.commit(0)))
	if err := s.begin(t.Context(), &harness.Op{}); err != nil {
		t.Fatal(err)
	}
	reads(t, s, 0, 5, 0) // stale
	s.end(buy(harness.Failed, 0, 0))
	if err := s.begin(t.Context(), &harness.Op{}); err != nil {
		t.Fatal(err)
	}
	reads(t, s, 0, 4, 1)
	reads(t, s, 1, 5, 0)
	if got := c.saw(); !slices.Equal(got, []bool{false, false, true, false}) || c.of[0] != 7 {
		t.Errorf("waited: %v, for client %d; want only the read after the conflict, for client 7", got, c.of[0])
	}
	if f := d.Figures(); len(f) != 2 || f[0].Value != 4 || f[1].Value != 25 {
		t.Errorf("figures: %v; want 4 reads, and 1 of them stale", f)
	}
}

// TestSyncedNodeIsNot: every read waits, and none is stale.
func TestSyncedNodeIsNot(t *testing.T) {
	c := &cluster{state: make([]int64, 2)}
	d, spec := other(t, syncedNodeComponent(), c)
	if spec.Env.Effects[0].Causes != promise.Elsewhere(false) {
		t.Errorf("%+v", spec.Env)
	}
	s := d.session(0)
	for range 2 {
		if err := s.begin(t.Context(), &harness.Op{}); err != nil {
			t.Fatal(err)
		}
		reads(t, s, 0, 5-c.state[0], c.state[0])
		reads(t, s, 1, 5, 0)
		s.end(buy(harness.OK, 5-c.state[0], c.commit(0)))
	}
	if got := c.saw(); slices.Contains(got, false) {
		t.Errorf("waited: %v; want each", got)
	}
	if f := d.Figures(); len(f) != 3 || f[1].Value != 0 || f[2].Name != "catching-up" {
		t.Errorf("figures: %v; want none stale", f)
	}
}

// TestNoOtherNode: the cluster says why there is none.
func TestNoOtherNode(t *testing.T) { other(t, nodeComponent(), &cluster{none: "there is one server"}) }
