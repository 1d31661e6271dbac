package mysql

import (
	"context"
	"database/sql/driver"
	"fmt"
	"net"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// contained is the driver's Connector. The driver trusts lengths in a server's first packets, and panics where they are wrong (1.10.1,
// readHandshakePacket): whatever listens at the address must not end lastseat.
type contained struct{ cfg *mysqldriver.Config }

// Connect answers a panic of the driver as an error.
func (c contained) Connect(ctx context.Context) (conn driver.Conn, err error) {
	own := c.cfg.Clone()
	dial := own.DialFunc
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	var raw net.Conn
	own.DialFunc = func(ctx context.Context, network, addr string) (c net.Conn, err error) {
		raw, err = dial(ctx, network, addr)
		return raw, err
	}
	connector, err := mysqldriver.NewConnector(own)
	if err != nil {
		return nil, fmt.Errorf("mysql DSN: %w", err)
	}
	defer func() {
		if v := recover(); v != nil {
			_ = raw.Close() // the driver has lost sight of it
			conn, err = nil, fmt.Errorf("what answers there is no MySQL server: its greeting makes no sense (%v)", v)
		}
	}()
	return connector.Connect(ctx)
}

// Driver implements driver.Connector.
func (c contained) Driver() driver.Driver { return mysqldriver.MySQLDriver{} }
