//go:build unix

package local_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/targets/local"
)

// TestKillEndsSessionsAtOnce: no session of a killed PostgreSQL goes on with what it is doing.
func TestKillEndsSessionsAtOnce(t *testing.T) {
	b, err := local.Find(t.Context(), programOf("postgres"))
	if err != nil {
		absent(t, "postgres")
	}
	s := start(t, b, local.Options{})
	conn, err := pgx.Connect(t.Context(), s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	answered := make(chan error, 1)
	go func() {
		_, err := conn.Exec(context.Background(), "DO $$ BEGIN LOOP END LOOP; END $$") // it looks at nothing else
		answered <- err
	}()
	for query(t, s, "SELECT COUNT(*)::text FROM pg_stat_activity WHERE query LIKE 'DO %' AND state = 'active' AND pid <> pg_backend_pid()") != "1" {
		time.Sleep(time.Millisecond)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-answered:
		if err == nil {
			t.Error("an endless loop has ended")
		}
	case <-time.After(30 * time.Second):
		t.Error("the session goes on")
	}
	for deadline := time.Now().Add(30 * time.Second); alive(int(conn.PgConn().PID())); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the session's process lives on")
		}
	}
}
