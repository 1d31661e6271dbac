package mysql

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/targets/sqldb"
)

// birthmark is the collation of a database that has no marker yet: a run may be killed between the two statements. Hardly anybody
// else would choose it.
const birthmark = "utf8mb4_esperanto_ci"

// databaseStatements make the run's database and the marker in it.
func (s *server) databaseStatements() []string {
	made := []string{"CREATE DATABASE " + s.name + " COLLATE " + birthmark}
	lives := sqldb.LivesByLock
	if s.kind != nil { // a server of a cluster knows of no other's locks
		lives = sqldb.LivesByBeat
	}
	made = append(made, sqldb.MarkerStatements(s.name, lives, "DATETIME", "UTC_TIMESTAMP()")...)
	return append(made, "ALTER DATABASE "+s.name+" COLLATE "+s.collation)
}

// makeDatabase makes the run's database and the marker in it. Others know by a lock from before then on that the run is alive.
func (s *server) makeDatabase(ctx context.Context, own bool) error {
	if !own {
		return nil // another process has made it
	}
	if s.stop == nil {
		if err := s.holdLock(ctx); err != nil {
			return err
		}
	}
	var err error
	if s.collation, err = s.variable(ctx, "collation_server"); err != nil {
		return err
	}
	for i, sql := range s.databaseStatements() {
		_, err := s.admin.ExecContext(ctx, sql)
		s.made = s.made || i == 0 && (err == nil || ctx.Err() != nil) // without an answer it may be there
		if err != nil {
			return err
		}
	}
	switch {
	case s.stop != nil:
	case s.kind != nil:
		s.alive = sqldb.Keep(sqldb.BeatEvery, s.beat)
	default:
		s.alive = sqldb.Keep(sqldb.LockEvery, s.holdLock)
	}
	return nil
}

// beat writes down that the run is alive.
func (s *server) beat(ctx context.Context) error {
	_, err := s.admin.ExecContext(ctx, "UPDATE "+s.name+"."+sqldb.Marker+" SET beat = UTC_TIMESTAMP()")
	return err
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
	return sqldb.Run(ctx, monitor, slices.Concat([]string{"DROP DATABASE " + s.name}, s.databaseStatements(), []string{"USE " + s.name})...)
}
