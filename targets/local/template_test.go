package local_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/lastseat/lastseat/targets/local"
)

// TestTemplates: servers that begin with a copy of a filled data folder share neither passwords nor tables nor numbers with others, and a
// copy that is spoilt is not used for long.
func TestTemplates(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	kept := func() []string {
		found, err := filepath.Glob(filepath.Join(os.Getenv("XDG_CACHE_HOME"), "lastseat", "data", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	eachBinary(t, func(t *testing.T, b local.Binary) {
		if b.Program.CopyWithout == nil {
			t.Skip(b, "fills each data folder anew")
		}
		before := len(kept())
		first := start(t, b, local.Options{Volatile: true})
		if len(kept()) != before+1 {
			t.Fatalf("kept after the first: %v", kept())
		}
		query(t, first, "CREATE DATABASE mine", "SELECT '1'")
		second := start(t, b, local.Options{Volatile: true})
		if first.DSN() == second.DSN() {
			t.Error("both have one address and password")
		}
		if b.Program.Name == "postgres" {
			postgresRefuses(t, second, first.Password())
		} else {
			mysqlRefuses(t, second, first.Password())
		}
		databases, part := "information_schema.schemata WHERE schema_name", "ibdata1"
		if b.Program.Name == "postgres" {
			databases, part = "pg_database WHERE datname", "global/pg_control"
		}
		if got := query(t, second, "SELECT COUNT(*) FROM "+databases+" = 'mine'"); got != "0" {
			t.Errorf("the second server has the first one's database: %s", got)
		}
		if b.Program.Name == "mysql" { // MariaDB has no number, and PostgreSQL compares its own with nobody's but a standby's
			const number = "SELECT @@server_uuid"
			if one, two := query(t, first, number), query(t, second, number); one == two {
				t.Errorf("both servers have the number %s", one)
			}
		}
		for _, dir := range kept() {
			if err := os.WriteFile(filepath.Join(dir, part), []byte("spoilt"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		query(t, start(t, b, local.Options{Volatile: true}), "SELECT '1'")
	})
}
