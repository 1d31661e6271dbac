package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// lines are connections to one server that clients share. Each is opened when it is first needed, and again after it broke.
type lines struct {
	to   string // the replica
	cfg  *pgx.ConnConfig
	free chan *line
}

type line struct{ conn *pgx.Conn }

func newLines(to string, cfg *pgx.ConnConfig, n int) *lines {
	l := &lines{to: to, cfg: cfg, free: make(chan *line, n)}
	for range n {
		l.free <- &line{}
	}
	return l
}

// with lends a connection to do, which ends before with does. Where a connection from before turns out to be broken, as all are once
// their server has been killed, do is done again on a new one: it only asks.
func (l *lines) with(ctx context.Context, do func(*pgx.Conn) error) error {
	var x *line
	select {
	case x = <-l.free:
	case <-ctx.Done():
		return fmt.Errorf("wait for a connection to %s: %w", l.to, ctx.Err())
	}
	defer func() { l.free <- x }()
	if x.conn != nil && !x.conn.IsClosed() {
		if err := do(x.conn); err == nil || !x.conn.IsClosed() || ctx.Err() != nil {
			return err
		}
	}
	c, err := pgx.ConnectConfig(ctx, l.cfg)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", l.to, err)
	}
	x.conn = c
	return do(c)
}

// close ends all connections, none of which may be in use. Safe to call again.
func (l *lines) close() {
	for range cap(l.free) {
		x := <-l.free
		if x.conn != nil {
			_ = hangUp(x.conn) // nothing is pending on it
		}
		l.free <- &line{} // a queue: each comes out once
	}
}
