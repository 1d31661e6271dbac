package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/local"
)

// successor is a standby that may take over from the throwaway server.
type successor struct {
	s           *server
	there       *local.Server
	synchronous bool
	took        bool
}

// doubled makes a standby, which has its own copy of the settings before commits are told to wait for it.
func (s *server) doubled(ctx context.Context, synchronous bool) (store.Standby, error) {
	if synchronous && s.info.Setting("synchronous_commit") != "on" {
		return nil, errors.New("commits wait for no standby here: synchronous_commit is " + s.info.Setting("synchronous_commit"))
	}
	there, err := standby(ctx, s.primary(), standbyOptions{})
	var missing *local.NotFoundError
	if errors.As(err, &missing) {
		return nil, &store.MissingError{Hint: missing.Hint}
	}
	if err != nil {
		return nil, err
	}
	next := &successor{s: s, there: there, synchronous: synchronous}
	if synchronous {
		if err := next.await(ctx, "*"); err != nil {
			return nil, errors.Join(err, next.Close(ctx))
		}
	}
	s.follow(there)
	return next, nil
}

// follow makes a standby the one that may take over; nil: none may.
func (s *server) follow(there *local.Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = there
}

// attachment is how other processes reach the primary, also once the standby has taken over.
func (s *server) attachment() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil {
		return s.local.DSN()
	}
	u, err := url.Parse(s.local.DSN())
	if err != nil {
		return s.local.DSN() // who cannot read it says so
	}
	q := u.Query()
	q.Set("target_session_attrs", "primary") // a standby is asked in vain until it has taken over
	u.Host, u.RawQuery = u.Host+","+s.next.Address(), q.Encode()
	return u.String()
}

// await says which standbys commits wait for.
func (n *successor) await(ctx context.Context, names string) error {
	primary := n.s.primary()
	err := tell(ctx, primary, "SET synchronous_commit = local", "ALTER SYSTEM SET synchronous_standby_names = '"+names+"'", "SELECT pg_reload_conf()")
	if err == nil && names != "" {
		err = until(ctx, primary, "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming')")
	}
	return err
}

// CatchUp waits until the standby has received the primary's log as far as that is on disk.
func (n *successor) CatchUp(ctx context.Context) error {
	end, err := answerOf(ctx, n.s.primary(), "SELECT pg_current_wal_flush_lsn()::text")
	if err != nil {
		return err
	}
	return until(ctx, n.there, "SELECT coalesce(pg_last_wal_receive_lsn() >= '"+end+"', false)")
}

// Cut has the standby forget where its primary is.
func (n *successor) Cut(ctx context.Context) error {
	if err := tell(ctx, n.there, "ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()"); err != nil {
		return err
	}
	return until(ctx, n.there, "SELECT NOT EXISTS (SELECT FROM pg_stat_wal_receiver)")
}

// TakeOver kills the primary, promotes the standby, and leads connections there.
func (n *successor) TakeOver(ctx context.Context) error {
	old := n.s.primary()
	if err := old.Kill(); err != nil {
		return fmt.Errorf("kill the primary: %w", err)
	}
	if err := tell(ctx, n.there, "SELECT pg_promote(true, 60)"); err != nil {
		return err
	}
	if err := until(ctx, n.there, "SELECT NOT pg_is_in_recovery()"); err != nil {
		return err
	}
	to, err := pgx.ParseConfig(n.there.DSN())
	if err != nil {
		return fmt.Errorf("connect to the new primary: %w", err)
	}
	n.took = true
	n.s.mu.Lock()
	defer n.s.mu.Unlock()
	n.s.local, n.s.next, n.s.before = n.there, nil, append(n.s.before, old)
	n.s.cfg = n.s.cfg.Copy()
	n.s.cfg.Host, n.s.cfg.Port = to.Host, to.Port
	return nil
}

// Close stops the standby.
func (n *successor) Close(ctx context.Context) error {
	if n.took {
		return nil
	}
	n.s.follow(nil)
	var err error
	if n.synchronous {
		err = n.await(ctx, "")
	}
	return errors.Join(err, n.there.Stop(ctx))
}

// primary is the throwaway server that is the primary now.
func (s *server) primary() *local.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.local
}

// reached is how the server is reached now.
func (s *server) reached() *pgx.ConnConfig {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cfg
}

// mortal is whichever throwaway server is the primary.
type mortal struct{ s *server }

// Kill implements store.Mortal.
func (m *mortal) Kill() error { return m.s.primary().Kill() }

// Restart implements store.Mortal.
func (m *mortal) Restart(ctx context.Context) error { return m.s.primary().Restart(ctx) }

// stop stops all throwaway servers that the run has had.
func (s *server) stop(ctx context.Context) error {
	err := s.local.Stop(ctx)
	for _, old := range s.before {
		err = errors.Join(err, old.Stop(ctx))
	}
	return err
}
