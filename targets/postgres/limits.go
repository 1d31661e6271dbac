package postgres

import (
	"context"
	"fmt"

	"github.com/lastseat/lastseat/targets/sqldb"
)

// limits are what bounds connections: the server's own limit, and the CONNECTION LIMIT of the role and of the database, which do not bind
// superusers (manual, CREATE ROLE, CREATE DATABASE).
func (s *server) limits(ctx context.Context) ([]sqldb.Limit, error) {
	var server int
	const room = `SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
		- (SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int`
	if err := s.admin.QueryRow(ctx, room).Scan(&server); err != nil {
		return nil, fmt.Errorf("count the free connections: %w", err)
	}
	all := []sqldb.Limit{{Free: server, Name: "max_connections"}}
	const own = `SELECT r.rolconnlimit, (SELECT COUNT(*) FROM pg_stat_activity WHERE usename = session_user)::int,
		d.datconnlimit, (SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database())::int, r.rolsuper
		FROM pg_roles r, pg_database d WHERE r.rolname = session_user AND d.datname = current_database()`
	var ofRole, byRole, ofDatabase, inDatabase int
	var super bool
	if err := s.admin.QueryRow(ctx, own).Scan(&ofRole, &byRole, &ofDatabase, &inDatabase, &super); err != nil {
		return nil, fmt.Errorf("read the connection limits of role and database: %w", err)
	}
	if ofRole >= 0 && !super {
		all = append(all, sqldb.Limit{Free: ofRole - byRole, Name: "CONNECTION LIMIT of role " + s.cfg.User})
	}
	if ofDatabase >= 0 && !super {
		all = append(all, sqldb.Limit{Free: ofDatabase - inDatabase, Name: "CONNECTION LIMIT of database " + s.cfg.Database})
	}
	return all, nil
}
