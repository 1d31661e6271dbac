package postgres

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// backend asks for the session's own number.
const backend = "SELECT pg_backend_pid()"

// poolingLooks is how often two connections are asked which sessions they have, at the most. A pooler hands out the session that was
// given back last, or goes round through all that are idle: either shows at the first looks, unless others take sessions in between.
const poolingLooks = 10

// pooling finds out what stands before the server. A pooler makes up the key data of a connection, so their number is not the
// session's. Where two open connections are given one session in turn, or one connection two, the pooler lends sessions for a
// transaction.
func (s *server) pooling(ctx context.Context) (string, error) {
	pid, err := askBackend(ctx, s.admin)
	if err != nil || pid == s.admin.PgConn().PID() {
		return "", err
	}
	other, err := s.visit(ctx)
	if err != nil {
		return "", s.unreachable(err)
	}
	defer other.Close(ctx) //nolint:errcheck // nothing is pending on it
	owner := map[uint32]*pgx.Conn{pid: s.admin}
	has := map[*pgx.Conn]uint32{s.admin: pid}
	for range poolingLooks {
		for _, c := range []*pgx.Conn{other, s.admin} {
			pid, err := askBackend(ctx, c)
			if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
				return "", &sqldb.OpenError{What: "the pooler has no second session free", Err: err, Do: "raise its default_pool_size, or close other sessions"}
			}
			if err != nil {
				return "", err
			}
			before, known := has[c]
			if o := owner[pid]; o != nil && o != c || known && before != pid {
				return sqldb.TransactionPooling, nil
			}
			owner[pid], has[c] = c, pid
		}
	}
	return sqldb.SessionPooling, nil
}

// sessionWait is how long a pooler is given to find a session that is free: it takes milliseconds, or lasts until somebody goes.
const sessionWait = 3 * time.Second

// askBackend is the number of the session that a connection has.
func askBackend(ctx context.Context, c *pgx.Conn) (pid uint32, err error) {
	ctx, cancel := context.WithTimeout(ctx, sessionWait)
	defer cancel()
	err = c.QueryRow(ctx, backend).Scan(&pid)
	return pid, err
}

// errNoCancel is why a visitor cancels nothing.
var errNoCancel = errors.New("what only waits for a session is not cancelled")

// visit opens a connection that asks only which session it has. Where that takes too long, the driver would ask the pooler to cancel it:
// PgBouncer 1.18 takes such a request, once its sender has gone, for one of whoever comes next, and ends the wrong session, or itself.
func (s *server) visit(ctx context.Context) (*pgx.Conn, error) {
	cfg, connected := s.cfg.Copy(), false
	dial := cfg.DialFunc
	cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if connected {
			return nil, errNoCancel
		}
		return dial(ctx, network, address)
	}
	c, err := pgx.ConnectConfig(ctx, cfg)
	connected = true
	return c, err
}

// room decides how many connections clients may use where a pooler gives each of them a session: so many are tried as are wanted.
func (s *server) room(ctx context.Context, cfg store.OpenConfig) (n int, note string, err error) {
	var taken []*pgx.Conn
	defer func() {
		for _, c := range taken {
			_ = c.Close(ctx) // nothing is pending on it
		}
	}()
	free := 0
	for free <= cfg.Connections { // one is for lastseat itself
		c, err := s.visit(ctx)
		if err != nil {
			break // it says no to more, and will say why if these are too few
		}
		taken = append(taken, c)
		if _, err := askBackend(ctx, c); err != nil {
			break
		}
		free++
	}
	if err := ctx.Err(); err != nil {
		return 0, "", err
	}
	return sqldb.Room(cfg, sqldb.Limit{Free: free, Name: "pooler's default_pool_size"})
}

// join is two notes as one.
func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
