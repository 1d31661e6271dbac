package mysql

import (
	"context"
	"fmt"
	"strconv"

	"github.com/lastseat/lastseat/targets/sqldb"
)

// limits are what bounds connections: the server's own limit, and max_user_connections, which an account has from its own clause or from
// the server. The session's variable of that name is what holds for its account; 0 is no limit (MySQL manual, 7.1.8).
func (s *server) limits(ctx context.Context) ([]sqldb.Limit, error) {
	v, err := s.variable(ctx, "max_connections")
	if err != nil {
		return nil, err
	}
	limit, err := strconv.Atoi(v)
	if err != nil {
		return nil, fmt.Errorf("read max_connections: %w", err)
	}
	var name string
	var used, ofUser, byUser int
	if err := s.admin.QueryRowContext(ctx, "SHOW GLOBAL STATUS LIKE 'Threads_connected'").Scan(&name, &used); err != nil {
		return nil, fmt.Errorf("count the connections in use: %w", err)
	}
	if s.stop == nil {
		used++ // the session that will hold the run's lock
	}
	all := []sqldb.Limit{{Free: limit - used, Name: "max_connections"}}
	const own = "SELECT @@SESSION.max_user_connections, COUNT(*) FROM information_schema.processlist WHERE user = SUBSTRING_INDEX(USER(), '@', 1)"
	if err := s.admin.QueryRowContext(ctx, own).Scan(&ofUser, &byUser); err != nil {
		return nil, fmt.Errorf("read max_user_connections: %w", err)
	}
	if s.stop == nil {
		byUser++
	}
	if ofUser > 0 {
		all = append(all, sqldb.Limit{Free: ofUser - byUser, Name: "max_user_connections for " + s.cfg.User})
	}
	return all, nil
}
