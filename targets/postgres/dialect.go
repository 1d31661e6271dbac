package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// dialect is PostgreSQL's way of saying things; the run's sessions carry name, and its tables are in the schema of that name.
func dialect(name string, pooled bool) *sqldb.Dialect {
	own := fmt.Sprintf("application_name = '%s'", name)
	if pooled {
		// Sessions carry no name of the run's. But whoever is at work on a table of the run's has a lock on it.
		own = fmt.Sprintf("backend_type = 'client backend' AND datname = current_database() AND EXISTS (SELECT 1 FROM pg_locks l "+
			"JOIN pg_class c ON c.oid = l.relation WHERE l.pid = pg_stat_activity.pid AND l.database = datid AND c.relnamespace = '%s'::regnamespace)", name)
	}
	return &sqldb.Dialect{
		Numbered: true, Begin: "BEGIN", ForUpdate: "FOR UPDATE", NoWait: "FOR UPDATE NOWAIT",
		Concat: "%s || %s || %s", Returning: true, WritesInWith: true,
		AdvisoryLock:   "SELECT 1 FROM pg_advisory_lock(?, ?)",
		AdvisoryUnlock: "SELECT 1 FROM pg_advisory_unlock_all()",
		AdvisoryLate:   "SELECT 1 FROM pg_advisory_xact_lock(?, ?)",
		SetLevel: func(l harness.Level) string {
			return fmt.Sprintf("SET default_transaction_isolation = '%s'", strings.ReplaceAll(string(l), "-", " "))
		},
		ShowLevel: "SHOW transaction_isolation",
		Sessions:  "SELECT pid::bigint, (state IS DISTINCT FROM 'idle')::int FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND " + own,
		LockWaits: "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND " + own,
		Waits:     waits,
		End: func(ctx context.Context, monitor sqldb.Conn, id int64) error {
			_, err := monitor.Query(ctx, fmt.Sprintf("SELECT pg_terminate_backend(%d)::int", id))
			return err
		},
		Classify: classify,
		Code:     errorCode,
	}
}

// classify goes by SQLSTATE (PostgreSQL manual, appendix A).
func classify(err error) sqldb.Class {
	if errors.Is(err, errRolledBack) {
		return sqldb.Class{}
	}
	code := errorCode(err)
	switch code {
	case "": // no answer from the server
		return sqldb.Class{Lost: true}
	case "40001", "40P01", "55P03":
		return sqldb.Class{Conflict: conflictOf(code)}
	case "23505":
		return sqldb.Class{Conflict: harness.VersionMiss}
	case "23514":
		return sqldb.Class{Rejected: true}
	case "40003", "57014": // statement completion unknown, cancelled
		return sqldb.Class{Lost: true}
	}
	if class := code[:2]; class == "08" || class == "57" {
		return sqldb.Class{Lost: true}
	}
	return sqldb.Class{}
}

// conflictOf says which conflict an SQLSTATE tells of.
func conflictOf(code string) harness.Conflict {
	switch code {
	case "40001":
		return harness.Serialization
	case "40P01":
		return harness.Deadlock
	case "55P03":
		return harness.LockTimeout
	}
	return harness.NoConflict
}

// Isolation is what PostgreSQL does at a level (manual, chapter 13.2; Hermitage). Read uncommitted is read committed.
func Isolation(l harness.Level) promise.Isolation {
	iso := promise.Isolation{Level: l, Model: "read-committed", Aborts: true, Prevents: promise.HazardSet(promise.G0, promise.Dirty, promise.OTV)}
	if l == harness.RepeatableRead || l == harness.Serializable {
		iso.TxSnapshot, iso.Model = true, "snapshot-isolation"
		iso.Prevents |= promise.HazardSet(promise.PMP, promise.GSingle, promise.PMPWrite, promise.P4, promise.GSingleWrite)
	}
	if l == harness.Serializable {
		iso.Model, iso.Watches, iso.Structures = "serializable", true, true
		iso.Prevents |= promise.HazardSet(promise.StmtSkew, promise.G2Item, promise.G2)
	}
	return iso
}

func skipLevel(l harness.Level) string {
	if l == harness.ReadUncommitted {
		return "PostgreSQL's read uncommitted is read committed"
	}
	return ""
}
