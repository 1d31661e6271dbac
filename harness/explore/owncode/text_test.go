package owncode_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/targets/postgres"
)

// TestCommitWithoutTurn: a schedule is given up, because a client does not do what it did before, when another is about to send a COMMIT as
// text. Its transaction is not left on a connection of the pool, where its locks would be in the way of all that follows.
func TestCommitWithoutTurn(t *testing.T) {
	const idle, under, lost = 0, 1, 2
	state := idle
	writes := func(ctx context.Context, db *sql.DB) error {
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		for _, s := range []string{"BEGIN", "UPDATE t SET v = 1"} {
			if _, err := conn.ExecContext(ctx, s); err != nil {
				return err
			}
		}
		state = max(state, under)
		_, err = conn.ExecContext(ctx, "COMMIT")
		if state == under {
			state = idle
		}
		return err
	}
	looks := func(ctx context.Context, db *sql.DB) error {
		for range 3 {
			if _, err := db.ExecContext(ctx, "SELECT v FROM t FOR KEY SHARE SKIP LOCKED"); err != nil {
				return err
			}
			if state != under {
				return nil
			}
		}
		state = lost // it asks no more from now on
		return nil
	}
	r, err := owncode.Explore(t.Context(), owncode.Open(t, postgres.Engine()), owncode.Code[*sql.DB]{
		Setup: owncode.SQL("CREATE TABLE t (v INT)"), Reset: owncode.SQL("DELETE FROM t", "INSERT INTO t VALUES (0)"),
		Clients: []function{writes, looks}, Isolation: harness.ReadCommitted,
		Check: func(context.Context, *sql.DB, []error) error { return nil },
	})
	if !errors.Is(err, explore.ErrDiverged) || state != lost {
		t.Errorf("%v: %v", r, err)
	}
}
