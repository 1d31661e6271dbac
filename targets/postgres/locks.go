package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// lockSession takes advisory locks, on a connection beside those of the run.
type lockSession struct{ conn *pgx.Conn }

// lockSession opens one. The run waits for the sessions that bear its own name to end, and this is none of them.
func (s *server) lockSession(ctx context.Context, wait time.Duration) (store.LockSession, error) {
	cfg := s.reached().Copy()
	cfg.RuntimeParams["application_name"] = "lastseat-locks"
	cfg.RuntimeParams["lock_timeout"] = fmt.Sprint(wait.Milliseconds())
	c, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, s.unreachable(err)
	}
	return &lockSession{c}, nil
}

// Lock waits in the server.
func (l *lockSession) Lock(ctx context.Context, space, number int32) (bool, error) {
	_, err := l.conn.Exec(ctx, "SELECT pg_advisory_lock($1::int, $2::int)", space, number)
	if errorCode(err) == "55P03" {
		return false, nil
	}
	return err == nil, err
}

// Unlock gives a lock back.
func (l *lockSession) Unlock(ctx context.Context, space, number int32) error {
	_, err := l.conn.Exec(ctx, "SELECT pg_advisory_unlock($1::int, $2::int)", space, number)
	return err
}

// Alive asks the server.
func (l *lockSession) Alive(ctx context.Context) bool { return l.conn.Ping(ctx) == nil }

// Close ends the session.
func (l *lockSession) Close() error { return hangUp(l.conn) }

// farewell bounds the end of a connection to a server that may be gone.
const farewell = time.Second

// hangUp closes a connection on which nothing is pending, also where no context is left. It is gone either way.
func hangUp(c *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	return c.Close(ctx)
}

// settlePoll is how often snapshots are looked at for who is under way.
const settlePoll = 10 * time.Millisecond

// settle takes a transaction's number of its own, which is higher than those of all transactions that have written, and waits until
// snapshots name none below it as under way. The connection is its own, because the run's may be lost.
func (s *server) settle(ctx context.Context) error {
	cfg := s.reached()
	if s.info.Pooling == "" {
		cfg = cfg.Copy()
		cfg.RuntimeParams["application_name"] = "lastseat-locks"
	}
	c, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return s.unreachable(err)
	}
	defer hangUp(c) //nolint:errcheck // nothing is pending on it
	var own, first int64
	if err := c.QueryRow(ctx, "SELECT txid_current()").Scan(&own); err != nil {
		return err
	}
	for {
		if err := c.QueryRow(ctx, "SELECT txid_snapshot_xmin(txid_current_snapshot())").Scan(&first); err != nil || first >= own {
			return err
		}
		if err := harness.Sleep(ctx, settlePoll); err != nil {
			return err
		}
	}
}
