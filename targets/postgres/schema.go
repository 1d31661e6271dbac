package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/targets/sqldb"
)

// schemaStatements make the run's schema and the marker in it.
func (s *server) schemaStatements() []string {
	lives := sqldb.LivesByLock
	if s.info.Pooling != "" {
		lives = sqldb.LivesByBeat
	}
	return append([]string{"CREATE SCHEMA " + s.name}, sqldb.MarkerStatements(s.name, lives, "TIMESTAMPTZ", "CURRENT_TIMESTAMP")...)
}

// makeSchema makes the run's schema, with the marker in it from the first moment, and tells others from then on that the run is alive.
func (s *server) makeSchema(ctx context.Context, own bool) error {
	if !own {
		return nil // another process has made it
	}
	if s.info.Pooling == "" {
		if err := s.lockAlive(ctx); err != nil {
			return err
		}
	}
	// Several statements in one text are one transaction.
	_, err := s.admin.PgConn().Exec(ctx, strings.Join(s.schemaStatements(), "; ")).ReadAll()
	s.made = err == nil || errorCode(err) == "" // without an answer it may be there
	if err != nil || s.local != nil {
		return err
	}
	if s.info.Pooling == "" {
		s.alive = sqldb.Keep(sqldb.LockEvery, s.holdLock)
	} else {
		s.alive = sqldb.Keep(sqldb.BeatEvery, s.beat)
	}
	return nil
}

// lockAlive takes the lock that tells that the run is alive. It lasts as long as the session.
func (s *server) lockAlive(ctx context.Context) error {
	var got bool
	if err := s.admin.QueryRow(ctx, "SELECT pg_try_advisory_lock($1::bigint)", sqldb.LivenessKey(s.name)).Scan(&got); err != nil {
		return fmt.Errorf("lock the run's name: %w", err)
	}
	if !got {
		return fmt.Errorf("lock the run's name: somebody else holds the advisory lock of %s", s.name)
	}
	return nil
}

// again makes sure that admin is connected; fresh: it was not.
func (s *server) again(ctx context.Context) (fresh bool, err error) {
	if s.admin != nil && s.admin.Ping(ctx) == nil {
		return false, nil
	}
	c, err := pgx.ConnectConfig(ctx, s.cfg)
	if err != nil {
		return false, err
	}
	s.admin = c
	return true, nil
}

// holdLock takes the lock again where its session is gone.
func (s *server) holdLock(ctx context.Context) error {
	fresh, err := s.again(ctx)
	if err == nil && fresh {
		err = s.lockAlive(ctx)
	}
	return err
}

// beat writes down that the run is alive.
func (s *server) beat(ctx context.Context) error {
	_, err := s.again(ctx)
	if err == nil {
		_, err = s.admin.Exec(ctx, "UPDATE "+s.name+"."+sqldb.Marker+" SET beat = CURRENT_TIMESTAMP")
	}
	return err
}

// wipe empties the run's schema.
func (s *server) wipe(ctx context.Context, monitor sqldb.Conn) error {
	err := sqldb.Run(ctx, monitor, slices.Concat([]string{begin, "DROP SCHEMA " + s.name + " CASCADE"}, s.schemaStatements(), []string{commit})...)
	if err != nil && !monitor.Dead() {
		_, failed := monitor.Exec(ctx, rollback)
		err = errors.Join(err, failed)
	}
	return err
}

// outlive waits for the end of the run's session before this one: what that was asked for when its connection ended may still come to be.
// It holds the run's lock as long as it lives.
func (s *server) outlive(ctx context.Context) error {
	if s.info.Pooling != "" {
		return nil
	}
	_, err := s.admin.Exec(ctx, "SELECT pg_advisory_lock($1::bigint)", sqldb.LivenessKey(s.name))
	return err
}

func (s *server) dropSchema(ctx context.Context) error {
	if !s.made {
		return nil
	}
	_, err := s.admin.Exec(ctx, "DROP SCHEMA IF EXISTS "+s.name+" CASCADE") // whether it was made may be unknown
	return err
}
