package mysql

import (
	"context"
	"errors"
	"fmt"

	"github.com/lastseat/lastseat/targets/sqldb"
)

// marker makes the marker in the run's database.
func (s *server) marker() []string {
	return sqldb.MarkerStatements(s.name, sqldb.LivesByLock, "DATETIME", "UTC_TIMESTAMP()")
}

// makeDatabase makes the run's database and the marker in it. Others know by a lock from before then on that the run is alive.
func (s *server) makeDatabase(ctx context.Context) error {
	if s.local == nil {
		if err := s.holdLock(ctx); err != nil {
			return err
		}
	}
	if _, err := s.admin.ExecContext(ctx, "CREATE DATABASE "+s.name); err != nil {
		s.made = ctx.Err() != nil // who knows
		return err
	}
	s.made = true
	for _, sql := range s.marker() {
		if _, err := s.admin.ExecContext(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	if s.local == nil {
		s.alive = sqldb.Keep(sqldb.LockEvery, s.holdLock)
	}
	return nil
}

// holdLock makes sure that a session holds the lock of the run's name.
func (s *server) holdLock(ctx context.Context) error {
	if s.holder != nil {
		if s.holder.PingContext(ctx) == nil {
			return nil
		}
		s.release()
	}
	c, err := s.admin.Conn(ctx)
	if err != nil {
		return fmt.Errorf("lock the run's name: %w", err)
	}
	s.holder = c
	var got bool
	if err := c.QueryRowContext(ctx, "SELECT COALESCE(GET_LOCK(?, 0), 0)", s.name).Scan(&got); err != nil || !got {
		s.release()
		return errors.Join(fmt.Errorf("lock the run's name: %s", s.name), err)
	}
	return nil
}

// release ends the session that holds the lock.
func (s *server) release() {
	if s.holder != nil {
		_ = s.holder.Close() // admin keeps no connection that nobody uses
		s.holder = nil
	}
}

// wipe empties the run's database.
func (s *server) wipe(ctx context.Context, monitor sqldb.Conn) error {
	return sqldb.Run(ctx, monitor, append([]string{"DROP DATABASE " + s.name, "CREATE DATABASE " + s.name, "USE " + s.name}, s.marker()...)...)
}
