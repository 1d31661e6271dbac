package sqldb

import (
	"context"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// otherNode answers each client's reads on the server after its own. The servers own the connections.
type otherNode struct {
	nodes []*Server
	start *harness.State
	reads map[string]string // by table: id → value, version
}

// NoOtherNode says why a client's reads cannot be answered by another server of the cluster.
func (s *Server) NoOtherNode() string {
	switch {
	case len(s.more) > 0:
		return ""
	case s.cfg.Causal != "":
		return "the DSN names one server of the cluster: name others, too"
	}
	return s.cfg.Info.Product + " is no cluster, and has no other server that could answer"
}

// OtherNode has each client read on another server than the one that it works on.
func (s *Server) OtherNode() store.Replica { return &otherNode{nodes: s.nodes()} }

// Ready takes in the row's tables, which its Setup has waited for on all servers.
func (o *otherNode) Ready(_ context.Context, start *harness.State) error {
	o.start, o.reads = start, map[string]string{}
	own := o.nodes[0].cfg
	for i := range start.Groups {
		g := names(own.Schema).group(&start.Groups[i])
		o.reads[start.Groups[i].Table] = newStatements(own.Dialect, &g, false).read
	}
	return nil
}

// Read reads a cell in a transaction of its own.
func (o *otherNode) Read(ctx context.Context, client int, c harness.Cell, fresh bool) (value, version int64, age time.Duration, err error) {
	node := o.nodes[(client+1)%len(o.nodes)]
	s, err := node.readers.take(ctx)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("ask another server: %w", err)
	}
	defer node.readers.give(s)
	if err := node.waits(ctx, s, fresh); err != nil {
		return 0, 0, 0, err
	}
	g, id := o.start.GroupOf(c)
	got, err := s.conn.Query(ctx, o.reads[g.Table], int64(id))
	if err != nil {
		return 0, 0, 0, fmt.Errorf("ask another server: %w", err)
	}
	if len(got) != 2 {
		return 0, 0, 0, fmt.Errorf("ask another server: it has no %s", o.start.CellName(c))
	}
	return got[0], got[1], 0, nil
}

// waits has a session wait for whatever was committed before on other servers, or read what its own has.
func (s *Server) waits(ctx context.Context, at *slot, fresh bool) error {
	set := s.cfg.Local
	if fresh {
		set = s.cfg.Causal
	}
	if at.set == set {
		return nil
	}
	if _, err := at.conn.Exec(ctx, set); err != nil {
		return fmt.Errorf("%s: %w", set, err)
	}
	at.set = set
	return nil
}

// Close leaves the connections to the servers.
func (o *otherNode) Close() error { return nil }
