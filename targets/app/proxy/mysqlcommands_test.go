package proxy_test

import (
	"context"
	"crypto/sha1" //nolint:gosec // the protocol's
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/mysql"
)

// twoWays are one connection to a database directly and one through a proxy, both as the same user of the server.
type twoWays struct {
	*front
	isolation       string // the variable that holds it
	direct, through *myWay
}

// myWay is a database's one connection, of which raw is what go-sql-driver speaks on.
type myWay struct {
	*sql.DB
	cfg *mysqldriver.Config
	raw net.Conn
}

func open(t *testing.T, cfg *mysqldriver.Config) *myWay {
	t.Helper()
	w := &myWay{cfg: cfg}
	cfg.MultiStatements, cfg.InterpolateParams = true, false
	cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		w.raw = c
		return c, err
	}
	w.DB = myOpen(t, cfg)
	w.SetMaxOpenConns(1)
	must(t, w.PingContext(t.Context()))
	return w
}

// forMySQL runs a test on each server.
func forMySQL(t *testing.T, test func(t *testing.T, w *twoWays)) {
	t.Helper()
	for engine, p := range map[string]local.Program{"mysql": mysql.Mysqld(), "mariadb": mysql.Mariadbd()} {
		t.Run(engine, func(t *testing.T) {
			s := own(t, p, "--local-infile=1", "--max-allowed-packet=64M")
			rootCfg, err := mysqldriver.ParseDSN(s.DSN())
			must(t, err)
			rootCfg.MultiStatements = true
			_, err = myOpen(t, rootCfg).ExecContext(t.Context(), "CREATE DATABASE mine; CREATE USER shop@'%' IDENTIFIED BY 'secret'; "+
				"GRANT ALL ON `lastseat\\_%`.* TO shop@'%'; GRANT PROCESS ON *.* TO shop@'%'; GRANT SELECT ON performance_schema.* TO shop@'%'")
			must(t, err)
			at := rootCfg.Addr
			f := before(t, engineOf(t, engine, engine+"://shop:secret@"+at), "lastseat_app_commands", harness.ReadCommitted)
			w := &twoWays{front: f, through: open(t, myConfig(t, f.url)), direct: open(t, myConfig(t, engine+"://shop:secret@"+at+"/lastseat_app_commands"))}
			w.isolation = map[string]string{"mysql": "@@transaction_isolation", "mariadb": "@@tx_isolation"}[engine]
			test(t, w)
		})
	}
}

// same runs both ways what has an answer, and wants the same of each.
func (w *twoWays) same(t *testing.T, name string, do func(*myWay) string) {
	t.Helper()
	want := do(w.direct)
	if got := do(w.through); got != want {
		t.Errorf("%s: %.300q through the proxy, %.300q directly", name, got, want)
	}
}

// command sends a command beside the driver, and returns the first packet of its answer; nil: the connection has ended.
func (w *myWay) command(t *testing.T, body ...byte) []byte {
	t.Helper()
	w.write(t, 0, body)
	return w.read(t)
}

func (w *myWay) write(t *testing.T, seq byte, body []byte) {
	t.Helper()
	_, err := w.raw.Write(append([]byte{byte(len(body)), byte(len(body) >> 8), byte(len(body) >> 16), seq}, body...))
	must(t, err)
}

func (w *myWay) read(t *testing.T) []byte {
	t.Helper()
	must(t, w.raw.SetReadDeadline(time.Now().Add(20*time.Second)))
	var head [4]byte
	if _, err := io.ReadFull(w.raw, head[:]); err != nil {
		if err != io.EOF && !strings.Contains(err.Error(), "reset by peer") {
			t.Error(err)
		}
		return nil
	}
	body := make([]byte, int(head[0])|int(head[1])<<8|int(head[2])<<16)
	_, err := io.ReadFull(w.raw, body)
	must(t, err)
	return body
}

// kind is what a packet is, without what differs from one connection to the next.
func kind(packet []byte) string {
	switch {
	case len(packet) == 0:
		return "ended"
	case packet[0] == 0xff:
		return fmt.Sprintf("error %d %s", binary.LittleEndian.Uint16(packet[1:]), packet[3:])
	case packet[0] == 0:
		return "ok"
	case packet[0] == 0xfe:
		return "eof"
	}
	if text, ok := strings.CutPrefix(string(packet), "Uptime: "); ok {
		return "statistics " + strings.TrimLeft(text, "0123456789")[:10]
	}
	return fmt.Sprintf("%x", packet)
}

// changeUser sends COM_CHANGE_USER, proves by the plugin that is asked for, and returns the last packet.
func (w *myWay) changeUser(t *testing.T, user, password, schema string) []byte {
	t.Helper()
	const utf8mb4 = 45
	answer := w.command(t, fmt.Appendf([]byte{0x11}, "%s\x00\x00%s\x00%c\x00none\x00\x00", user, schema, utf8mb4)...)
	if len(answer) == 0 || answer[0] != 0xfe {
		t.Fatalf("asked for no plugin: %q", answer)
	}
	plugin, scramble, _ := strings.Cut(string(answer[1:]), "\x00")
	w.write(t, 2, proof(plugin, password, strings.TrimSuffix(scramble, "\x00")))
	if answer = w.read(t); len(answer) == 2 && answer[0] == 1 && answer[1] == 3 {
		answer = w.read(t)
	}
	return answer
}

