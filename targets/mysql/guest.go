package mysql

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/proxy"
)

// guest is a program that has connected.
type guest struct {
	conn     net.Conn      // as it connected; encrypted, where that was agreed on
	program  io.ReadWriter // what is said on it
	account  *proxy.Account
	database string
	server   *login
	offered  string // the plugin that it is asked to prove itself by
	seq      byte   // of the next packet to it
}

// entrance lets programs in to a database: with the password of their account, with what they want of the session, but as a user of
// the server's.
func entrance(cfg *mysqldriver.Config, user, password, name string, s database.Sessions) func(context.Context, net.Conn, *proxy.Account) (*proxy.Entry, error) {
	return func(ctx context.Context, program net.Conn, a *proxy.Account) (*proxy.Entry, error) {
		g := &guest{conn: program, program: program, account: a, database: name, server: &login{cfg: cfg, user: user, password: password, sessions: s}}
		e, err := g.enter(ctx)
		if err != nil {
			if g.server.conn != nil {
				_ = g.server.conn.Close() // nothing was said on it
			}
			if errors.Is(err, errNobody) {
				return nil, nil
			}
			g.refuse(err)
		}
		return e, err
	}
}

// errNobody says that a connection ended before the program said who it is: somebody has looked whether the port is open.
var errNobody = errors.New("nobody")

func (g *guest) enter(ctx context.Context) (*proxy.Entry, error) {
	if err := g.server.dial(ctx); err != nil {
		return nil, err
	}
	h := *g.server.hello // the server's own, but for the rest
	h.scramble = []byte(rand.Text())[:scrambleSize]
	h.can = h.can&^declined | canTLS | canPlugin
	if g.offered = h.plugin; h.plugin != cachingSHA2 || h.mariaDB() {
		g.offered = nativePassword
	}
	h.plugin = g.offered
	if _, err := g.program.Write(packet(0, h.encode())); err != nil {
		return nil, errNobody
	}
	r, err := g.answer(&h)
	if err != nil {
		return nil, err
	}
	if err := g.admit(r, h.scramble); err != nil {
		return nil, err
	}
	r.can &= h.can // some name what they were not offered
	ok, err := g.server.enter(r)
	if err != nil {
		return nil, fmt.Errorf("the proxy cannot log in: %w", err)
	}
	h.can &^= canTLS
	said := []proxy.Said{
		{Bytes: packet(0, h.encode())}, {Program: true, Bytes: packet(1, r.encode(r.can&^declined|canSecure, r.user, nil, ""))}, {Bytes: packet(2, ok)},
	}
	if _, err := g.program.Write(packet(g.seq, ok)); err != nil {
		return nil, err
	}
	return &proxy.Entry{Program: g.conn, Server: g.server.conn, Said: said, Again: g.again(r.can)}, nil
}

// answer reads the program's, after TLS has begun, where it wants that.
func (g *guest) answer(h *hello) (*response, error) {
	body, seq, err := readPacket(g.program)
	if err != nil {
		return nil, errNobody
	}
	if len(body) == 4+headSize && uint32(body[0])|uint32(body[1])<<8&canTLS != 0 && h.can&canTLS != 0 {
		g.conn, err = g.account.Encrypt(g.conn)
		if g.program = g.conn; err != nil {
			return nil, err
		}
		if body, seq, err = readPacket(g.program); err != nil {
			return nil, err
		}
	}
	g.seq = seq + 1
	return readResponse(body)
}

// admit checks who the program is, and that it wants its own database.
func (g *guest) admit(r *response, scramble []byte) error {
	plugin := r.plugin
	if plugin != nativePassword && plugin != cachingSHA2 || r.can&canPlugin != 0 && plugin != g.offered {
		plugin = g.offered
		ask := append(append([]byte{switchPacket}, plugin...), 0)
		if err := g.ask(append(append(ask, scramble...), 0), &r.auth); err != nil {
			return err
		}
	}
	want, err := prove(plugin, g.account.Password, scramble)
	if err != nil {
		return err
	}
	if r.user != g.account.User || subtle.ConstantTimeCompare(r.auth, want) != 1 {
		return &proxy.StrangerError{User: r.user}
	}
	if plugin == cachingSHA2 { // the password is known, and nothing more is asked
		if err := g.ask([]byte{morePacket, 3}, nil); err != nil {
			return err
		}
	}
	if r.schema != "" && r.schema != g.database {
		return &proxy.ElsewhereError{Asked: r.schema, Given: g.database}
	}
	return nil
}

// ask sends a packet to the program, and reads the answer where one is wanted.
func (g *guest) ask(body []byte, answer *[]byte) error {
	if _, err := g.program.Write(packet(g.seq, body)); err != nil {
		return err
	}
	g.seq++
	if answer == nil {
		return nil
	}
	text, seq, err := readPacket(g.program)
	*answer, g.seq = text, seq+1
	return err
}

// refuse tells a program why it is not let in, in the server's own words where it was the server.
func (g *guest) refuse(why error) {
	e := &serverError{number: 1105, state: "HY000", text: "lastseat: " + why.Error()}
	var stranger *proxy.StrangerError
	var elsewhere *proxy.ElsewhereError
	var server *serverError
	switch {
	case errors.As(why, &stranger):
		e.number, e.state = 1045, "28000"
	case errors.As(why, &elsewhere):
		e.number, e.state = 1049, "42000"
	case errors.As(why, &server):
		e = server
	}
	_, _ = g.program.Write(packet(g.seq, e.encode())) // it is cut anyway
}

// again lets the program in once more on the same connection, or has its session be as new.
func (g *guest) again(can uint32) func(program, server io.ReadWriter, request []byte) ([]byte, error) {
	return func(program, server io.ReadWriter, request []byte) (answer []byte, err error) {
		g.program = program
		first, last := lastPacket(request)
		if _, err := server.Write(first); err != nil {
			return nil, err
		}
		g.seq = 1
		if last[4] != comUser {
			return g.reset(server, last)
		}
		r := readChange(last[5:], can)
		if r == nil {
			return nil, errors.New("the program's change of its user cannot be read")
		}
		r.plugin, r.can = "", r.can|canPlugin // it is asked for a proof of its own
		if err = g.admit(r, []byte(rand.Text())[:scrambleSize]); err == nil {
			var ok []byte
			if ok, err = g.server.changeUser(server, r); err == nil {
				return packet(g.seq, ok), nil
			}
		}
		g.refuse(err)
		return nil, err
	}
}

// reset passes on that the session is to be as new, and sets its level again.
func (g *guest) reset(server io.ReadWriter, request []byte) (answer []byte, err error) {
	if _, err := server.Write(request); err != nil {
		return nil, err
	}
	body, seq, err := readPacket(server)
	if err != nil {
		return nil, err
	}
	if body[0] == okPacket {
		err = g.server.set(server)
	}
	return packet(seq, body), err
}

// lastPacket divides packets before the last.
func lastPacket(b []byte) (before, last []byte) {
	at := 0
	for {
		size := 4 + int(b[at]) + int(b[at+1])<<8 + int(b[at+2])<<16
		if at+size >= len(b) {
			return b[:at], b[at:]
		}
		at += size
	}
}

// readChange reads a program's change of its user: nil: it cannot be.
func readChange(body []byte, can uint32) *response {
	f := &fields{b: body}
	r := &response{can: can, user: f.text()}
	r.auth = f.take(int(f.number(1)))
	r.schema = f.text()
	if len(f.b) >= 2 {
		r.head = f.take(2) // the character set
	}
	if can&canPlugin != 0 {
		f.text()
	}
	if r.rest = f.b; f.bad {
		return nil
	}
	return r
}
