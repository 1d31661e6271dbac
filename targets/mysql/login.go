package mysql

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/targets/app/database"
)

// login is the proxy at the server, as a user of the server's.
type login struct {
	cfg            *mysqldriver.Config // where the server is, and how to encrypt
	user, password string
	sessions       database.Sessions

	conn     net.Conn
	hello    *hello
	private  bool // nobody can listen
	scramble []byte
}

// serverError is what the server answered.
type serverError struct {
	number uint16
	state  string
	text   string
}

func (e *serverError) Error() string {
	return fmt.Sprintf("Error %d (%s): %s", e.number, e.state, e.text)
}

func readError(body []byte) error {
	f := &fields{b: body[1:]}
	e := &serverError{number: uint16(f.number(2)), state: "HY000"}
	if bytes.HasPrefix(f.b, []byte("#")) {
		e.state = string(f.take(6)[1:])
	}
	e.text = string(f.b)
	return e
}

func (e *serverError) encode() []byte {
	return append(append(binary.LittleEndian.AppendUint16([]byte{errPacket}, e.number), '#'), e.state+e.text...)
}

// dial reaches the server, and reads how it begins.
func (l *login) dial(ctx context.Context) (err error) {
	d := net.Dialer{Timeout: connectTimeout}
	if l.conn, err = d.DialContext(ctx, l.cfg.Net, l.cfg.Addr); err != nil {
		return fmt.Errorf("the proxy does not reach the server: %w", err)
	}
	l.private = l.cfg.Net == "unix"
	_ = l.conn.SetDeadline(time.Now().Add(connectTimeout)) // what fails, the reading tells
	body, _, err := readPacket(l.conn)
	switch {
	case err != nil:
		return fmt.Errorf("the proxy does not reach the server: %w", err)
	case body[0] == errPacket:
		return readError(body)
	}
	l.hello, err = readHello(body)
	return err
}

// enter logs in with what a program wants of the session, and returns the server's last word, an OK packet.
func (l *login) enter(r *response) (ok []byte, err error) {
	if l.scramble = l.hello.scramble; l.hello.plugin == "" {
		l.hello.plugin = nativePassword
	}
	can := r.can&^declined | canPlugin | canSecure
	seq := byte(1)
	if l.cfg.TLS != nil && l.hello.can&canTLS == 0 && !l.cfg.AllowFallbackToPlaintext {
		return nil, errors.New("the server does not encrypt, and its URL asks for it")
	}
	if l.cfg.TLS != nil && l.hello.can&canTLS != 0 {
		can |= canTLS
		if _, err := l.conn.Write(packet(seq, append(binary.LittleEndian.AppendUint32(nil, can), r.head...))); err != nil {
			return nil, err
		}
		l.conn, l.private = tls.Client(l.conn, l.cfg.TLS), true
		seq++
	}
	plugin := l.hello.plugin
	proof, err := prove(plugin, l.password, l.scramble)
	if err != nil { // it may want another one of this user
		plugin, proof = nativePassword, nativeProof(l.password, l.scramble)
	}
	if _, err := l.conn.Write(packet(seq, r.encode(can, l.user, proof, plugin))); err != nil {
		return nil, err
	}
	if ok, err = l.asked(l.conn); err != nil {
		return nil, err
	}
	err = l.set(l.conn)
	_ = l.conn.SetDeadline(time.Time{}) // as above
	return ok, err
}

// asked answers what the server asks until it lets the proxy in.
func (l *login) asked(server io.ReadWriter) (ok []byte, err error) {
	for {
		body, seq, err := readPacket(server)
		if err != nil {
			return nil, err
		}
		var answer []byte
		switch body[0] {
		case okPacket:
			return body, nil
		case errPacket:
			return nil, readError(body)
		case switchPacket:
			f := &fields{b: body[1:]}
			plugin := f.text()
			l.scramble = scrambleOf(plugin, f.b)
			if answer, err = prove(plugin, l.password, l.scramble); err != nil {
				return nil, err
			}
		case morePacket:
			if answer, err = l.more(body[1:]); err != nil {
				return nil, err
			}
			if answer == nil {
				continue
			}
		default:
			return nil, errors.New("the server asks what the proxy does not know")
		}
		if _, err := server.Write(packet(seq+1, answer)); err != nil {
			return nil, err
		}
	}
}

// more answers caching_sha2_password's further questions: the password itself, where nobody can listen, or encrypted for the server.
func (l *login) more(question []byte) (answer []byte, err error) {
	const remembered, full, wantKey = 3, 4, 2
	switch {
	case len(question) == 1 && question[0] == remembered:
		return nil, nil
	case len(question) == 1 && question[0] == full && l.private:
		return append([]byte(l.password), 0), nil
	case len(question) == 1 && question[0] == full:
		return []byte{wantKey}, nil
	}
	return encrypted(l.password, l.scramble, question)
}

// set has the session begin as it is to.
func (l *login) set(server io.ReadWriter) error {
	var all []string
	if l.sessions.Level != "" {
		all = append(all, setLevel(l.sessions.Level))
	}
	if l.sessions.BriefWaits {
		all = append(all, briefly().Second)
	}
	for _, statement := range all {
		const comQuery = 0x03
		if _, err := server.Write(packet(0, append([]byte{comQuery}, statement...))); err != nil {
			return err
		}
		body, _, err := readPacket(server)
		if err == nil && body[0] == errPacket {
			err = readError(body)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// changeUser has the session begin anew for the same user.
func (l *login) changeUser(server io.ReadWriter, r *response) (ok []byte, err error) {
	const other = "lastseat" // no server has it: it asks anew, with a scramble of its own
	b := append(append([]byte{comUser}, l.user...), 0, 0)
	b = append(append(b, r.schema...), 0)
	b = append(b, r.head...)
	if len(r.head) > 0 {
		b = append(append(append(b, other...), 0), r.rest...)
	}
	if _, err := server.Write(packet(0, b)); err != nil {
		return nil, err
	}
	if ok, err = l.asked(server); err != nil {
		return nil, err
	}
	return ok, l.set(server)
}

func (h *hello) mariaDB() bool { return strings.Contains(h.version, "MariaDB") }
