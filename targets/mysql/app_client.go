package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/targets/app/database"
)

// programClient reaches a program's database through a proxy.
type programClient struct {
	db   *sql.DB
	conn *sql.Conn // the only one: what is lost stays lost
	from net.Addr
}

func dialProgram(ctx context.Context, to *url.URL) (_ database.Client, err error) {
	c := &programClient{}
	cfg := mysqldriver.NewConfig()
	cfg.Net, cfg.Addr, cfg.DBName, cfg.User = "tcp", to.Host, strings.TrimPrefix(to.Path, "/"), to.User.Username()
	cfg.Passwd, _ = to.User.Password()
	cfg.Logger = &mysqldriver.NopLogger{}
	cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, network, address)
		if err == nil {
			c.from = conn.LocalAddr()
		}
		return conn, err
	}
	connector, err := mysqldriver.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("open a session: %w", err)
	}
	c.db = sql.OpenDB(connector)
	if c.conn, err = c.db.Conn(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open a session: %w", err), c.db.Close())
	}
	return c, nil
}

// Ask implements database.Client.
func (c *programClient) Ask(ctx context.Context, text string) ([]database.Result, error) {
	results, err := resultsOf(ctx, c.conn, text)
	var said *mysqldriver.MySQLError
	if errors.As(err, &said) {
		return nil, &database.ServerError{Code: string(said.SQLState[:]), Number: int(said.Number), Message: said.Message}
	}
	return slices.DeleteFunc(results, func(r database.Result) bool { return len(r.Columns) == 0 }), err
}

// From implements database.Client.
func (c *programClient) From() net.Addr { return c.from }

// Close implements database.Client.
func (c *programClient) Close() {
	_ = c.conn.Close() // nothing is pending on it
	_ = c.db.Close()   // nor here
}
