package statement

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/wire"
)

// TestDetails: what a statement reads, writes and locks is said of the tables that stand there, and what cannot be seen is.
func TestDetails(t *testing.T) {
	c := &database.Catalog{
		Tables: []database.Table{
			{Name: "seats", Bare: "seats", Unique: [][]string{{"id"}}},
			{Name: "orders", Bare: "orders", Unique: [][]string{{"id"}}, Related: []string{"lines"}},
			{Name: "lines", Bare: "lines"},
			{Name: "audit.log", Bare: "log"},
		},
		Code: []string{"free_seats"},
	}
	for sql, want := range map[string]string{
		"SELECT a FROM seats WHERE id = $1":                                "reads seats keyed",
		"SELECT a FROM seats s JOIN orders o ON o.id = s.id WHERE s.a = 1": "reads orders,seats",
		"SELECT a FROM seats WHERE id = $1 FOR UPDATE":                     "reads seats rows FOR UPDATE keyed",
		"SELECT a FROM seats WHERE id = $1 FOR KEY SHARE":                  "reads seats rows FOR KEY SHARE keyed",
		"SHARE FOR UPDATE": "code",
		"SELECT share FROM seats WHERE id = 1 FOR UPDATE":                                          "reads seats rows FOR UPDATE keyed",
		"SELECT 1 FROM seats s JOIN orders AS o ON o.id = s.id FOR NO KEY UPDATE OF o SKIP LOCKED": "reads orders,seats rows FOR UPDATE of orders",
		"SELECT 1 FROM seats, orders FOR SHARE OF seats, elsewhere":                                "reads orders,seats rows FOR SHARE of seats",
		"SELECT a FROM seats WHERE id = 1 LOCK IN SHARE MODE":                                      "reads seats rows FOR SHARE keyed",
		"SELECT a FROM seats WHERE id = (SELECT min(id) FROM seats) FOR UPDATE":                    "reads seats rows FOR UPDATE inside",
		"UPDATE seats SET a = a - 1 WHERE id = 1 AND a > 0":                                        "reads seats writes seats keyed",
		"UPDATE seats SET a = 1 WHERE id = (SELECT min(id) FROM seats)":                            "reads seats writes seats inside",
		"UPDATE seats SET a = 1 WHERE id IN (SELECT seat FROM orders)":                             "reads orders,seats writes seats inside",
		"INSERT INTO orders (seat) VALUES ($1)":                                                    "writes orders adds",
		"INSERT INTO orders SELECT id FROM seats WHERE a > 0":                                      "reads orders,seats writes orders adds inside",
		"INSERT INTO orders VALUES (1) ON CONFLICT (id) DO UPDATE SET seat = 2":                    "reads orders writes orders",
		"INSERT INTO audit.log VALUES (1)":                                                         "writes audit.log adds",
		"DELETE FROM orders WHERE id = 1":                                                          "reads orders writes orders reaches lines keyed",
		"WITH gone AS (DELETE FROM orders RETURNING *) INSERT INTO lines VALUES(1)":                "reads lines,orders writes lines,orders reaches lines inside",
		"SELECT pg_advisory_xact_lock($1)":                                                         "calls pg_advisory_xact_lock",
		"SELECT nextval('orders_id_seq')":                                                          "nothing",
		"SELECT 1":                                                                                 "nothing",
		"SELECT * FROM free_seats":                                                                 "code",
		"CALL buy($1)":                                                                             "code",
		"DO $$ BEGIN END $$":                                                                       "code",
		"UPDATE elsewhere SET a = 1":                                                               "code",
		"SELECT setval('orders_id_seq', 1)":                                                        "code",
		"LOCK TABLE seats":                                                                         "tables seats",
		"LOCK TABLE seats IN ROW EXCLUSIVE MODE":                                                   "code",
		"CREATE TABLE seats (id int)":                                                              "schema",
		"BEGIN ISOLATION LEVEL SERIALIZABLE":                                                       "begins serializable",
		"COMMIT":                                                                                   "ends", "ROLLBACK TO SAVEPOINT s": "nothing", "ROLLBACK": "ends back",
	} {
		all := NewReader(wire.Postgres(), c).Details(&wire.Request{Kind: wire.Query, SQL: sql}, true)
		if len(all) != 1 {
			t.Fatalf("%s: %d statements", sql, len(all))
		}
		if got := all[0].words(); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
	}
}

// words are a Detail in a line.
func (d *Detail) words() string {
	if d.Code {
		return "code"
	}
	var all []string
	for _, l := range []struct {
		name  string
		names []string
	}{{"reads", d.Reads}, {"writes", d.Writes}, {"reaches", d.Reaches}, {"calls", d.Calls}, {"tables", d.Tables}} {
		if len(l.names) > 0 {
			all = append(all, l.name+" "+strings.Join(l.names, ","))
		}
	}
	if d.Rows != "" {
		all = append(all, "rows "+d.Rows)
		if !slices.Equal(d.Of, d.Reads) {
			all = append(all, "of "+strings.Join(d.Of, ","))
		}
	}
	for _, f := range []struct {
		name string
		is   bool
	}{{"adds", d.Adds}, {"keyed", d.Keyed}, {"inside", d.Inside}, {"schema", d.Schema}, {fmt.Sprint("begins ", d.Level), d.Begins}, {"ends", d.Ends}, {"back", d.Back}} {
		if f.is {
			all = append(all, f.name)
		}
	}
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, " ")
}

// TestShape: what differs in values and their number alone is one shape.
func TestShape(t *testing.T) {
	r := NewReader(wire.Postgres(), &database.Catalog{})
	for _, sql := range []string{"SELECT a FROM b WHERE c IN (1, 2)", "SELECT a  FROM b WHERE c IN (3);", "SELECT a FROM b WHERE c IN ('x', 'y','z')"} {
		if got := r.Shape(sql); got != "SELECT a FROM b WHERE c IN (…)" {
			t.Errorf("%s has the shape %s", sql, got)
		}
	}
}

// TestChecked: what an UPDATE both compares and sets is what it checks.
func TestChecked(t *testing.T) {
	for sql, want := range map[string]string{
		"UPDATE seats SET owner = $1, version = version + 1 WHERE id = $2 AND version = $3": "version",
		"UPDATE seats SET free = free - 1 WHERE id = 1 AND free >= 1":                       "free",
		"UPDATE seats SET seats.status = 'sold' WHERE id = 1 AND seats.status = 'free'":     "status",
		"UPDATE seats SET owner = 'me' WHERE id = 1 AND status = 'free'":                    "", // another can change the owner
		"UPDATE seats SET free = 2 WHERE id = 1":                                            "",
		"UPDATE seats SET free = 2 WHERE id = 1 OR free = 3":                                "",
		"UPDATE seats SET free = 2 WHERE id = 1 AND NOT free = 3":                           "",
	} {
		if got := strings.Join(checked(sql), " "); got != want {
			t.Errorf("%s checks %q, want %q", sql, got, want)
		}
	}
}
