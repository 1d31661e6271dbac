package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/app/tables"
	"github.com/lastseat/lastseat/targets/wire"
)

// connInfo is the DSN with the run's schema in it. Drivers of PostgreSQL take what they do not know themselves for settings of the
// session; of two settings of one name, the last counts.
func (s *server) connInfo(level harness.Level) (store.ConnInfo, error) {
	settings := [][2]string{{"application_name", s.name}, {"search_path", s.name}, {"lock_timeout", lockTimeout}}
	if s.info.Pooling != "" { // a pooler refuses these, forgets them, or leaves them on the session for whoever comes next
		settings, level = nil, harness.NoLevel
	}
	if level != harness.NoLevel {
		settings = append(settings, [2]string{"default_transaction_isolation", strings.ReplaceAll(string(level), "-", " ")})
	}
	info := store.ConnInfo{
		Session: backend, Connector: stdlib.GetDefaultDriver().(driver.DriverContext).OpenConnector, Tables: s.tables, BriefWaits: briefly().Second,
	}
	if !strings.Contains(s.dsn, "://") {
		info.DSN = s.dsn
		for _, set := range settings {
			info.DSN += " " + set[0] + "='" + set[1] + "'"
		}
		return info, nil
	}
	u, err := url.Parse(s.dsn)
	if err != nil {
		return info, wrongDSN("")
	}
	query := u.Query()
	for _, set := range settings {
		query.Set(set[0], set[1])
	}
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // PostgreSQL's own URLs know no plus sign for a space
	info.DSN = u.String()
	return info, nil
}

// tables looks at the run's own schema, on a connection beside those of the code.
func (s *server) tables(ctx context.Context) (store.Tables, error) {
	c, err := pgconn.ConnectConfig(ctx, &s.cfg.Config)
	if err != nil {
		return nil, s.unreachable(err)
	}
	end := func() error { return c.Close(context.WithoutCancel(ctx)) }
	t, err := tables.Of(ctx, wire.Postgres(), &programDatabase{conn: c, only: s.name}, end)
	if err != nil {
		return nil, errors.Join(err, end())
	}
	return t, nil
}
