package sqldb

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// ofCluster is one of the servers that a Config names, with its share of the connections.
func ofCluster(cfg Config, connect func(context.Context, store.Route) (Conn, error)) *Server {
	nodes := 1 + len(cfg.More)
	size, reading := (cfg.Info.Connections+nodes-1)/nodes, max(1, cfg.Info.Connections/nodes)
	if cfg.Elsewhere {
		size = 0
	}
	cfg.Connect = connect
	if may := cfg.MayConnect; may != nil {
		cfg.Connect = func(ctx context.Context, route store.Route) (Conn, error) {
			if err := may(); err != nil {
				return nil, err
			}
			return connect(ctx, route)
		}
	}
	s := &Server{cfg: cfg, pool: newPool(size, cfg.Dialect, cfg.Connect)}
	if nodes > 1 { // both together are no more than what there is on a single server
		s.readers = newPool(reading, cfg.Dialect, cfg.Connect)
	}
	return s
}

// ids are the server's numbers of the sessions that are its clients'.
func (s *Server) ids() map[int64]bool {
	ids := s.pool.ids()
	if s.readers != nil {
		maps.Copy(ids, s.readers.ids())
	}
	return ids
}

// nodes are all servers, the first of which makes tables.
func (s *Server) nodes() []*Server { return append([]*Server{s}, s.more...) }

// alone says that statements can be stepped one by one: what one server of a cluster does reaches the others when it likes.
func (s *Server) alone() error {
	if len(s.more) == 0 {
		return nil
	}
	return &OpenError{
		What: "the statements of a cluster cannot be stepped one by one", Err: errors.New("what one server commits reaches the others when it likes"),
		Do: "name a target that is one server",
	}
}

// spread waits until the other servers have the row's tables as they were filled.
func (t *target) spread(ctx context.Context) error {
	for i, node := range t.nodes[1:] {
		if _, err := ask(ctx, node.watching(ctx), t.questions, nil); err != nil {
			return node.lost(fmt.Errorf("wait for server %d of the cluster: %w", i+2, err))
		}
	}
	return nil
}

// agree checks that the other servers hold the same state, once they have applied everything.
func (t *target) agree(ctx context.Context, first *harness.State) error {
	for i, node := range t.nodes[1:] {
		got, err := ask(ctx, node.watching(ctx), t.questions, nil)
		if err != nil {
			return node.lost(fmt.Errorf("read server %d of the cluster: %w", i+2, err))
		}
		other, err := t.takeIn(got)
		if err != nil {
			return fmt.Errorf("server %d of the cluster: %w", i+2, err)
		}
		if what := t.differ(first, &other); what != "" {
			return fmt.Errorf("the servers of the cluster hold different states: %s on server 1, and not on server %d", what, i+2)
		}
	}
	return nil
}

// differ is something that one state holds and the other does not; empty: there is nothing.
func (t *target) differ(a, b *harness.State) string {
	for c := range a.Values {
		if a.Values[c] != b.Values[c] || a.Versions != nil && a.Versions[c] != b.Versions[c] {
			return fmt.Sprintf("%s is %d", t.start.CellName(harness.Cell(c)), a.Values[c])
		}
	}
	left := map[harness.Entry]int{}
	for _, e := range b.Entries {
		left[e]++
	}
	for _, e := range a.Entries {
		if left[e]--; left[e] < 0 {
			return fmt.Sprintf("an entry of operation %d", e.Op)
		}
	}
	if len(a.Entries) != len(b.Entries) {
		return fmt.Sprintf("a journal of %d entries", len(a.Entries))
	}
	return ""
}

// pools are those of all servers.
func (t *target) pools() []*pool {
	pools := []*pool{t.pool}
	for _, node := range t.nodes[1:] {
		pools = append(pools, node.pool)
	}
	return pools
}
