package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/app/tables"
	"github.com/lastseat/lastseat/targets/wire"
)

// connInfo is the DSN as it was given, with the run's database in it: what lastseat sets for its own connections is none of other
// code's business.
func (s *server) connInfo(level harness.Level) (store.ConnInfo, error) {
	cfg, _, err := parseHosts(s.dsn)
	if err != nil {
		return store.ConnInfo{}, err
	}
	cfg.DBName = s.name
	cfg.Timeout = connectTimeout
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	cfg.Params["innodb_lock_wait_timeout"] = lockTimeout
	if level != harness.NoLevel {
		cfg.Params[s.product.levelVariable] = "'" + strings.ToUpper(string(level)) + "'"
	}
	return store.ConnInfo{DSN: cfg.FormatDSN(), Connector: connector, Session: "SELECT CONNECTION_ID()", Tables: s.tables, BriefWaits: briefly().Second}, nil
}

// tables looks at the run's own database, on a connection beside those of the code.
func (s *server) tables(ctx context.Context) (store.Tables, error) {
	d := &programDatabase{name: s.name, server: &programServer{cfg: s.cfg.Clone()}}
	d.server.cfg.MultiStatements = true
	var err error
	if d.db, err = d.server.connect(s.name); err != nil {
		return nil, err
	}
	t, err := tables.Of(ctx, wire.MySQL(), d, d.db.Close)
	if err != nil {
		return nil, errors.Join(err, d.db.Close())
	}
	return t, nil
}

func connector(dsn string) (driver.Connector, error) {
	cfg, err := mysqldriver.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	return newConnector(cfg)
}
