package sqlite

import (
	"context"
	"database/sql/driver"

	"github.com/lastseat/lastseat/harness/store"
)

// connInfo is the DSN of the run's file, whose connections do not wait: who steps them does.
func connInfo(dsn string, d driver.Driver) store.ConnInfo {
	return store.ConnInfo{
		DSN: dsn, Busy: busy, Tables: func(ctx context.Context) (store.Tables, error) {
			return openTables(ctx, connector{dsn: dsn, driver: d})
		},
		Connector: func(dsn string) (driver.Connector, error) { return connector{dsn: dsn, driver: d}, nil },
	}
}

// connector is what the driver lacks.
type connector struct {
	dsn    string
	driver driver.Driver
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

func (c connector) Driver() driver.Driver { return c.driver }
