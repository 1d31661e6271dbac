package postgres

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// TestCancelledWaitIsUnknown: a commit that waits for its standby, and is told to wait no longer, is answered by COMMIT and a remark. It
// has come to be here, and where the standby takes over it has not.
func TestCancelledWaitIsUnknown(t *testing.T) {
	dsn := throwaway(t)
	for name, driver := range map[string]bool{"wire": false, "driver": true} {
		t.Run(name, func(t *testing.T) {
			s := &server{name: "public", driver: driver, info: store.ServerInfo{Pooling: ""}}
			cfg, err := pgx.ParseConfig(dsn)
			if err != nil {
				t.Fatal(err)
			}
			s.cfg = cfg
			c, err := s.connect(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = c.Close() })
			admin, err := pgx.Connect(t.Context(), dsn)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = admin.Close(context.Background()) })
			name := "seat_" + name
			tellAll(t, admin, "CREATE TABLE "+name+" (id int)", "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()")
			t.Cleanup(func() {
				tellAll(t, admin, "SET synchronous_commit = local", "ALTER SYSTEM SET synchronous_standby_names = ''", "SELECT pg_reload_conf()")
			})
			until := func(question string) {
				for yes := false; !yes; time.Sleep(5 * time.Millisecond) {
					if err := admin.QueryRow(t.Context(), question).Scan(&yes); err != nil {
						t.Fatal(err)
					}
				}
			}
			until("SELECT current_setting('synchronous_standby_names') = 'nobody'")
			for _, sql := range []string{begin, "SET LOCAL synchronous_commit = on", "INSERT INTO " + name + " VALUES (1)"} {
				if _, err := c.Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			done := make(chan error, 1)
			go func() { done <- c.Commit(t.Context()) }()
			until("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep')")
			tellAll(t, admin, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
			err = <-done
			var remark *unreplicatedError
			if !errors.As(err, &remark) || classify(err) != (sqldb.Class{Lost: true}) {
				t.Errorf("the commit is answered by %v, which is %+v", err, classify(err))
			}
			until("SELECT EXISTS (SELECT FROM " + name + ")")
		})
	}
}

func tellAll(t *testing.T, c *pgx.Conn, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		if _, err := c.Exec(context.Background(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}
