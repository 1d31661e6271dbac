package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// dialect is what MySQL and MariaDB share, and where they differ by product; the run's sessions work in database name.
func dialect(name string, p *product) *sqldb.Dialect {
	status := "performance_schema.global_status"
	if p.mariaDB {
		status = "information_schema.global_status"
	}
	return &sqldb.Dialect{
		Begin: "START TRANSACTION", ForUpdate: "FOR UPDATE", NoWait: "FOR UPDATE NOWAIT",
		Concat:         "CONCAT(%s, %s, %s)",
		DerivedGuard:   !p.mariaDB, // MySQL error 1093
		AdvisoryLock:   "SELECT GET_LOCK(CONCAT('lastseat:', ?, ':', ?), 5)",
		AdvisoryUnlock: "SELECT RELEASE_ALL_LOCKS()",
		LockName:       func(key int32, cell harness.Cell) string { return fmt.Sprintf("lastseat:%d:%d", key, cell) },
		SetLevel: func(l harness.Level) string {
			return "SET SESSION TRANSACTION ISOLATION LEVEL " + strings.ToUpper(strings.ReplaceAll(string(l), "-", " "))
		},
		ShowLevel: "SELECT @@" + p.levelVariable,
		Sessions: fmt.Sprintf("SELECT id, command <> 'Sleep' FROM information_schema.processlist "+
			"WHERE db = '%s' AND id <> CONNECTION_ID() AND user <> 'system user'", name),
		LockWaits: fmt.Sprintf("SELECT (SELECT CAST(variable_value AS SIGNED) FROM %s "+
			"WHERE variable_name = 'Innodb_row_lock_current_waits') + "+
			"(SELECT COUNT(*) FROM information_schema.processlist WHERE db = '%s' AND state = 'User lock')", status, name),
		Kill: kill,
		End: func(ctx context.Context, monitor sqldb.Conn, id int64) error {
			_, err := monitor.Exec(ctx, fmt.Sprintf(kill, id))
			return err
		},
		GhostRows: true, ReadsLock: true, Waits: p.waits, Resolves: resolves,
		Classify: classify,
		Code:     errorCode,
	}
}

// kill ends a session.
const kill = "KILL CONNECTION %d"

// Numbers of server errors (MySQL error reference; MariaDB error codes).
const (
	errDuplicate       = 1062
	errLockWait        = 1205
	errDeadlock        = 1213
	errUserDeadlock    = 3058
	errNoWait          = 3572
	errRecordChanged   = 1020
	errCheckMySQL      = 3819
	errCheckMariaDB    = 4025
	errShutdown        = 1053
	errInterrupted     = 1317
	errKilled          = 1927
	errTooMany         = 1040
	errTooManyOfUser   = 1203
	errUserLimit       = 1226
	errAccess          = 1045
	errAccessDatabase  = 1044
	errUnknownDatabase = 1049
	errAccessTable     = 1142
	errAccessSpecific  = 1227
	errDuringCommit    = 1180 // the handler's own error is in its text
	errRolledBack      = 3101 // Group Replication's certification, and who had to make way for it
)

func errorNumber(err error) uint16 {
	var e *mysqldriver.MySQLError
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}

// errorCode is the number as text; empty if the server did not answer.
func errorCode(err error) string {
	if n := errorNumber(err); n != 0 {
		return strconv.Itoa(int(n))
	}
	return ""
}

// classify goes by error number. ErrBadConn means that nothing was sent.
func classify(err error) sqldb.Class {
	switch errorNumber(err) {
	case 0:
		return sqldb.Class{Lost: !errors.Is(err, driver.ErrBadConn)}
	case errDeadlock, errUserDeadlock, errLockWait, errNoWait, errRecordChanged, errRolledBack:
		return sqldb.Class{Conflict: conflictOf(int(errorNumber(err)))}
	case errDuringCommit:
		if refusedCommit(err) {
			return sqldb.Class{Conflict: harness.Serialization}
		}
		return sqldb.Class{Lost: true}
	case errDuplicate:
		return sqldb.Class{Conflict: harness.VersionMiss}
	case errCheckMySQL, errCheckMariaDB:
		return sqldb.Class{Rejected: true}
	case errShutdown, errInterrupted, errKilled:
		return sqldb.Class{Lost: true}
	}
	return sqldb.Class{}
}

// refusedCommit reports whether error 1180 is the refusal of a cluster, "Got error 149 - 'Lock deadlock; Retry transaction' during COMMIT".
// Of any other error nobody knows how far the commit came.
func refusedCommit(err error) bool {
	var e *mysqldriver.MySQLError
	return errors.As(err, &e) && strings.Contains(e.Message, "error 149")
}

// conflictOf says which conflict an error's number tells of.
func conflictOf(number int) harness.Conflict {
	switch number {
	case errDeadlock, errUserDeadlock:
		return harness.Deadlock
	case errLockWait, errNoWait:
		return harness.LockTimeout
	case errRecordChanged, errRolledBack:
		return harness.Serialization
	}
	return harness.NoConflict
}

// lost reports that the connection cannot be used again.
func lost(err error) bool {
	n := errorNumber(err)
	return n == 0 || n == errShutdown || n == errKilled
}

// variants are MariaDB's sessions with innodb_snapshot_isolation off and on.
func (p *product) variants() []sqldb.Variant {
	if !p.hasSnapshot {
		return nil
	}
	var all []sqldb.Variant
	for _, value := range []string{"OFF", "ON"} {
		as := *p
		as.snapshotIsolation = value == "ON"
		all = append(all, sqldb.Variant{
			Setting: store.Setting{Name: snapshotSetting, Value: value}, Set: "SET SESSION " + snapshotSetting + " = " + value,
			Isolation: as.isolation,
		})
	}
	return all
}

// isolation is what the product does at a level (MySQL manual 17.7.2; Hermitage; the stmt-skew column is measured).
func (p *product) isolation(l harness.Level) promise.Isolation {
	iso := promise.Isolation{Level: l, Model: "read-uncommitted", Prevents: promise.HazardSet(promise.G0)}
	oldMariaDB := p.mariaDB && p.major < 11
	if oldMariaDB {
		iso.Prevents |= promise.HazardSet(promise.StmtSkew)
	}
	if l == harness.ReadUncommitted {
		return iso
	}
	iso.Model = "read-committed" // of repeatable read too: it lets lost updates and read skew through
	iso.Prevents |= promise.HazardSet(promise.Dirty, promise.OTV)
	if l == harness.ReadCommitted {
		return iso
	}
	iso.TxSnapshot = true
	iso.Prevents |= promise.HazardSet(promise.PMP, promise.GSingle, promise.StmtSkew)
	if p.snapshotIsolation {
		iso.Model = "snapshot-isolation"
		iso.Prevents |= promise.HazardSet(promise.P4, promise.PMPWrite, promise.GSingleWrite)
	}
	if l == harness.Serializable {
		iso.Model = "serializable"
		iso.Prevents |= promise.HazardSet(promise.PMPWrite, promise.P4, promise.GSingleWrite, promise.G2Item, promise.G2)
	}
	return iso
}

// declared is what the levels of such a product do.
func (p *product) declared(servers string) store.Declared {
	return store.Declared{Servers: servers, Levels: harness.Levels(), Isolation: p.isolation}
}
