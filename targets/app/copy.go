package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/targets/app/process"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/app/request"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// instance is a copy of the program, with the proxy through which it reaches the database.
type instance struct {
	lane     *Lane
	client   int
	proxy    *proxy.Proxy
	process  *process.Process
	base     string      // http://127.0.0.1:1234
	env      []string    // that commands are given
	values   spec.Values // of the database's address
	requests request.Client
	ways     ways // in, beside requests

	holding atomic.Bool  // statements are held
	late    atomic.Int64 // batches that came when no request was under way
	asking  atomic.Int32 // requests that are under way
}

func newInstance(l *Lane, client int) *instance {
	return &instance{lane: l, client: client}
}

// begin starts a copy, and waits until it answers.
func (l *Lane) begin(ctx context.Context, client int) (_ *instance, err error) {
	in := newInstance(l, client)
	defer func() {
		if err != nil {
			err = errors.Join(err, in.end())
		}
	}()
	server, err := l.store.Proxied(l.program.sessions())
	if err != nil {
		return nil, err
	}
	if in.proxy, err = proxy.New(ctx, "127.0.0.1:0", server, l.program.account, in, keptRows); err != nil {
		return nil, err
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	in.base = "http://127.0.0.1:" + strconv.Itoa(port)
	values := l.program.values(l.store, in.proxy)
	values["listen"] = strconv.Itoa(port)
	env := append(environment(values), "PORT="+values["listen"])
	for _, v := range l.program.Env {
		env = append(env, v.Name+"="+values.Fill(v.Value))
	}
	in.values, in.env = values, env
	if l.program.App == "" {
		return in, nil
	}
	if in.process, err = process.Start(process.Command{Line: values.Fill(l.program.App), Dir: l.program.Dir(), Env: env}); err != nil {
		return nil, err
	}
	return in, in.ready(ctx)
}

// keptRows of each answer are shown.
const keptRows = 6

// ready waits until the program takes connections, or answers where the file says: any other request might do something.
func (in *instance) ready(ctx context.Context) error {
	p := in.lane.program
	ctx, cancel := context.WithTimeout(ctx, p.options.Ready)
	defer cancel()
	for !in.answers(ctx) {
		select {
		case <-in.process.Exited():
			return fmt.Errorf("the program %q did not stay: %s%s", p.App, in.process.Explain(), in.hint())
		case <-ctx.Done():
			return fmt.Errorf("the program %q does not answer at %s%s within %v: it is to listen at the port that PORT says; %s",
				p.App, in.base, p.Ready, p.options.Ready, in.process.Explain())
		case <-time.After(2 * time.Millisecond):
		}
	}
	return nil
}

// portTaken is what programs print whose port somebody else has.
var portTaken = regexp.MustCompile(`(?i)address already in use|EADDRINUSE|port .* (is )?(already )?in use`)

// hint says what a program that did not start may lack.
func (in *instance) hint() string {
	if portTaken.MatchString(in.process.Explain()) {
		return "\nIts port is taken: each copy of the program is to listen at a port of its own, which PORT says, or {listen} in app: and env:"
	}
	return ""
}

func (in *instance) answers(ctx context.Context) bool {
	if in.lane.program.Ready == "" {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", strings.TrimPrefix(in.base, "http://"))
		return err == nil && c.Close() == nil
	}
	ready := spec.Request{Method: http.MethodGet, Path: in.lane.program.Ready}
	a, err := in.requests.Send(ctx, in.base, &ready, func(text string) string { return text })
	return err == nil && a.Status < http.StatusInternalServerError
}

// end ends the copy, and its proxy.
func (in *instance) end() error {
	if in.process != nil {
		in.process.End()
	}
	in.requests.Close()
	in.ways.close()
	if in.proxy == nil || in.lane.shared != nil && in.client > 0 { // the first ends it for all

		return nil
	}
	return in.proxy.Close()
}

// exited reports whether the program has ended, if it is ours.
func (in *instance) exited() bool {
	if in.process == nil {
		return false
	}
	select {
	case <-in.process.Exited():
		return true
	default:
		return false
	}
}

// deathNotice is how long it may take until the system says that a program which broke off has ended.
const deathNotice = 200 * time.Millisecond

// alive is an error once the program has ended. after: what it answered last.
func (in *instance) alive(after *reply) error {
	if in.process == nil { // it is not ours: what it answered says it
		return nil
	}
	wait := time.Duration(0)
	if after != nil && after.err != nil {
		wait = deathNotice
	}
	select {
	case <-in.process.Exited():
		return fmt.Errorf("the program %q died: %s", in.lane.program.App, in.process.Explain())
	case <-time.After(wait):
		return nil
	}
}

// values are what placeholders of the file stand for, for a program behind a proxy.
func (p *Program) values(db interface{ Name() string }, through *proxy.Proxy) spec.Values {
	at := through.Address()
	a := p.account
	return spec.Values{
		"url":  p.dbs[db.Name()].URL(at.String(), url.UserPassword(a.User, a.Password)).String(),
		"host": at.IP.String(), "port": strconv.Itoa(at.Port), "user": a.User, "password": a.Password, "name": db.Name(), "ca": p.ca,
	}
}

// environment is what programs are given: the address in the names that are usual.
func environment(v spec.Values) []string {
	env := []string{"DATABASE_URL=" + v["url"], "PGSSLMODE=disable"}
	for key, names := range map[string][]string{
		"host":     {"PGHOST", "DB_HOST", "MYSQL_HOST"},
		"port":     {"PGPORT", "DB_PORT", "MYSQL_PORT", "MYSQL_TCP_PORT"},
		"user":     {"PGUSER", "DB_USER", "DB_USERNAME", "MYSQL_USER"},
		"password": {"PGPASSWORD", "DB_PASSWORD", "DB_PASS", "MYSQL_PASSWORD", "MYSQL_PWD"},
		"name":     {"PGDATABASE", "DB_NAME", "DB_DATABASE", "MYSQL_DATABASE"},
	} {
		for _, name := range names {
			env = append(env, name+"="+v[key])
		}
	}
	return env
}

// VariableNames are those of the environment through which a program learns where its database is.
const VariableNames = "DATABASE_URL, PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, DB_HOST, DB_PORT, DB_USER, DB_PASSWORD, DB_NAME"

// freePort is one that nobody uses now.
func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// entering reports whether a connection of the copy is about to be let in.
func (in *instance) entering() bool {
	return slices.ContainsFunc(in.proxy.Conns(), (*proxy.Conn).Entering)
}
