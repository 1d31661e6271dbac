package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets/local"
)

// TestUserLimits: the limits of a role, a database or an account count as the server's own does, and are named.
func TestUserLimits(t *testing.T) {
	onServers(t, func(t *testing.T, e string, s *local.Server) {
		db := connect(t, s)
		name, allow := "max_user_connections for few", func(limit int) {
			execAll(t, db, "DROP USER IF EXISTS few@'127.0.0.1'", fmt.Sprintf("CREATE USER few@'127.0.0.1' WITH MAX_USER_CONNECTIONS %d", limit),
				"GRANT ALL ON *.* TO few@'127.0.0.1'")
		}
		if e == "postgres" {
			execAll(t, db, "CREATE ROLE few LOGIN PASSWORD '"+password+"'", "GRANT CREATE ON DATABASE postgres TO few")
			name, allow = "CONNECTION LIMIT of role few", func(limit int) {
				execAll(t, db, fmt.Sprintf("ALTER ROLE few CONNECTION LIMIT %d", limit))
			}
		}
		few := "few"
		if e == "postgres" {
			few += ":" + password
		}
		target := []string{"--target", e, "--dsn", dsnOf(s, few), "--strategy", "for-update", "-c", "16"}
		allow(8)
		begin(t, "", quick(append(target, "--min-trials", "1")...)...).exits(suite.ExitAsExpected, "16 clients share", "as many as the server has free ("+name+")")
		refuses(t, []string{"too few connections: the run wants 10", "raise its " + name}, append(target, "--connections", "10")...)
		if e == "postgres" {
			allow(0)
			refuses(t, []string{"refuses user few", "or the CONNECTION LIMIT of the role or the database"}, target...)
			allow(-1)
			execAll(t, db, "CREATE DATABASE small CONNECTION LIMIT 3", "GRANT CREATE ON DATABASE small TO few")
			refuses(t, []string{"too few connections: the run wants 10", "raise its CONNECTION LIMIT of database small"},
				"--target", "postgres", "--dsn", strings.Replace(dsnOf(s, few), "/postgres?", "/small?", 1), "--connections", "10")
			return
		}
		allow(1)
		begin(t, "", "run", "--target", "mariadb", "--dsn", dsnOf(s, few), "--strategy", "for-update").exits(suite.ExitSetup, "raise its max_user_connections")
	})
}
