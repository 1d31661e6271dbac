// Package sqlite is the target that needs no server but is a real database: a SQLite file of its own in a temporary folder,
// in WAL mode, by the driver modernc.org/sqlite (no C compiler needed). Start at Engine.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// Engine is the table's line for this target.
func Engine() store.Engine {
	return store.Engine{
		Name: "sqlite", Product: "SQLite", Embedded: true, SQL: true, Schemes: []string{"sqlite", "file"}, Strategies: sqldb.Infos(), Open: open,
		Declared:    []store.Declared{{Servers: "SQLite", Levels: []harness.Level{harness.Serializable}, Isolation: Isolation}},
		LockTimeout: store.LockTimeout{Code: "SQLITE_BUSY", GoesOn: true},
		Explain:     "a SQLite file of its own in WAL mode, one writer at a time; every transaction is serializable",
	}
}

const (
	// maxConnections keeps the one writer busy. With more, transactions that read before they write starve each other.
	maxConnections = 3
	busyTimeout    = 5 * time.Second
)

var dialect = sqldb.Dialect{
	Begin: "BEGIN", BeginLock: "BEGIN IMMEDIATE", Concat: "%s || %s || %s", Returning: true, Classify: classify, Code: errorName,
}

// open makes a database file: in a temporary folder, or at the DSN's path, where nothing may exist yet.
func open(ctx context.Context, cfg store.OpenConfig) (store.Server, error) {
	f, err := place(cfg.DSN)
	if err != nil {
		return nil, err
	}
	dsn := f.dsn()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open sqlite: %w", err), f.remove())
	}
	db.SetMaxIdleConns(0)
	connections := maxConnections
	if cfg.Connections > 0 && (cfg.Connections < connections || cfg.Strict) {
		connections = cfg.Connections
	}
	line := &sqldb.Line{Busy: busy, Timeout: busyTimeout}
	connect := func(ctx context.Context, _ store.Route) (sqldb.Conn, error) {
		c, err := sqldb.OpenStd(ctx, db, "", func(error) bool { return false })
		if err != nil {
			return nil, err
		}
		c.Line = line
		return c, nil
	}
	drop := func(context.Context) error { return errors.Join(db.Close(), f.remove()) }
	info, err := inspect(ctx, db)
	if code(err) == sqlite3.SQLITE_CANTOPEN {
		err = cannotMake(f.named, store.Innermost(err))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open sqlite: %w", err), drop(ctx))
	}
	info.Connections, info.Throwaway = connections, cfg.DSN == ""
	if cfg.Connections > connections {
		info.Note = fmt.Sprintf("%d clients share %d connections: SQLite has one writer at a time", cfg.Connections, connections)
	}
	return sqldb.NewServer(ctx, sqldb.Config{
		Dialect: &dialect, Info: info, Levels: []harness.Level{harness.Serializable},
		Isolation: Isolation, Connect: connect, Drop: drop, Wipe: wipe,
		InProcess: true, Hook: harness.YieldInGap,
		ConnInfo: func(harness.Level) (store.ConnInfo, error) { return connInfo(dsn, db.Driver()), nil },
	})
}

// Isolation is what SQLite does: a transaction reads one snapshot, and may write only if that is still the newest.
func Isolation(l harness.Level) promise.Isolation {
	return promise.Isolation{Level: l, Model: "serializable", TxSnapshot: true, Prevents: promise.HazardSet(
		promise.G0, promise.Dirty, promise.StmtSkew, promise.OTV, promise.PMP, promise.GSingle, promise.PMPWrite, promise.P4,
		promise.GSingleWrite, promise.G2Item, promise.G2)}
}

// wipe drops every table, and its indexes and triggers with it, and every view. The file holds nothing that this run did not make:
// see place.
func wipe(ctx context.Context, monitor sqldb.Conn) error {
	drops, err := monitor.Show(ctx, `SELECT 'DROP ' || type || ' IF EXISTS "' || replace(name, '"', '""') || '"' FROM sqlite_master
		WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite@_%' ESCAPE '@'`)
	for _, row := range drops.Rows {
		err = errors.Join(err, sqldb.Run(ctx, monitor, row[0]))
	}
	return err
}

// pragmas let readers go on beside the writer, and commits return without waiting for the disk, as is usual with WAL: a
// crash of the process loses nothing, a crash of the machine may lose the last commits.
func pragmas() url.Values {
	return url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(NORMAL)", "busy_timeout(0)"}}
}

var synchronousNames = map[string]string{"0": "OFF", "1": "NORMAL", "2": "FULL", "3": "EXTRA"}

func inspect(ctx context.Context, db *sql.DB) (store.ServerInfo, error) {
	info := store.ServerInfo{Product: "SQLite", DefaultLevel: harness.Serializable, OneAtATime: true}
	read := func(query string) (s string, err error) {
		if err := db.QueryRowContext(ctx, query).Scan(&s); err != nil {
			return "", fmt.Errorf("%s: %w", query, err)
		}
		return s, nil
	}
	version, err := read("SELECT sqlite_version()")
	if err != nil {
		return info, err
	}
	mode, err := read("PRAGMA journal_mode")
	if err != nil {
		return info, err
	}
	synchronous, err := read("PRAGMA synchronous")
	if err != nil {
		return info, err
	}
	info.Version = version
	info.Settings = []store.Setting{{Name: "journal_mode", Value: mode}, {Name: "synchronous", Value: synchronousNames[synchronous]}}
	info.Durable = synchronous >= "2"
	return info, nil
}

func code(err error) int {
	var e *sqlitedriver.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// errorName is the name of the extended code; empty: the error is not SQLite's.
func errorName(err error) string {
	switch c := code(err); {
	case c == 0:
		return ""
	case c == sqlite3.SQLITE_BUSY_SNAPSHOT:
		return "SQLITE_BUSY_SNAPSHOT"
	case c&0xff == sqlite3.SQLITE_BUSY:
		return "SQLITE_BUSY"
	case c&0xff == sqlite3.SQLITE_LOCKED:
		return "SQLITE_LOCKED"
	default:
		return strconv.Itoa(c)
	}
}

// busy: the write lock is taken, and waiting may help (a stale snapshot cannot be waited out).
func busy(err error) bool {
	c := code(err)
	return c == sqlite3.SQLITE_BUSY || c == sqlite3.SQLITE_LOCKED
}

func classify(err error) sqldb.Class {
	switch c := code(err); {
	case c == sqlite3.SQLITE_BUSY_SNAPSHOT:
		return sqldb.Class{Conflict: harness.Serialization}
	case c&0xff == sqlite3.SQLITE_BUSY, c&0xff == sqlite3.SQLITE_LOCKED:
		return sqldb.Class{Conflict: harness.LockTimeout}
	case c == sqlite3.SQLITE_CONSTRAINT_CHECK:
		return sqldb.Class{Rejected: true}
	case c == sqlite3.SQLITE_CONSTRAINT_UNIQUE, c == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return sqldb.Class{Conflict: harness.VersionMiss}
	}
	return sqldb.Class{}
}
