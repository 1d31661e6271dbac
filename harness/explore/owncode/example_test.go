package owncode_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqlite"
)

// Two clients add to a number: each reads it, and writes one more. In a test, owncode.Open and owncode.Test are shorter.
func ExampleExplore() {
	ctx := context.Background()
	server, err := sqlite.Engine().Open(ctx, store.OpenConfig{Connections: 1})
	if err != nil {
		panic(err)
	}
	defer server.Close()
	increment := func(ctx context.Context, db *sql.DB) error {
		var n int
		if err := db.QueryRowContext(ctx, "SELECT n FROM visits").Scan(&n); err != nil {
			return err
		}
		_, err := db.ExecContext(ctx, "UPDATE visits SET n = ?", n+1)
		return err
	}
	report, err := owncode.Explore(ctx, server, owncode.Code[*sql.DB]{
		Setup:   owncode.SQL("CREATE TABLE visits (n INT)", "INSERT INTO visits VALUES (0)"),
		Reset:   owncode.SQL("UPDATE visits SET n = 0"),
		Clients: []func(context.Context, *sql.DB) error{increment, increment},
		Check: func(ctx context.Context, db *sql.DB, _ []error) error {
			var n int
			if err := db.QueryRowContext(ctx, "SELECT n FROM visits").Scan(&n); err != nil || n == 2 {
				return err
			}
			return errors.New("a visit was not counted")
		},
	})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d of %d schedules break: %v, in order %v\n", report.Breaking, report.Schedules, report.Shortest.Err, report.Shortest.Schedule)
	// Output: 2 of 4 schedules break: a visit was not counted, in order [1 2 2 1]
}
