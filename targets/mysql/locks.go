package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// lockSession takes locks of GET_LOCK, on a connection beside those of the run.
type lockSession struct {
	db   *sql.DB
	conn *sql.Conn // the only one
	wait time.Duration
}

// lockSession opens one. The run waits for the sessions in its own database to end, and this is none of them.
func (s *server) lockSession(ctx context.Context, wait time.Duration) (store.LockSession, error) {
	db, err := openDB(s.cfg)
	if err != nil {
		return nil, err
	}
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(s.unreachable(err), db.Close())
	}
	return &lockSession{db, c, wait}, nil
}

func lockName(space, number int32) string { return fmt.Sprintf("lastseat-%d-%d", space, number) }

// Lock waits for whole seconds: MySQL knows no shorter ones.
func (l *lockSession) Lock(ctx context.Context, space, number int32) (bool, error) {
	var got sql.NullInt64
	seconds := max(1, int64(l.wait/time.Second))
	err := l.conn.QueryRowContext(ctx, "SELECT GET_LOCK(?, ?)", lockName(space, number), seconds).Scan(&got)
	return err == nil && got.Int64 == 1, err
}

// Unlock gives a lock back.
func (l *lockSession) Unlock(ctx context.Context, space, number int32) error {
	_, err := l.conn.ExecContext(ctx, "DO RELEASE_LOCK(?)", lockName(space, number))
	return err
}

// Alive asks the server.
func (l *lockSession) Alive(ctx context.Context) bool { return l.conn.PingContext(ctx) == nil }

// Close ends the session.
func (l *lockSession) Close() error { return errors.Join(l.conn.Close(), l.db.Close()) }

// listEvery is how often the list of transactions may be read: faster, and it is an old one.
const listEvery = 120 * time.Millisecond

// settle remembers who is under way, and waits until none of them is.
func (s *server) settle(ctx context.Context) error {
	var were map[string]bool
	for were == nil || len(were) > 0 {
		if err := harness.Sleep(ctx, listEvery); err != nil { // somebody else may have just asked
			return err
		}
		now, err := s.transactions(ctx)
		if err != nil {
			return err
		}
		if were == nil {
			were = now
		}
		for id := range were {
			if !now[id] {
				delete(were, id)
			}
		}
	}
	return nil
}

// transactions are those that may have written: these have numbers of their own, where those that have only read are listed under
// high ones that come again.
func (s *server) transactions(ctx context.Context) (map[string]bool, error) {
	rows, err := s.admin.QueryContext(ctx, "SELECT trx_id FROM information_schema.innodb_trx WHERE trx_id < 1 << 47")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells
	all := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		all[id] = true
	}
	return all, rows.Err()
}
