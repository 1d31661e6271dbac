package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// set changes the server's own settings (ALTER SYSTEM): they reach sessions that are open already, and those after a crash.
func set(ctx context.Context, monitor sqldb.Conn, settings []store.Setting) (sqldb.Reset, error) {
	var before []store.Setting
	for _, s := range settings {
		old, err := monitor.Text(ctx, "SHOW "+s.Name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", s.Name, err)
		}
		before = append(before, store.Setting{Name: s.Name, Value: old})
	}
	return func(ctx context.Context, monitor sqldb.Conn) error { return alter(ctx, monitor, before) }, alter(ctx, monitor, settings)
}

// alter runs ALTER SYSTEM for each setting, has the server read its files again, and waits until it goes by them.
func alter(ctx context.Context, monitor sqldb.Conn, want []store.Setting) error {
	for _, s := range want {
		sql := fmt.Sprintf("ALTER SYSTEM SET %s = '%s'", s.Name, s.Value)
		if _, err := monitor.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	if _, err := monitor.Query(ctx, "SELECT pg_reload_conf()::int"); err != nil {
		return fmt.Errorf("have the server read its settings again: %w", err)
	}
	for _, s := range want {
		if err := arrived(ctx, monitor, s); err != nil {
			return err
		}
	}
	return nil
}

// arriveTimeout bounds the wait for a signal from the server to its sessions, which takes milliseconds.
const arriveTimeout = 10 * time.Second

// arrived waits until a setting has reached the session.
func arrived(ctx context.Context, monitor sqldb.Conn, want store.Setting) error {
	ctx, cancel := context.WithTimeout(ctx, arriveTimeout)
	defer cancel()
	for {
		got, err := monitor.Text(ctx, "SHOW "+want.Name)
		switch {
		case err != nil:
			return fmt.Errorf("read %s back: %w", want.Name, err)
		case got == want.Value:
			return nil
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("asked the server for %s = %s, but it runs with %s", want.Name, want.Value, got)
		}
	}
}
