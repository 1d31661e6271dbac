package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// replica is a streaming standby of the throwaway server, and connections to both.
type replica struct {
	server  *local.Server // nil: another process has started it
	dsn     string
	schema  string // of the run
	primary *lines
	standby *lines
	start   *harness.State
	reads   []string // by group: id → value, version, how many microseconds ago the last commit was that the replica shows
}

const (
	// readerName tells the readers' sessions from the run's own, which the store waits for.
	readerName = "lastseat-reads"
	// primaryLines is how many clients ask the primary at the same time where its log ends.
	primaryLines = 4
)

// replica starts a standby. Nothing is connected yet.
func (s *server) replica(ctx context.Context, opt store.ReplicaOptions) (store.Replica, error) {
	there, err := standby(ctx, s.primary(), standbyOptions{delay: opt.Delay})
	var missing *local.NotFoundError
	if errors.As(err, &missing) {
		return nil, &store.MissingError{Hint: missing.Hint}
	}
	if err != nil {
		return nil, err
	}
	r, err := s.readers(there.DSN(), opt.Clients)
	if err != nil {
		return nil, errors.Join(err, there.Stop(ctx))
	}
	r.server = there
	return r, nil
}

// joinReplica is the replica that another process has started.
func (s *server) joinReplica(_ context.Context, opt store.ReplicaOptions) (store.Replica, error) {
	return s.readers(opt.Join, opt.Clients)
}

// readers are so many clients' ways to a replica.
func (s *server) readers(dsn string, clients int) (*replica, error) {
	to, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("connect to the replica: %w", err)
	}
	primary := s.reached().Copy()
	primary.RuntimeParams["application_name"] = readerName
	primary.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement // no pooler stands before a throwaway server
	copied := primary.Copy()
	copied.Host, copied.Port = to.Host, to.Port
	return &replica{
		dsn: dsn, schema: s.name,
		primary: newLines("the primary", primary, primaryLines), standby: newLines("the replica", copied, max(clients, 1)),
	}, nil
}

// Share is where other processes find it.
func (r *replica) Share() (string, error) { return r.dsn, nil }

// Ready waits until the replica has the row's tables.
func (r *replica) Ready(ctx context.Context, start *harness.State) error {
	r.start, r.reads = start, nil
	for i := range start.Groups {
		g := &start.Groups[i]
		r.reads = append(r.reads, fmt.Sprintf("SELECT %s, version, COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - "+
			"pg_last_xact_replay_timestamp()) * 1000000, 0)::bigint FROM %s.%s WHERE id = $1", g.Column, r.schema, g.Table))
	}
	return r.catchUp(ctx)
}

// Read asks the replica for a cell. The statement that reads comes after the replica was found far enough: the snapshot of the one that
// finds it so is older than what it finds.
func (r *replica) Read(ctx context.Context, _ int, c harness.Cell, fresh bool) (value, version int64, age time.Duration, err error) {
	if fresh {
		if err := r.catchUp(ctx); err != nil {
			return 0, 0, 0, err
		}
	}
	g, id := r.start.GroupOf(c)
	sql := r.reads[0]
	for i := range r.start.Groups {
		if g == &r.start.Groups[i] {
			sql = r.reads[i]
		}
	}
	var micros int64
	err = r.standby.with(ctx, func(c *pgx.Conn) error {
		if err := c.QueryRow(ctx, sql, int64(id)).Scan(&value, &version, &micros); err != nil {
			return fmt.Errorf("ask the replica: %w", err)
		}
		return nil
	})
	return value, version, time.Duration(micros) * time.Microsecond, err
}

// catchUp waits until the standby shows whatever was committed on the primary before.
func (r *replica) catchUp(ctx context.Context) error {
	var end lsn
	err := r.primary.with(ctx, func(c *pgx.Conn) (err error) {
		end, err = insertEnd(ctx, c)
		return err
	})
	for err == nil {
		var there bool
		err = r.standby.with(ctx, func(c *pgx.Conn) (err error) {
			there, err = replayed(ctx, c, end)
			return err
		})
		if there {
			return nil
		}
		if err == nil {
			err = r.primary.with(ctx, func(c *pgx.Conn) error { return flush(ctx, c) })
		}
	}
	return err
}

// Close ends the connections and the standby.
func (r *replica) Close() error {
	r.standby.close()
	r.primary.close()
	if r.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), sqldb.StopTimeout)
	defer cancel()
	return r.server.Stop(ctx)
}
