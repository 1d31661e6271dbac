package postgres

import (
	"context"
	bigendian "encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/lastseat/lastseat/targets/app/proxy"
)

// guest is a program that has connected.
type guest struct {
	program net.Conn
	startup pgproto3.StartupMessage
	cancel  []byte // its request to cancel a statement of another connection, instead
}

// Codes that a client may begin with instead of a version, and bounds of what it says before it is known (manual, "Message Formats").
const (
	cancelCode  = 80877102
	sslCode     = 80877103
	gssCode     = 80877104
	mostStartup = 10000
	version30   = 3 << 16
	tlsRecord   = 0x16 // a client that begins with TLS itself (libpq's sslnegotiation=direct)
)

// tlsProtocol is what clients name that begin with TLS.
const tlsProtocol = "postgresql"

// begin reads what the program begins with. Who asks for TLS gets it.
func (g *guest) begin(a *proxy.Account) error {
	for {
		var head [8]byte
		if _, err := io.ReadFull(g.program, head[:1]); err != nil {
			return notBegun(err)
		}
		if head[0] == tlsRecord {
			var err error
			if g.program, err = a.Encrypt(&unread{Conn: g.program, first: head[:1]}, tlsProtocol); err != nil {
				return err
			}
			continue
		}
		if _, err := io.ReadFull(g.program, head[1:]); err != nil {
			return notBegun(err)
		}
		length, code := bigendian.BigEndian.Uint32(head[:]), bigendian.BigEndian.Uint32(head[4:])
		if length < 8 || length > mostStartup {
			return errors.New("the program does not begin as PostgreSQL's clients do")
		}
		rest := make([]byte, length-8)
		if _, err := io.ReadFull(g.program, rest); err != nil {
			return notBegun(err)
		}
		switch {
		case code == sslCode:
			if _, err := g.program.Write([]byte{'S'}); err != nil {
				return notBegun(err)
			}
			var err error
			if g.program, err = a.Encrypt(g.program, tlsProtocol); err != nil {
				return err
			}
		case code == gssCode:
			if _, err := g.program.Write([]byte{'N'}); err != nil {
				return notBegun(err)
			}
		case code == cancelCode:
			g.cancel = append(head[:], rest...)
			return nil
		case code>>16 == version30>>16:
			return g.starts(code, append(head[4:], rest...))
		default:
			return fmt.Errorf("the program speaks version %d.%d of PostgreSQL's protocol, and the proxy 3.0", code>>16, code&0xffff)
		}
	}
}

// errNobody says that a connection ended before the program said who it is: somebody has looked whether the port is open.
var errNobody = errors.New("nobody")

// notBegun is why a program did not say who it is.
func notBegun(err error) error {
	var trust *proxy.TrustError
	if errors.As(err, &trust) {
		return err
	}
	return errNobody
}

// starts takes in a startup message. A newer minor version, and extensions, are declined.
func (g *guest) starts(version uint32, body []byte) error {
	bigendian.BigEndian.PutUint32(body, version30)
	if err := g.startup.Decode(body); err != nil {
		return fmt.Errorf("the program does not begin as PostgreSQL's clients do: %w", err)
	}
	var declined []string
	for name := range g.startup.Parameters {
		if strings.HasPrefix(name, "_pq_.") {
			declined = append(declined, name)
			delete(g.startup.Parameters, name)
		}
	}
	if version == version30 && declined == nil {
		return nil
	}
	b := bigendian.BigEndian.AppendUint32(nil, 0) // the newest minor version, and the names of what is declined
	b = bigendian.BigEndian.AppendUint32(b, uint32(len(declined)))
	for _, name := range declined {
		b = append(append(b, name...), 0)
	}
	_, err := g.program.Write(append(bigendian.BigEndian.AppendUint32([]byte{'v'}, uint32(4+len(b))), b...))
	return err
}

// admit asks for the password. The connection does not leave this machine, or is encrypted where the program wants that; and the
// password opens this proxy alone.
func (g *guest) admit(a *proxy.Account, database string) error {
	if _, err := g.program.Write(encode(&pgproto3.AuthenticationCleartextPassword{})); err != nil {
		return err
	}
	var head [5]byte
	if _, err := io.ReadFull(g.program, head[:]); err != nil {
		return err
	}
	length := bigendian.BigEndian.Uint32(head[1:])
	if head[0] != 'p' || length < 5 || length > mostStartup {
		return errors.New("the program does not answer the question for its password")
	}
	body := make([]byte, length-4)
	if _, err := io.ReadFull(g.program, body); err != nil {
		return err
	}
	user := g.startup.Parameters["user"]
	if !a.Is(user, strings.TrimSuffix(string(body), "\x00")) {
		return &proxy.StrangerError{User: user}
	}
	asked := g.startup.Parameters["database"]
	if asked == "" {
		asked = user
	}
	if asked != database {
		return &proxy.ElsewhereError{Asked: asked, Given: database}
	}
	if r := g.startup.Parameters["replication"]; r != "" && r != "false" {
		return errors.New("the program wants to replicate, and the proxy only passes statements on")
	}
	return nil
}

// refuse tells a program why it is not let in, in the server's own words where it was the server.
func (g *guest) refuse(why error) error {
	m := &pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: "08006", Message: "lastseat: " + why.Error()}
	var stranger *proxy.StrangerError
	var elsewhere *proxy.ElsewhereError
	var server *pgconn.PgError
	switch {
	case errors.As(why, &stranger):
		m.Code = "28P01"
	case errors.As(why, &elsewhere):
		m.Code = "3D000"
	case errors.As(why, &server):
		m.Code, m.Message = server.Code, server.Message
	}
	_, _ = g.program.Write(encode(m)) // it is cut anyway
	return why
}

// passCancel hands a request to cancel on, as it is: the program knows the server's own key.
func (g *guest) passCancel(ctx context.Context, cfg *pgconn.Config) error {
	network, address := pgconn.NetworkAddress(cfg.Host, cfg.Port)
	server, err := cfg.DialFunc(ctx, network, address)
	if err != nil {
		return fmt.Errorf("pass on a request to cancel: %w", err)
	}
	defer func() { _ = server.Close() }() // it was told
	if _, err := server.Write(g.cancel); err != nil {
		return fmt.Errorf("pass on a request to cancel: %w", err)
	}
	_, _ = io.Copy(io.Discard, server) // the server ends the connection once it has done it
	return nil
}

// unread is a connection of which something was read already.
type unread struct {
	net.Conn
	first []byte
}

func (u *unread) Read(b []byte) (int, error) {
	if len(u.first) > 0 {
		n := copy(b, u.first)
		u.first = u.first[n:]
		return n, nil
	}
	return u.Conn.Read(b)
}
