package main

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"time"
)

// Patterns that make their transactions themselves, or have none, and programs that are no use.
var wholes = map[string]whole{
	// A named lock around a transaction, as a mutex that all copies share.
	"named": func(s *shop, ctx context.Context, mode, c string) (_ body, err error) {
		if mode == "pool" { // whose session is everybody's: it has the lock already
			return nil, s.pooled(ctx, c)
		}
		conn, err := s.db.Conn(ctx)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, conn.Close()) }()
		for range 8 {
			if err = s.locked(ctx, conn, mode, c); !again(err) {
				break
			}
		}
		return nil, err
	},
	"inside": (*shop).inside,
	// A wait for a lock that ends by a time-out: swallowed takes it for a success, and on MySQL only that statement is taken back.
	"timeout": func(s *shop, ctx context.Context, mode, c string) (body, error) {
		t, err := s.db.BeginTx(ctx, nil)
		if err != nil {
			return nil, err
		}
		err = s.changes(ctx, t, "INSERT INTO orders (customer, item) VALUES ($1, 'hat')", c)
		if err == nil {
			err = s.changes(ctx, t, "UPDATE stock SET left_over = left_over - 1 WHERE item = 'hat'")
		}
		if err != nil && mode != "swallowed" {
			return nil, errors.Join(err, t.Rollback())
		}
		if err := t.Commit(); err != nil && mode != "swallowed" {
			return nil, err
		}
		return nil, nil
	},
	// It writes after its answer.
	"late": func(s *shop, ctx context.Context, _, c string) (body, error) {
		if err := s.changes(ctx, s.db, "UPDATE stock SET left_over = left_over - 1 WHERE item = 'hat'"); err != nil {
			return nil, err
		}
		go func() {
			time.Sleep(3 * time.Millisecond)
			_ = s.changes(context.Background(), s.db, "INSERT INTO orders (customer, item) VALUES ($1, 'log')", c)
		}()
		return nil, nil
	},
	// The charge comes when the transaction is through.
	"settle": func(s *shop, ctx context.Context, mode, c string) (body, error) {
		b, err := s.retried(ctx, mode, func(t tx) (body, error) { return money["charge"](s, ctx, t, "after", c) })
		if err != nil {
			return nil, err
		}
		return b, s.changes(ctx, s.db, "INSERT INTO charge (customer) VALUES ($1)", c)
	},
	"fails":     func(*shop, context.Context, string, string) (body, error) { return nil, errors.New("it always fails") },
	"elsewhere": func(*shop, context.Context, string, string) (body, error) { return nil, nil },
	// A statement that never ends; MARK is a file that says that it has begun.
	"sleeps": func(s *shop, ctx context.Context, _, _ string) (body, error) {
		if mark := os.Getenv("MARK"); mark != "" {
			_ = os.WriteFile(mark, nil, 0o600)
		}
		q := "SELECT left_over, pg_sleep(3600) FROM stock"
		if s.mysql {
			q = "SELECT left_over, SLEEP(3600) FROM stock"
		}
		_, err := s.db.ExecContext(context.WithoutCancel(ctx), q)
		return nil, err
	},
	"dies": func(*shop, context.Context, string, string) (body, error) {
		os.Exit(3)
		return nil, nil
	},
	"random": func(s *shop, ctx context.Context, _, _ string) (body, error) {
		return nil, s.changes(ctx, s.db, "UPDATE counter SET n = $1 WHERE id = 1", time.Now().UnixNano()%1000)
	},
}

// pooled takes a session's lock, does its work and gives the lock back, each on whichever session the pool has.
func (s *shop) pooled(ctx context.Context, c string) error {
	if err := s.changes(ctx, s.few, s.either("SELECT pg_advisory_lock(5)", "SELECT GET_LOCK('five', 60)")); err != nil {
		return err
	}
	_, err := keys["coupon"](s, ctx, s.few, "pool", c)
	return errors.Join(err, s.changes(ctx, s.few, s.either("SELECT pg_advisory_unlock(5)", "SELECT RELEASE_LOCK('five')")))
}

// locked redeems a coupon under a named lock: early gives it back before the COMMIT, late after it; xact takes it as the first statement of
// the transaction.
func (s *shop) locked(ctx context.Context, conn *sql.Conn, mode, c string) error {
	take, give := s.either("SELECT pg_advisory_lock(5)", "SELECT GET_LOCK('five', 60)"), s.either("SELECT pg_advisory_unlock(5)", "SELECT RELEASE_LOCK('five')")
	var session tx = conn
	redeem := func(t tx) (body, error) { return keys["coupon"](s, ctx, t, mode, c) }
	if mode == "xact" {
		_, err := s.transaction(ctx, conn, mode, func(t tx) (body, error) {
			if err := s.changes(ctx, t, s.either("SELECT pg_advisory_xact_lock(5)", take)); err != nil {
				return nil, err
			}
			return redeem(t)
		})
		if s.mysql {
			err = errors.Join(err, s.changes(ctx, conn, give))
		}
		return err
	}
	if err := s.changes(ctx, session, take); err != nil {
		return err
	}
	_, err := s.transaction(ctx, s.db, mode, func(t tx) (b body, err error) {
		b, err = redeem(t)
		if mode == "early" {
			err = errors.Join(err, s.changes(ctx, session, give))
		}
		return b, err
	})
	if mode == "late" {
		err = errors.Join(err, s.changes(ctx, session, give))
	}
	return err
}
