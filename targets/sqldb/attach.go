package sqldb

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// Attachment is what another process opens the same run with.
func (s *Server) Attachment() (dsn, run string) {
	if s.cfg.Reached != nil {
		return s.cfg.Reached(), s.cfg.Schema
	}
	return s.cfg.DSN, s.cfg.Schema
}

// Sessions are the server's numbers of the sessions that this process has.
func (s *Server) Sessions() []int64 {
	ids := s.pool.ids()
	ids[s.monitor.ID()] = true
	return slices.Collect(maps.Keys(ids))
}

// endWithin bounds the wait for sessions that were told to end.
const endWithin = 10 * time.Second

// EndSessions ends all sessions of the run but this process's own and these, and waits until they are gone. Behind a pooler nobody knows whose a
// session is.
func (s *Server) EndSessions(ctx context.Context, but []int64) error {
	if s.cfg.Dialect.Sessions == "" || !s.direct() {
		return errors.New("behind a pooler it is not known whose sessions are whose")
	}
	ctx, cancel := context.WithTimeout(ctx, endWithin)
	defer cancel()
	for {
		got, err := s.watching(ctx).Query(ctx, s.cfg.Dialect.Sessions)
		if err != nil {
			return fmt.Errorf("list the run's sessions: %w", err)
		}
		spared := s.pool.ids()
		for _, id := range but {
			spared[id] = true
		}
		left := slices.DeleteFunc(pairs(got), func(id int64) bool { return spared[id] })
		if len(left) == 0 {
			return nil
		}
		for _, id := range left {
			err = s.cfg.Dialect.End(ctx, s.watching(ctx), id) // it may have ended since
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%d are still there", len(left)), err)
		}
	}
}

// pairs are the first numbers of an answer's rows of two; the answer itself is valid until the next query.
func pairs(rows []int64) (first []int64) {
	for i := 0; i+1 < len(rows); i += 2 {
		first = append(first, rows[i])
	}
	return first
}

// Attach readies the target for sessions in tables that another process has made.
func (t *target) Attach(ctx context.Context, start harness.State) error {
	t.prepare(start)
	return t.pool.warm(ctx, t.level, &t.around)
}

// runKey is a run's number among advisory locks.
func runKey(name string) int32 {
	b, _ := hex.DecodeString(name[max(len(name)-8, 0):]) // RunName's names end in it
	var key uint32
	for _, v := range b {
		key = key<<8 | uint32(v)
	}
	return int32(key >> 1)
}
