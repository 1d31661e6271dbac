package owncode

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/lastseat/lastseat/harness/store"
)

// Driver opens a *sql.DB of a driver of one's choice: Code.Open for code that needs another than lastseat's own, such as
// stdlib.GetDefaultDriver() of pgx.
func Driver(d driver.Driver) Opener[*sql.DB] {
	return Connector(func(dsn string) (driver.Connector, error) {
		if c, ok := d.(driver.DriverContext); ok {
			return c.OpenConnector(dsn)
		}
		return dsnConnector{dsn, d}, nil
	})
}

// dsnConnector is what a driver that has no connectors lacks.
type dsnConnector struct {
	dsn    string
	driver driver.Driver
}

func (c dsnConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

func (c dsnConnector) Driver() driver.Driver { return c.driver }

// Connector opens a *sql.DB of the connector that is made of a DSN: Code.Open for code that needs other options than those of the
// DSN. What the DSN says of a schema or a database has to stay.
func Connector(of func(dsn string) (driver.Connector, error)) Opener[*sql.DB] {
	return func(ctx context.Context, info store.ConnInfo, client *Client) (Opened[*sql.DB], error) {
		inner, err := of(info.DSN)
		if err != nil {
			return Opened[*sql.DB]{}, err
		}
		inner = atHome{inner, info}
		if client == nil {
			db := sql.OpenDB(inner)
			return Opened[*sql.DB]{DB: db, Close: db.Close}, nil
		}
		c := &connector{Connector: inner, client: client, info: info, conns: map[*conn]bool{}}
		if info.Busy != nil {
			if c.beginLocks, err = beginLocks(ctx, inner, info.Busy); err != nil {
				return Opened[*sql.DB]{}, err
			}
		}
		db := sql.OpenDB(c)
		return Opened[*sql.DB]{DB: db, InUse: func() int { return db.Stats().InUse }, Most: func() int { return db.Stats().MaxOpenConnections }, Close: func() error {
			c.cut()
			return db.Close()
		}}, nil
	}
}

// openOwn opens a *sql.DB of the driver that the engine names.
func openOwn(ctx context.Context, info store.ConnInfo, client *Client) (Opened[*sql.DB], error) {
	return Connector(info.Connector)(ctx, info, client)
}

// connector opens connections that announce their statements.
type connector struct {
	driver.Connector
	client     *Client
	info       store.ConnInfo
	beginLocks bool // BEGIN takes a lock

	mu    sync.Mutex
	conns map[*conn]bool
}

// Connect opens a connection, and has the server's waits for it counted.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	release := func() {}
	if c.info.Session != "" {
		err := run(ctx, inner, c.info.BriefWaits)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", c.info.BriefWaits, err), inner.Close())
		}
		id, err := answer[int64](ctx, inner, c.info.Session)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("ask for the session's number: %w", err), inner.Close())
		}
		release = c.info.Watch(id)
	}
	conn := &conn{Conn: inner, from: c, client: c.client, release: sync.OnceFunc(release)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns[conn] = true
	return conn, nil
}

// Close is called when the DB is closed.
func (c *connector) Close() error {
	if closer, ok := c.Connector.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// cut closes what is left of connections, and with them what they held.
func (c *connector) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.conns {
		_ = conn.Conn.Close() // nobody is left to be told
		conn.release()
	}
	clear(c.conns)
}

// wasCut: the connection is closed, and what was open on it with it: a driver need not bear to be told so.
func (c *conn) wasCut() bool {
	c.from.mu.Lock()
	defer c.from.mu.Unlock()
	return !c.from.conns[c]
}

// otherWrites: another connection of this client has written in a transaction that it has not ended.
func (c *connector) otherWrites(than *conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.conns {
		if conn != than && conn.inTx && conn.wrote {
			return true
		}
	}
	return false
}

// atHome hands out no connection that is in another schema than the run's own: what the code says without a schema may be the user's.
type atHome struct {
	driver.Connector
	info store.ConnInfo
}

func (h atHome) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := h.Connector.Connect(ctx)
	if err != nil || h.info.Home == "" {
		return c, err
	}
	schema, err := answer[sql.NullString](ctx, c, h.info.Home)
	if err == nil {
		err = store.CheckHome(schema.String, h.info.Schema)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Close is called when the DB is closed.
func (h atHome) Close() error {
	if closer, ok := h.Connector.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// answer is what a query answers.
func answer[T any](ctx context.Context, c driver.Conn, query string) (got T, err error) {
	// A connector of one connection serves database/sql, which knows all that drivers may offer or lack.
	db := sql.OpenDB(lone{c})
	defer db.Close() //nolint:errcheck // lone's connection stays open
	err = db.QueryRowContext(ctx, query).Scan(&got)
	return got, err
}

// run runs a statement, if there is one.
func run(ctx context.Context, c driver.Conn, statement string) error {
	if statement == "" {
		return nil
	}
	db := sql.OpenDB(lone{c})
	defer db.Close() //nolint:errcheck // lone's connection stays open
	_, err := db.ExecContext(ctx, statement)
	return err
}

// lone hands out a connection that it does not close.
type lone struct{ driver.Conn }

func (l lone) Connect(context.Context) (driver.Conn, error) { return l, nil }

func (l lone) Driver() driver.Driver { return nil }

func (l lone) Close() error { return nil }

// beginLocks finds out whether BEGIN takes a lock, as SQLite's BEGIN IMMEDIATE does: then two cannot begin at once.
func beginLocks(ctx context.Context, c driver.Connector, busy func(error) bool) (bool, error) {
	db := sql.OpenDB(lasting{c})
	defer db.Close() //nolint:errcheck // nothing was done on its connections
	first, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer first.Rollback() //nolint:errcheck // nothing was done in it
	second, err := db.BeginTx(ctx, nil)
	if busy(err) {
		return true, nil
	}
	if err == nil {
		err = second.Rollback()
	}
	return false, err
}

// lasting hides that a connector can be closed.
type lasting struct{ driver.Connector }