func proof(plugin, password, scramble string) []byte {
	sum := func(h hash.Hash, parts ...[]byte) []byte {
		for _, p := range parts {
			_, _ = h.Write(p) // a hash takes all
		}
		return h.Sum(nil)
	}
	out := make([]byte, 32)
	if plugin == "mysql_native_password" {
		once := sum(sha1.New(), []byte(password))                                                 //nolint:gosec // the protocol's
		n := subtle.XORBytes(out, once, sum(sha1.New(), []byte(scramble), sum(sha1.New(), once))) //nolint:gosec // the protocol's
		return out[:n]
	}
	once := sum(sha256.New(), []byte(password))
	n := subtle.XORBytes(out, once, sum(sha256.New(), sum(sha256.New(), once), []byte(scramble)))
	return out[:n]
}

// TestMySQLAnew: a session that is reset, or changes its user, is as new, but at the level that the file wants.
func TestMySQLAnew(t *testing.T) {
	forMySQL(t, func(t *testing.T, w *twoWays) {
		user, password := w.account.User, w.account.Password
		for name, anew := range map[string]func(*myWay) []byte{
			"reset": func(w *myWay) []byte { return w.command(t, 0x1f) },
			"user": func(m *myWay) []byte {
				if m == w.direct {
					return m.changeUser(t, "shop", "secret", "lastseat_app_commands")
				}
				return m.changeUser(t, user, password, "lastseat_app_commands")
			},
			"user without a schema": func(m *myWay) []byte {
				if m == w.direct {
					return m.changeUser(t, "shop", "secret", "")
				}
				return m.changeUser(t, user, password, "")
			},
		} {
			for _, m := range []*myWay{w.direct, w.through} {
				_, err := m.ExecContext(t.Context(), "USE lastseat_app_commands; CREATE TABLE IF NOT EXISTS anew (x INT); SET @mine = 1; SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE; BEGIN; INSERT INTO anew VALUES (1)")
				must(t, err)
				id := myText(t, m.DB, "SELECT CONNECTION_ID()")
				if got := kind(anew(m)); got != "ok" {
					t.Fatalf("%s: %s", name, got)
				}
				if now := myText(t, m.DB, "SELECT CONNECTION_ID()"); now != id {
					t.Errorf("%s: connection %s, was %s", name, now, id)
				}
				want := map[bool]string{true: "REPEATABLE-READ", false: "READ-COMMITTED"}[m == w.direct]
				if got := myText(t, m.DB, "SELECT "+w.isolation); got != want {
					t.Errorf("%s: at %s, want %s", name, got, want)
				}
			}
			for _, query := range []string{"SELECT @mine", "SELECT DATABASE()", "SELECT COUNT(*) FROM lastseat_app_commands.anew", "SELECT CURRENT_USER()"} {
				w.same(t, name+": "+query, func(m *myWay) string { return myText(t, m.DB, query) })
			}
			w.idle(t)
		}
		for name, c := range map[string]struct{ user, password, schema, want string }{
			"wrong password": {user, "guessed", "lastseat_app_commands", "error 1045"},
			"wrong user":     {"shop", "secret", "lastseat_app_commands", "error 1045"},
			"wrong database": {user, password, "mine", "error 1049"},
		} {
			m := open(t, myConfig(t, w.url))
			if got := kind(m.changeUser(t, c.user, c.password, c.schema)); !strings.HasPrefix(got, c.want) {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
			if got := kind(m.read(t)); got != "ended" {
				t.Errorf("%s: %s after that", name, got)
			}
		}
	})
}

// TestMySQLCommands: commands that drivers seldom send, and those that no server knows, are answered as the server does.
func TestMySQLCommands(t *testing.T) {
	forMySQL(t, func(t *testing.T, w *twoWays) {
		for _, body := range [][]byte{
			{0x00},
			[]byte("\x02lastseat_app_commands"), []byte("\x02nosuch"), []byte("\x02mine"), []byte("\x04nosuch\x00%"), []byte("\x05lastseat_x"),
			[]byte("\x06nosuch"),
			{0x07, 0},
			{0x09},
			{0x0b},
			{0x0c, 1, 0, 0, 0},
			{0x0d},
			{0x0e},
			{0x0f},
			{0x10},
			{0x14},
			{0x1b, 0, 0},
			{0x1b, 1, 0},
			{0x1b, 9, 0},
			{0x1d},
			{0x22},
			{0x50},
			{0xee},
			{0x16, ';'},
			{0x17, 99, 0, 0, 0, 0, 1, 0, 0, 0},
			{0x1a, 99, 0, 0, 0},
			{0x1c, 99, 0, 0, 0, 1, 0, 0, 0},
			{0x03},
			{0x03, ';'},
			{0x0e, 1, 2},
		} {
			w.same(t, fmt.Sprintf("%x", body), func(m *myWay) string {
				got := kind(m.command(t, body...))
				if err := m.PingContext(t.Context()); err != nil {
					return got + ", then " + err.Error()
				}
				return got
			})
		}
		for _, command := range []byte{0x12, 0x13, 0x1e} { // replication
			m := open(t, myConfig(t, w.url))
			if got := kind(m.command(t, command, 0, 0, 0, 0)); got != "ended" {
				t.Errorf("%x: %s", command, got)
			}
			w.troubled(t, "the connection is for replication")
		}
	})
}
