package wire_test

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
	"github.com/lastseat/lastseat/targets/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder stands between clients and a server, and writes down what a Conn says of one connection.
type recorder struct {
	protocol wire.Protocol
	opt      wire.Options
	address  string // of the server

	mu     sync.Mutex
	events []wire.Event
	conn   *wire.Conn
	busy   sync.WaitGroup
}

// dial is a net.Conn to the server through the recorder, for one connection at a time.
func (r *recorder) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	server, err := new(net.Dialer).DialContext(ctx, "tcp", r.address)
	if err != nil {
		return nil, err
	}
	client, ours := net.Pipe()
	c := r.protocol.NewConn(r.opt)
	r.mu.Lock()
	r.conn, r.events = c, nil
	r.mu.Unlock()
	r.busy.Go(func() { r.copy(server, ours, ours, c.Client) })
	r.busy.Go(func() { r.copy(ours, server, server, c.Server) })
	return client, nil
}

// copy passes on what from says. It is written down before it goes on, so what a client has the answer to is there.
func (r *recorder) copy(to, from, back net.Conn, read func([]byte) wire.Step) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		step := read(buf[:n])
		r.mu.Lock()
		r.events = append(r.events, slices.DeleteFunc(step.Events, wire.Event.Free)...)
		r.mu.Unlock()
		if len(step.Back) > 0 {
			_, _ = back.Write(step.Back)
		}
		if len(step.On) > 0 {
			if _, err := to.Write(step.On); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// heard is what was asked since the last time, and what was answered to each by the request's ID.
func (r *recorder) heard(t *testing.T) (asked []*wire.Request, answers map[int64][]*wire.Answer) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	answers = map[int64][]*wire.Answer{}
	for _, e := range r.events {
		switch {
		case e.Request != nil:
			asked = append(asked, e.Request)
		case e.Answer != nil:
			answers[e.Answer.To] = append(answers[e.Answer.To], e.Answer)
		default:
			t.Errorf("opaque: %s", e.Opaque)
		}
	}
	r.events = nil
	return asked, answers
}

// done is the statements that were done since the last time, each with its parameters and what came of it.
func (r *recorder) done(t *testing.T) (lines []string) {
	t.Helper()
	asked, answers := r.heard(t)
	for _, q := range asked {
		if q.Kind != wire.Query && q.Kind != wire.Execute {
			continue
		}
		line := q.SQL
		if len(line) > 200 {
			line = line[:20] + "…"
		}
		if q.Unread != "" || q.Cut {
			t.Errorf("%q: %s", line, q.Unread)
		}
		for i, p := range q.Params {
			line += map[bool]string{true: " | ", false: ", "}[i == 0] + p.String()
		}
		for _, a := range answers[q.ID] {
			line += outcome(a)
		}
		if last := answers[q.ID]; len(last) == 0 || !last[len(last)-1].Last {
			t.Errorf("%q has no last answer", line)
		}
		lines = append(lines, line)
	}
	return lines
}

func outcome(a *wire.Answer) (s string) {
	if a.Error != nil {
		return " => error " + a.Error.Code
	}
	if a.Ready && a.Tag == "" && a.Columns == nil && a.Count == 0 && a.Affected == 0 && a.State == wire.Idle && !a.Commit {
		return ""
	}
	s = " =>"
	for _, row := range a.Rows {
		var texts []string
		for _, v := range row {
			texts = append(texts, v.String())
		}
		s += " (" + strings.Join(texts, ", ") + ")"
	}
	if a.Affected > 0 && a.Columns == nil {
		s += " wrote"
	}
	if a.State == wire.Inside {
		s += " inside"
	}
	if a.Commit {
		s += " commit"
	}
	return s
}

// programOf is the server program of an engine.
func programOf(e string) local.Program {
	return map[string]local.Program{"postgres": postgres.Program(), "mysql": mysql.Mysqld(), "mariadb": mysql.Mariadbd()}[e]
}

// start is a real server.
func start(t *testing.T, e string, args ...string) *local.Server {
	t.Helper()
	b, err := local.Find(t.Context(), programOf(e))
	var missing *local.NotFoundError
	if errors.As(err, &missing) {
		required.Missing(t, e, missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	s, err := local.Start(t.Context(), b, local.Options{Volatile: true, ExtraArgs: args})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// scan is the rows as database/sql has them, as the recorder writes them down.
func scan(t *testing.T, rows *sql.Rows, err error) (s string) {
	t.Helper()
	must(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	must(t, err)
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), []any{}
		for i := range values {
			into = append(into, &values[i])
		}
		must(t, rows.Scan(into...))
		var texts []string
		for _, v := range values {
			text := "NULL"
			if v.Valid {
				text = v.String
			}
			texts = append(texts, text)
		}
		s += " (" + strings.Join(texts, ", ") + ")"
	}
	must(t, rows.Err())
	return s
}
