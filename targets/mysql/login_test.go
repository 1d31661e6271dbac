package mysql

import (
	"bytes"
	"net"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/targets/app/database"
)

// TestScrambleThatEndsInZero: MariaDB's scrambles for ed25519 are 32 random bytes. One in 256 ends in zero: it is one all the same, for
// the proxy at once and for the driver at its next attempt.
func TestScrambleThatEndsInZero(t *testing.T) {
	const password = "secret"
	zero, other := bytes.Repeat([]byte{7, 0}, 16), bytes.Repeat([]byte{7}, 32)
	for name, c := range map[string]struct {
		scrambles [][]byte // a connection each
		enter     func(cfg *mysqldriver.Config) error
	}{
		"proxy": {[][]byte{zero}, func(cfg *mysqldriver.Config) error {
			l := &login{cfg: cfg, user: "shop", password: password, sessions: database.Sessions{}}
			if err := l.dial(t.Context()); err != nil {
				return err
			}
			_, err := l.enter(&response{can: canProtocol41, head: make([]byte, 28)})
			return err
		}},
		"driver": {[][]byte{zero, zero, other}, func(cfg *mysqldriver.Config) error {
			connector, err := newConnector(cfg)
			if err != nil {
				return err
			}
			conn, err := connector.Connect(t.Context())
			if err == nil {
				_ = conn.Close() // the server is a stand-in
			}
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = l.Close() }() // nobody connects any more
			go func() {
				for _, scramble := range c.scrambles {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					askEd25519(conn, scramble, password)
				}
			}()
			cfg := mysqldriver.NewConfig()
			cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", l.Addr().String(), "shop", password
			cfg.Logger = &mysqldriver.NopLogger{}
			if err := c.enter(cfg); err != nil {
				t.Error(err)
			}
		})
	}
}

// askEd25519 is a server that asks for a plugin of its own, and looks at the answer.
func askEd25519(conn net.Conn, scramble []byte, password string) {
	h := &hello{version: "11.8", can: canProtocol41 | canSecure | canPlugin, scramble: make([]byte, scrambleSize), reserved: make([]byte, 10), plugin: nativePassword}
	_, _ = conn.Write(packet(0, h.encode())) // what fails, the client tells
	_, seq, err := readPacket(conn)
	if err != nil {
		return
	}
	_, _ = conn.Write(packet(seq+1, append([]byte{switchPacket}, clientEd25519+"\x00"+string(scramble)...))) // as above
	proof, seq, err := readPacket(conn)
	if err != nil {
		return
	}
	answer := []byte{okPacket, 0, 0, 2, 0, 0, 0}
	if want, err := ed25519Proof(password, scramble); err != nil || !bytes.Equal(proof, want) {
		answer = append([]byte{errPacket}, (&serverError{number: errAccess, state: "28000", text: "the proof is wrong"}).encode()[1:]...)
	}
	_, _ = conn.Write(packet(seq+1, answer)) // as above
	_, _, _ = readPacket(conn)               // until the client has gone
}
