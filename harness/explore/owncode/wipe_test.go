package owncode_test

import (
	"testing"

	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
	"github.com/lastseat/lastseat/targets/sqlite"
)

// TestTablesDoNotSurvive: two explorations on one server both make the same table.
func TestTablesDoNotSurvive(t *testing.T) {
	for _, engine := range []store.Engine{sqlite.Engine(), postgres.Engine(), mysql.MariaDB()} {
		t.Run(engine.Name, func(t *testing.T) {
			server := owncode.Open(t, engine)
			for range 2 {
				code := numbers(2, add, add)
				code.Setup = owncode.SQL("CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 0), (2, 0)")
				if r, err := owncode.Explore(t.Context(), server, code); err != nil || r.Breaking > 0 {
					t.Fatalf("%v\n%v", err, r)
				}
			}
		})
	}
}
