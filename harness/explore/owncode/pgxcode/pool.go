// Package pgxcode lets code of one's own that works on a *pgxpool.Pool be explored by package owncode: a tracer of pgx announces
// every statement before it is sent. In goes Pool, as owncode.Code's Open; the rest is as there.
//
// Statements of Exec, Query, QueryRow, transactions, batches and CopyFrom are announced, a batch as one statement. What is sent
// over a *pgconn.PgConn directly is not, because pgx tells no tracer of it.
package pgxcode

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/store"
)

// Pool opens pools. Options change what the DSN says; of that, search_path and application_name have to stay.
func Pool(options ...func(*pgxpool.Config)) owncode.Opener[*pgxpool.Pool] {
	return func(ctx context.Context, info store.ConnInfo, client *owncode.Client) (owncode.Opened[*pgxpool.Pool], error) {
		var none owncode.Opened[*pgxpool.Pool]
		cfg, err := pgxpool.ParseConfig(info.DSN)
		if err != nil {
			return none, fmt.Errorf("%w: pgxcode.Pool is for PostgreSQL, and the server's DSN is not a PostgreSQL DSN", owncode.ErrCode)
		}
		for _, option := range options {
			option(cfg)
		}
		atHome(cfg, info)
		t := newTracer(client)
		if client != nil {
			t.watch(cfg, info)
		}
		pool, err := pgxpool.NewWithConfig(ctx, cfg)
		if err != nil {
			return none, err
		}
		inUse := func() int { return int(pool.Stat().AcquiredConns()) }
		most := func() int { return int(pool.Stat().MaxConns()) }
		return owncode.Opened[*pgxpool.Pool]{DB: pool, InUse: inUse, Most: most, Close: func() error {
			if inUse() == 0 {
				pool.Close()
				return nil
			}
			t.cut()
			go pool.Close() // it waits for connections that their owner has forgotten
			return nil
		}}, nil
	}
}

// SQL runs statements one after the other, for Code.Setup and Code.Reset.
func SQL(statements ...string) func(context.Context, *pgxpool.Pool) error {
	return func(ctx context.Context, pool *pgxpool.Pool) error {
		for _, s := range statements {
			if _, err := pool.Exec(ctx, s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	}
}

// atHome has no connection used that is in another schema than the run's own: what the code says without a schema may be the user's.
func atHome(cfg *pgxpool.Config, info store.ConnInfo) {
	if info.Home == "" {
		return
	}
	connected := cfg.AfterConnect
	cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		var schema string
		if err := c.QueryRow(ctx, "SELECT COALESCE(("+info.Home+"), '')").Scan(&schema); err != nil {
			return fmt.Errorf("ask for the connection's schema: %w", err)
		}
		if err := store.CheckHome(schema, info.Schema); err != nil || connected == nil {
			return err
		}
		return connected(ctx, c)
	}
}

// watch has the connections of a pool traced, beside what traces them already.
func (t *tracer) watch(cfg *pgxpool.Config, info store.ConnInfo) {
	cc := cfg.ConnConfig
	cc.BuildFrontend = t.tap(cc.BuildFrontend)
	if other := cc.Tracer; other != nil {
		cc.Tracer = multitracer.New(t, other)
	} else {
		cc.Tracer = t
	}
	// Statements of AfterConnect come before the wire is known as a client's: they are none of the code's.
	connected, closing := cfg.AfterConnect, cfg.BeforeClose
	cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		if connected != nil {
			if err := connected(ctx, c); err != nil {
				return err
			}
		}
		if info.BriefWaits != "" {
			if _, err := c.Exec(ctx, info.BriefWaits); err != nil {
				return fmt.Errorf("%s: %w", info.BriefWaits, err)
			}
		}
		t.join(c, sync.OnceFunc(info.Watch(int64(c.PgConn().PID()))))
		return nil
	}
	cfg.BeforeClose = func(c *pgx.Conn) {
		if closing != nil {
			closing(c)
		}
		t.leave(c)
	}
}
