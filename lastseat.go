// Package lastseat tests, in a Go test of one's own, whether code oversells: it runs clients of the code at the same time on a real
// database, in every order that their statements can come in. What the clients return and what the tables hold must be as the same
// clients have it one after the other: nobody has to say what is right.
//
//	func TestBuy(t *testing.T) {
//		buy := func(ctx context.Context, db *sql.DB) error { return shop.Buy(ctx, db, "hat") }
//		lastseat.Test(t, lastseat.Open(t, "postgres"), lastseat.Code[*sql.DB]{ // or sqlite, mysql, mariadb
//			Setup:   lastseat.SQL("CREATE TABLE stock (item VARCHAR(9) PRIMARY KEY, available INT)"),
//			Reset:   lastseat.SQL("DELETE FROM stock", "INSERT INTO stock VALUES ('hat', 1)"),
//			Clients: []func(context.Context, *sql.DB) error{buy, buy},
//		})
//	}
//
// The code is not changed, and needs no hooks. Code.Check asks something else of the tables than serial orders do. docs/owncode.md has
// the whole; examples/shop a shop, broken and mended. Whole tables of strategies and isolation levels are run by package
// harness/suite, and by the command lastseat.
package lastseat

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets"
)

// Code is code of one's own, and what is needed to judge it. DB is what the code works on: *sql.DB, *pgxpool.Pool, *gorm.DB.
type Code[DB any] = owncode.Code[DB]

// Server is a database server that tests run on.
type Server = store.Server

// Open opens a server for a test, by its engine's name: the server that LASTSEAT_POSTGRES_DSN (_MYSQL_, _MARIADB_) names, or else a
// throwaway one, which is stopped when the test ends. Where neither can be had the test is skipped, unless LASTSEAT_REQUIRE names
// the engine, or CI is true.
func Open(t testing.TB, engine string) Server {
	t.Helper()
	var names []string
	for _, e := range targets.Table() {
		if e.SQL && e.Name == engine {
			return owncode.Open(t, e)
		}
		if e.SQL {
			names = append(names, e.Name)
		}
	}
	t.Fatalf("lastseat: unknown engine %q; the engines are %s", engine, strings.Join(names, ", "))
	return nil
}

// Test explores code, and fails the test with the shortest schedule that breaks. It ends before the test's deadline, and says then what
// it has found so far.
func Test[DB any](t testing.TB, server Server, code Code[DB]) {
	t.Helper()
	owncode.Test(t, server, code)
}

// Returning makes a client of a function that returns a value, which is compared too. JSON must be able to hold it.
func Returning[DB, T any](f func(context.Context, DB) (T, error)) func(context.Context, DB) error {
	return owncode.Returning(f)
}

// SQL runs statements one after the other: for Code.Setup and Code.Reset.
func SQL(statements ...string) func(context.Context, *sql.DB) error {
	return owncode.SQL(statements...)
}
