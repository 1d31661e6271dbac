package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// StandbyOptions says how a standby follows its primary.
type StandbyOptions struct {
	// Delay is how long after its commit a transaction shows on the standby at the earliest (recovery_min_apply_delay, whole
	// milliseconds). On one machine the standby is a fraction of a millisecond behind, as no network is.
	Delay     time.Duration
	ExtraArgs []string // appended to the primary's own
}

// retryEvery is how soon a standby that has lost its primary looks for it again; PostgreSQL's default is 5 s.
const retryEvery = 100 * time.Millisecond

// kept is how much of its log a primary keeps, so that a standby finds what it missed while the primary was killed and restarted.
const kept = "128MB"

// ErrNoStandby is what Standby's errors match where no standby can be made of the server, whatever this machine has.
var ErrNoStandby = errors.New("no standby")

// Standby makes a streaming replica of the server, a PostgreSQL, and waits until it answers and receives. It is a throwaway server
// of its own, with its own folder and port, whose Kill, Restart and Stop leave the primary alone, and which outlives it; the caller
// must Stop it. ErrNoStandby: it is another engine. *NotFoundError: there is no pg_basebackup beside the server's program.
func (s *Server) Standby(ctx context.Context, opts StandbyOptions) (*Server, error) {
	if s.engine.copies == nil {
		return nil, fmt.Errorf("%w: standbys are made of PostgreSQL, and this is %s", ErrNoStandby, s.binary)
	}
	if program := s.engine.copies(s.binary, layout{}, 0)[0]; !runnable(program) {
		return nil, &NotFoundError{Engine: s.binary.Engine, Hint: "no program " + program + " found, which copies a server: install the client programs of " + s.binary.String()}
	}
	b, err := s.standby(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("start a standby of the throwaway %s: %w", s.binary, err)
	}
	return b, nil
}

func (s *Server) standby(ctx context.Context, opts StandbyOptions) (*Server, error) {
	if err := s.tell(ctx, "ALTER SYSTEM SET wal_keep_size = '"+kept+"'", "SELECT pg_reload_conf()"); err != nil {
		return nil, err
	}
	// A standby refuses to answer where its limits are below the primary's.
	own := s.layout.Options
	own.ExtraArgs = slices.Concat(own.ExtraArgs, []string{
		"-c", fmt.Sprintf("recovery_min_apply_delay=%dms", opts.Delay.Milliseconds()),
		"-c", fmt.Sprintf("wal_retrieve_retry_interval=%dms", retryEvery.Milliseconds()),
	}, opts.ExtraArgs)
	b, err := create(s.binary, own)
	if err != nil {
		return nil, err
	}
	b.layout.password = s.layout.password // users are copied with all else
	if err := b.come(ctx, s.engine.copies(s.binary, b.layout, s.layout.port)); err != nil {
		return nil, err
	}
	if err := b.streams(ctx); err != nil {
		return nil, errors.Join(err, b.giveUp(ctx))
	}
	return b, nil
}

// baseBackup copies a primary's files over a connection. It writes primary_conninfo, which names the file with the password, and
// standby.signal beside them; the copy is not synced to disk, as initdb's files are not.
func baseBackup(b Binary, l layout, from int) []string {
	quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(l.path(passFile))
	return []string{
		filepath.Join(filepath.Dir(b.Path), "pg_basebackup"), "--pgdata=" + l.data,
		fmt.Sprintf("--dbname=host=127.0.0.1 port=%d user=postgres passfile='%s'", from, quoted), "--no-password", "--wal-method=stream", "--checkpoint=fast", "--write-recovery-conf", "--no-sync",
	}
}

func runnable(program string) bool {
	info, err := os.Stat(program)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// streams waits until the standby receives what its primary writes.
func (s *Server) streams(ctx context.Context) error {
	return s.until(ctx, "SELECT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')", "it receives nothing from its primary")
}

// PauseReplay makes a standby show nothing new until ResumeReplay. It goes on receiving.
func (s *Server) PauseReplay(ctx context.Context) error {
	if err := s.tell(ctx, "SELECT pg_wal_replay_pause()"); err != nil {
		return err
	}
	return s.until(ctx, "SELECT pg_get_wal_replay_pause_state() = 'paused'", "its replay goes on")
}

// ResumeReplay lets a standby show again what it received.
func (s *Server) ResumeReplay(ctx context.Context) error {
	return s.tell(ctx, "SELECT pg_wal_replay_resume()")
}

// until asks a PostgreSQL server a question until the answer is yes; still is what is wrong as long as it is no.
func (s *Server) until(ctx context.Context, question, still string) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	c, err := s.reach(ctx)
	if err != nil {
		return err
	}
	defer hangUp(ctx, c)
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		var yes bool
		if err := c.QueryRow(ctx, question).Scan(&yes); err != nil {
			return fmt.Errorf("%s: %w%s", still, err, s.explain(nil))
		}
		if yes {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s: %w%s", still, ctx.Err(), s.explain(nil))
		}
	}
}

// tell runs statements on a PostgreSQL server.
func (s *Server) tell(ctx context.Context, statements ...string) error {
	c, err := s.reach(ctx)
	if err != nil {
		return err
	}
	defer hangUp(ctx, c)
	for _, sql := range statements {
		if _, err := c.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s on the throwaway %s: %w", sql, s.binary, err)
		}
	}
	return nil
}

// hangUp closes a connection on which nothing is pending, even where ctx has ended. A server that does not answer is not waited for.
func hangUp(ctx context.Context, c *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = c.Close(ctx) // it is gone either way
}

func (s *Server) reach(ctx context.Context) (*pgx.Conn, error) {
	c, err := pgx.Connect(ctx, s.DSN())
	if err != nil {
		return nil, fmt.Errorf("reach the throwaway %s: %w", s.binary, err)
	}
	return c, nil
}
