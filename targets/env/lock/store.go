package lock

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// access is the store's server as locks need it: for connections beside the clients' own.
type access struct {
	connect func(wait time.Duration) (*sql.DB, error) // of one connection; the wait is for locks; nil: it has none
	ended   func(ctx context.Context, db *sql.DB) error
	lock    func(ctx context.Context, db *sql.DB, space int32, c harness.Cell, wait time.Duration) (bool, error)
	unlock  func(ctx context.Context, db *sql.DB, space int32, c harness.Cell) error
	pooling string // store.ServerInfo's
}

// newStore goes by the product: what one lends of the others is no server.
func newStore(s store.Server) *access {
	connectable, ok := s.(store.Connectable)
	if !ok {
		return &access{}
	}
	switch s.Info().Product {
	case "PostgreSQL":
		pooling := s.Info().Pooling
		return &access{
			connect: postgresFrom(connectable, pooling != ""), ended: postgresEnded, lock: postgresLock, unlock: postgresUnlock, pooling: pooling,
		}
	case "MySQL", "MariaDB":
		return &access{connect: mysqlFrom(connectable), ended: mysqlEnded, lock: mysqlLock, unlock: mysqlUnlock}
	}
	return &access{}
}

// settle returns once every transaction that was under way has ended, whatever it comes to. Where the server is away, it waits for
// it to come back. A store that cannot be asked is given a grace.
func (s *access) settle(ctx context.Context, since time.Time) error {
	if s.connect == nil {
		return harness.Sleep(ctx, time.Until(since.Add(grace)))
	}
	for {
		err := s.once(ctx)
		if err == nil {
			return nil
		}
		if harness.Sleep(ctx, retryEvery) != nil {
			return errors.Join(ctx.Err(), err)
		}
	}
}

func (s *access) once(ctx context.Context) error {
	db, err := s.connect(0)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // nothing is pending
	return s.ended(ctx, db)
}

// one is a *sql.DB that is one connection: what its session holds ends with Close.
func one(db *sql.DB) *sql.DB {
	db.SetMaxOpenConns(1)
	return db
}

func postgresFrom(connectable store.Connectable, pooled bool) func(time.Duration) (*sql.DB, error) {
	return func(wait time.Duration) (*sql.DB, error) {
		info, err := connectable.ConnInfo(harness.NoLevel)
		if err != nil {
			return nil, err
		}
		cfg, err := pgx.ParseConfig(info.DSN)
		if err != nil {
			return nil, errors.New("connect to the store for its locks: its DSN cannot be read") // the driver's error quotes it
		}
		if pooled { // nothing is prepared by name or set: the session is somebody else's next
			cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
		} else {
			// The run waits for its own sessions to end, and these are none.
			cfg.RuntimeParams["application_name"] = "lastseat-locks"
			cfg.RuntimeParams["lock_timeout"] = fmt.Sprint(wait.Milliseconds())
		}
		return one(sql.OpenDB(stdlib.GetConnector(*cfg))), nil
	}
}

// postgresEnded takes a number of its own, which is higher than those of all transactions that have written, and waits until snapshots
// name none below it as under way.
func postgresEnded(ctx context.Context, db *sql.DB) error {
	var own int64
	if err := db.QueryRowContext(ctx, "SELECT txid_current()").Scan(&own); err != nil {
		return err
	}
	for {
		var first int64
		if err := db.QueryRowContext(ctx, "SELECT txid_snapshot_xmin(txid_current_snapshot())").Scan(&first); err != nil {
			return err
		}
		if first >= own {
			return nil
		}
		if err := harness.Sleep(ctx, lastPoll); err != nil {
			return err
		}
	}
}

func mysqlFrom(connectable store.Connectable) func(time.Duration) (*sql.DB, error) {
	return func(time.Duration) (*sql.DB, error) {
		info, err := connectable.ConnInfo(harness.NoLevel)
		if err != nil {
			return nil, err
		}
		cfg, err := mysqldriver.ParseDSN(info.DSN)
		if err != nil {
			return nil, errors.New("connect to the store for its locks: its DSN cannot be read") // the driver's error quotes it
		}
		cfg.DBName = "" // the run waits for its own sessions to end, and these are none
		cfg.Logger = quietDriver{}
		connector, err := mysqldriver.NewConnector(cfg)
		if err != nil {
			return nil, fmt.Errorf("connect to the store for its locks: %w", err)
		}
		return one(sql.OpenDB(connector)), nil
	}
}

type quietDriver struct{}

func (quietDriver) Print(...any) {}

// mysqlFresh is how often the list of transactions may be read: faster, and it is an old one.
const mysqlFresh = 120 * time.Millisecond

// mysqlEnded remembers who is under way, and waits until none of them is.
func mysqlEnded(ctx context.Context, db *sql.DB) error {
	if err := harness.Sleep(ctx, mysqlFresh); err != nil { // somebody else may have just asked
		return err
	}
	were, err := mysqlTransactions(ctx, db)
	if err != nil {
		return err
	}
	for len(were) > 0 {
		if err := harness.Sleep(ctx, mysqlFresh); err != nil {
			return err
		}
		now, err := mysqlTransactions(ctx, db)
		if err != nil {
			return err
		}
		for id := range were {
			if !now[id] {
				delete(were, id)
			}
		}
	}
	return nil
}

// mysqlTransactions are those that may have written: these have numbers of their own, where those that have only read are listed
// under high ones that come again.
func mysqlTransactions(ctx context.Context, db *sql.DB) (map[string]bool, error) {
	rows, err := db.QueryContext(ctx, "SELECT trx_id FROM information_schema.innodb_trx WHERE trx_id < 1 << 47")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells
	all := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		all[id] = true
	}
	return all, rows.Err()
}
