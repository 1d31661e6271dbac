package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// contained is the driver's Connector. The driver trusts lengths in a server's first packets, and panics where they are wrong (1.10.1,
// readHandshakePacket): whatever listens at the address must not end lastseat. And it takes a random scramble that ends in zero for a
// shorter one, and calls it malformed (readAuthResult): one login in 256 of MariaDB's ed25519, so that it is tried again.
type contained struct{ cfg *mysqldriver.Config }

func newConnector(cfg *mysqldriver.Config) (driver.Connector, error) {
	if _, err := mysqldriver.NewConnector(cfg); err != nil {
		return nil, wrongDSN("its options contradict each other, or name what does not exist") // the driver's text quotes them
	}
	return contained{cfg}, nil
}

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
	for range 3 {
		if conn, err = connector.Connect(ctx); !errors.Is(err, mysqldriver.ErrMalformPkt) {
			break
		}
	}
	return conn, err
}

// Driver implements driver.Connector.
func (c contained) Driver() driver.Driver { return mysqldriver.MySQLDriver{} }
