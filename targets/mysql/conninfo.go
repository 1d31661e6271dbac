package mysql

import (
	"database/sql/driver"
	"strings"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// connInfo is the DSN as it was given, with the run's database in it: what lastseat sets for its own connections is none of other
// code's business.
func (s *server) connInfo(level harness.Level) (store.ConnInfo, error) {
	cfg, err := parseDSN(s.dsn)
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
	return store.ConnInfo{DSN: cfg.FormatDSN(), Connector: connector, Session: "SELECT CONNECTION_ID()"}, nil
}

func connector(dsn string) (driver.Connector, error) {
	cfg, err := mysqldriver.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	return mysqldriver.NewConnector(cfg)
}
