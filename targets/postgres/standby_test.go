//go:build unix

package postgres

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/targets/local"
)

// standing makes a standby of a server for a test.
func standing(t *testing.T, of *local.Server, opts standbyOptions) *local.Server {
	t.Helper()
	s, err := standby(t.Context(), of, opts)
	var missing *local.NotFoundError
	if errors.As(err, &missing) && os.Getenv("CI") != "true" {
		t.Skip(missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *local.Server) {
	if err := s.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

// eachVersion runs a test on a throwaway server of each version that the machine has.
func eachVersion(t *testing.T, test func(t *testing.T, primary *local.Server)) {
	all := local.All(t.Context(), Program())
	if len(all) == 0 {
		throwaway(t) // or skip
	}
	for _, b := range all {
		t.Run(b.Version, func(t *testing.T) {
			s, err := local.Start(t.Context(), b, local.Options{MaxConnections: 40})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { stop(t, s) })
			test(t, s)
		})
	}
}

// query runs statements on a connection of its own and returns what the last one answers, as text.
func query(t *testing.T, s *local.Server, statements ...string) string {
	t.Helper()
	c, err := pgx.Connect(t.Context(), s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = hangUp(c) }()
	last := len(statements) - 1
	for _, q := range statements[:last] {
		if _, err := c.Exec(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	var answer string
	if err := c.QueryRow(t.Context(), statements[last], pgx.QueryExecModeSimpleProtocol).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", statements[last], err)
	}
	return answer
}

// shows waits until a server answers so.
func shows(t *testing.T, s *local.Server, sql, want string) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); query(t, s, sql) != want; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s is not %s", sql, want)
		}
	}
}

// pauseReplay makes a standby show nothing new until resumeReplay. It goes on receiving.
func pauseReplay(t *testing.T, s *local.Server) {
	t.Helper()
	query(t, s, "SELECT 'asked' FROM pg_wal_replay_pause()")
	paused := "SELECT pg_get_wal_replay_pause_state()"
	if major(s.Binary()) < 14 {
		paused = "SELECT CASE WHEN pg_is_wal_replay_paused() THEN 'paused' ELSE '' END"
	}
	shows(t, s, paused, "paused")
}

func resumeReplay(t *testing.T, s *local.Server) {
	t.Helper()
	query(t, s, "SELECT 'asked' FROM pg_wal_replay_resume()")
}

const (
	makeSeats = "CREATE TABLE seats (n INT)"
	fillSeats = "INSERT INTO seats VALUES (41)"
	sellSeat  = "UPDATE seats SET n = n - 1"
	seats     = "SELECT n FROM seats"
)

func TestStandbySeesWhatThePrimaryWrites(t *testing.T) {
	eachVersion(t, func(t *testing.T, primary *local.Server) {
		query(t, primary, makeSeats, fillSeats, seats)
		s := standing(t, primary, standbyOptions{delay: 20 * time.Millisecond})
		if n := query(t, s, seats); n != "41" {
			t.Errorf("the standby begins with %s", n)
		}
		for sql, want := range map[string]string{
			"SHOW recovery_min_apply_delay": "20ms", "SHOW max_connections": "40", "SHOW fsync": "on", "SELECT pg_is_in_recovery()": "t",
		} {
			if got := query(t, s, sql); got != want {
				t.Errorf("%s: %s, want %s", sql, got, want)
			}
		}
		query(t, primary, sellSeat, seats)
		shows(t, s, seats, "40")

		pauseReplay(t, s)
		query(t, primary, sellSeat, seats)
		const received = "SELECT pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()"
		shows(t, s, received, "t")
		if n := query(t, s, seats); n != "40" {
			t.Errorf("a paused standby shows %s", n)
		}
		resumeReplay(t, s)
		shows(t, s, seats, "39")
	})
}

// TestStandbyAndPrimaryDieApart: the standby goes on when its primary is killed, and follows it when it comes back; and so the
// other way round.
func TestStandbyAndPrimaryDieApart(t *testing.T) {
	eachVersion(t, func(t *testing.T, primary *local.Server) {
		query(t, primary, makeSeats, fillSeats, seats)
		s := standing(t, primary, standbyOptions{})
		if err := primary.Kill(); err != nil {
			t.Fatal(err)
		}
		if n := query(t, s, seats); n != "41" {
			t.Errorf("without its primary the standby shows %s", n)
		}
		if err := primary.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		query(t, primary, sellSeat, seats)
		shows(t, s, seats, "40")

		if err := s.Kill(); err != nil {
			t.Fatal(err)
		}
		query(t, primary, sellSeat, seats)
		if err := s.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		shows(t, s, seats, "39")
		if err := s.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(s.Dir()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("after Stop its folder is there: %v", err)
		}
		if n := query(t, primary, seats); n != "39" {
			t.Errorf("without its standby the primary shows %s", n)
		}
	})
}

// TestCatchUp: what was written before is on the standby, though its primary is killed at once; a standby that is cut off never catches up.
func TestCatchUp(t *testing.T) {
	eachVersion(t, func(t *testing.T, primary *local.Server) {
		next := &successor{s: &server{local: primary}, there: standing(t, primary, standbyOptions{})}
		query(t, primary, makeSeats, fillSeats, seats)
		if err := errors.Join(next.CatchUp(t.Context()), primary.Kill()); err != nil {
			t.Fatal(err)
		}
		shows(t, next.there, seats, "41")
		if err := errors.Join(primary.Restart(t.Context()), next.Cut(t.Context())); err != nil {
			t.Fatal(err)
		}
		query(t, primary, sellSeat, seats)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if err := next.CatchUp(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("cut off, it has caught up: %v", err)
		}
	})
}

func TestStandbyThatFailsLeavesNothing(t *testing.T) {
	eachVersion(t, func(t *testing.T, primary *local.Server) {
		standing(t, primary, standbyOptions{}) // or there can be none
		tmp := openFolder(t, "plain")
		t.Setenv("TMPDIR", tmp)
		if _, err := standby(t.Context(), primary, standbyOptions{extraArgs: []string{"--no-such-option=1"}}); err == nil {
			t.Error("it started with an option that there is not")
		}
		// So few connections are too few for what the primary has: the standby never answers.
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, err := standby(ctx, primary, standbyOptions{extraArgs: []string{"-c", "max_connections=10"}}); err == nil {
			t.Error("it answers with fewer connections than its primary")
		}
		if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
			t.Errorf("left: %v, %v", left, err)
		}
	})
}

// openFolder is a new folder that other accounts can enter: servers of root run as one.
func openFolder(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "lastseat-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	inner := filepath.Join(dir, name)
	if err := errors.Join(os.Chmod(dir, 0o755), os.Mkdir(inner, 0o755)); err != nil {
		t.Fatal(err)
	}
	return inner
}

// TestStandbyInAnOddFolder: the connection string that a standby keeps reads the folder's name as it is; and nobody comes in without
// the password.
func TestStandbyInAnOddFolder(t *testing.T) {
	eachVersion(t, func(t *testing.T, primary *local.Server) {
		t.Setenv("TMPDIR", openFolder(t, `a space, it's "quoted" \ $HOME;&(x)#%20=`))
		s := standing(t, primary, standbyOptions{})
		if got := query(t, s, "SELECT '1'"); got != "1" {
			t.Errorf("it answers %s", got)
		}
		wrong := strings.Replace(s.DSN(), s.Password(), "wrong", 1)
		if c, err := pgx.Connect(t.Context(), wrong); errorCode(err) != "28P01" {
			t.Errorf("with a wrong password: %v, %v", c, err)
		}
	})
}
