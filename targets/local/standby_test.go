//go:build unix

package local_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/lastseat/lastseat/targets/local"
)

// standby makes a standby of a server for a test.
func standby(t *testing.T, of *local.Server, opts local.StandbyOptions) *local.Server {
	t.Helper()
	began := time.Now()
	s, err := of.Standby(t.Context(), opts)
	var missing *local.NotFoundError
	if errors.As(err, &missing) && os.Getenv("CI") != "true" {
		t.Skip(missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("standby started in %v", time.Since(began).Round(time.Millisecond))
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func eachPostgres(t *testing.T, test func(t *testing.T, b local.Binary)) {
	if _, err := local.Find(t.Context(), local.Postgres); err != nil {
		absent(t, local.Postgres)
	}
	for _, b := range local.All(t.Context()) {
		if b.Engine == local.Postgres {
			t.Run(b.Version, func(t *testing.T) { test(t, b) })
		}
	}
}

// shows waits until a server answers so.
func shows(t *testing.T, s *local.Server, sql, want string) {
	t.Helper()
	_, scan := connect(t, s)
	within(t, patience, func() bool {
		var got string
		return scan(sql, &got) == nil && got == want
	})
}

const (
	makeSeats = "CREATE TABLE seats (n INT)"
	fillSeats = "INSERT INTO seats VALUES (41)"
	sellSeat  = "UPDATE seats SET n = n - 1"
	seats     = "SELECT n FROM seats"
)

func TestStandbySeesWhatThePrimaryWrites(t *testing.T) {
	eachPostgres(t, func(t *testing.T, b local.Binary) {
		primary := start(t, b, local.Options{MaxConnections: 40})
		query(t, primary, makeSeats, fillSeats, seats)
		s := standby(t, primary, local.StandbyOptions{Delay: 20 * time.Millisecond})
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
		onlyLoopback(t, s.PID())
		query(t, primary, sellSeat, seats)
		shows(t, s, seats, "40")

		if err := s.PauseReplay(t.Context()); err != nil {
			t.Fatal(err)
		}
		query(t, primary, sellSeat, seats)
		const received = "SELECT pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()"
		shows(t, s, received, "t")
		if n := query(t, s, seats); n != "40" {
			t.Errorf("a paused standby shows %s", n)
		}
		if err := s.ResumeReplay(t.Context()); err != nil {
			t.Fatal(err)
		}
		shows(t, s, seats, "39")
	})
}

// TestStandbyAndPrimaryDieApart: the standby goes on when its primary is killed, and follows it when it comes back; and so the
// other way round.
func TestStandbyAndPrimaryDieApart(t *testing.T) {
	eachPostgres(t, func(t *testing.T, b local.Binary) {
		primary := start(t, b, local.Options{MaxConnections: 40})
		query(t, primary, makeSeats, fillSeats, seats)
		s := standby(t, primary, local.StandbyOptions{})
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

		pid := s.PID()
		if err := s.Kill(); err != nil {
			t.Fatal(err)
		}
		if alive(pid) {
			t.Errorf("process %d lives on", pid)
		}
		query(t, primary, sellSeat, seats)
		if err := s.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		shows(t, s, seats, "39")
		pid = s.PID()
		if err := s.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if alive(pid) || exists(s.Dir()) {
			t.Errorf("after Stop: process alive %v, folder there %v", alive(pid), exists(s.Dir()))
		}
		if n := query(t, primary, seats); n != "39" {
			t.Errorf("without its standby the primary shows %s", n)
		}
	})
}

func TestStandbyThatFailsLeavesNothing(t *testing.T) {
	eachPostgres(t, func(t *testing.T, b local.Binary) {
		primary := start(t, b, local.Options{MaxConnections: 40})
		standby(t, primary, local.StandbyOptions{}) // or there can be none
		tmp := openFolder(t)
		t.Setenv("TMPDIR", tmp)
		if _, err := primary.Standby(t.Context(), local.StandbyOptions{ExtraArgs: []string{"--no-such-option=1"}}); err == nil {
			t.Error("it started with an option that there is not")
		}
		// So few connections are too few for what the primary has: the standby never answers.
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, err := primary.Standby(ctx, local.StandbyOptions{ExtraArgs: []string{"-c", "max_connections=10"}}); err == nil {
			t.Error("it answers with fewer connections than its primary")
		}
		if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 || len(naming(tmp)) > 0 {
			t.Errorf("left: %v, %v, %v", left, naming(tmp), err)
		}
	})
}

func TestStandbyOfAnotherEngine(t *testing.T) {
	b, err := local.Find(t.Context(), local.MariaDB)
	if err != nil {
		absent(t, local.MariaDB)
	}
	s := start(t, b, local.Options{MaxConnections: 10})
	if _, err := s.Standby(t.Context(), local.StandbyOptions{}); !errors.Is(err, local.ErrNoStandby) {
		t.Errorf("a standby of MariaDB: %v", err)
	}
}
