package sqldb

import (
	"context"
	"slices"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// noted is a connection to a server that writes down what it is asked.
type noted struct {
	Conn
	asked *[]string
}

func (c *noted) Exec(_ context.Context, text string, _ ...any) (Done, error) {
	*c.asked = append(*c.asked, text)
	return Done{}, nil
}

func (c *noted) Query(_ context.Context, text string, _ ...any) ([]int64, error) {
	*c.asked = append(*c.asked, text)
	return []int64{3, 2}, nil
}

func (*noted) Dead() bool   { return false }
func (*noted) ID() int64    { return 1 }
func (*noted) Close() error { return nil }

// TestOtherNode: a client's reads are answered by the server after its own, on a connection that waits or does not, as it is asked.
func TestOtherNode(t *testing.T) {
	asked := make([][]string, 2)
	connect := func(i int) func(context.Context, store.Route) (Conn, error) {
		return func(context.Context, store.Route) (Conn, error) { return &noted{asked: &asked[i]}, nil }
	}
	cfg := Config{
		Dialect: &Dialect{}, Info: store.ServerInfo{Product: "a cluster", Connections: 2}, Schema: "run", Causal: "wait", Local: "do not wait",
		Connect: connect(0), More: []func(context.Context, store.Route) (Conn, error){connect(1)}, Drop: func(context.Context) error { return nil },
	}
	s, err := NewServer(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if why := s.NoOtherNode(); why != "" {
		t.Error(why)
	}
	start := harness.NewState(harness.Group{Table: "stock", Column: "available", Len: 2}, "orders", 5)
	from := s.OtherNode()
	if err := from.Ready(t.Context(), &start); err != nil {
		t.Fatal(err)
	}
	asked[0], asked[1] = nil, nil
	for _, fresh := range []bool{false, false, true, false} {
		value, version, _, err := from.Read(t.Context(), 2, 1, fresh) // client 2 is a client of the first server
		if err != nil || value != 3 || version != 2 {
			t.Errorf("%d at version %d, %v", value, version, err)
		}
	}
	const read = "SELECT available, version FROM run.stock WHERE id = ?"
	if want := []string{"do not wait", read, read, "wait", read, "do not wait", read}; !slices.Equal(asked[1], want) || len(asked[0]) > 0 {
		t.Errorf("the servers were asked %q; want the second %q", asked, want)
	}
	if !s.more[0].ids()[1] {
		t.Error("the connections of readers are taken for strangers'")
	}
}

// TestNoOtherNode: a server that is no cluster says so, and one of a cluster that is named alone says what to do.
func TestNoOtherNode(t *testing.T) {
	for _, causal := range []string{"", "wait"} {
		s := ofCluster(Config{Info: store.ServerInfo{Product: "a server"}, Causal: causal}, nil)
		if s.NoOtherNode() == "" || s.readers != nil {
			t.Errorf("%q: another server is offered", causal)
		}
	}
}
