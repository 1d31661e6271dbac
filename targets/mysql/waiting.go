package mysql

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lastseat/lastseat/targets/sqldb"
)

// waits asks InnoDB who waits for a row lock, and the process list who waits for a lock of GET_LOCK. innodb_trx, the usual
// place to look, is refreshed every 100 ms only.
func (p *product) waits(ctx context.Context, monitor sqldb.Conn, ids []int64) ([]sqldb.Wait, error) {
	if p.mariaDB {
		waits, err := waitsInMariaDB(ctx, monitor, ids)
		return waits, noRight(err, "PROCESS ON *.*")
	}
	texts := []string{"0"} // nobody; asked all the same, so that a missing right shows
	for _, id := range ids {
		texts = append(texts, strconv.FormatInt(id, 10))
	}
	list := strings.Join(texts, ", ")
	if len(ids) == 0 {
		if on, err := monitor.Query(ctx, "SELECT @@performance_schema"); err == nil && len(on) == 1 && on[0] == 0 {
			return nil, &sqldb.OpenError{
				What: "the server does not show who waits for locks", Err: errors.New("its performance_schema is OFF"), Do: "set performance_schema = ON and restart it",
			}
		}
	}
	got, err := monitor.Query(ctx, fmt.Sprintf("SELECT DISTINCT t.processlist_id, COALESCE(b.processlist_id, 0), w.requesting_engine_transaction_id FROM "+waiters+
		" LEFT JOIN performance_schema.data_locks bl ON bl.engine_transaction_id = w.blocking_engine_transaction_id AND bl.lock_type = 'TABLE' "+
		"LEFT JOIN performance_schema.threads b ON b.thread_id = bl.thread_id WHERE t.processlist_id IN (%s) UNION ALL "+
		"SELECT processlist_id, 0, 0 FROM performance_schema.threads WHERE processlist_id IN (%s) AND processlist_state = 'User lock'", list, list))
	if err != nil {
		return nil, noRight(err, "SELECT ON performance_schema.*")
	}
	return sorted(got), nil
}

// waiters are w, InnoDB's waits, each with t, the thread of the transaction that waits. What InnoDB notes with a lock of a row is the thread that
// made it, and that is another's where an UPDATE has moved the row with its locks. Locks of tables, of which each transaction has one
// before any of a row, are never moved.
const waiters = "performance_schema.data_lock_waits w " +
	"JOIN performance_schema.data_locks l ON l.engine_transaction_id = w.requesting_engine_transaction_id AND l.lock_type = 'TABLE' " +
	"JOIN performance_schema.threads t ON t.thread_id = l.thread_id"

// sorted are the waits in an order that does not change from one look to the next.
func sorted(got []int64) (all []sqldb.Wait) {
	for i := 0; i+2 < len(got); i += 3 {
		all = append(all, sqldb.Wait{Session: got[i], For: got[i+1], Tx: got[i+2]})
	}
	slices.SortFunc(all, func(a, b sqldb.Wait) int {
		return cmp.Or(cmp.Compare(a.Session, b.Session), cmp.Compare(a.For, b.For), cmp.Compare(a.Tx, b.Tx))
	})
	return all
}

// resolves is how long MySQL takes to look for deadlocks, several times over: it does so as soon as a session begins to wait.
const resolves = 50 * time.Millisecond

// noRight says in one sentence that the user may not see who waits for locks.
func noRight(err error, grant string) error {
	switch errorNumber(err) {
	case errAccessTable, errAccessSpecific:
		return &sqldb.OpenError{What: "no right to see who waits for locks", Err: err, Do: "GRANT " + grant + " TO this user, or use another user"}
	}
	return err
}

// waitsInMariaDB reads InnoDB's own report, which has every transaction and says of each whether it waits, and the process list for locks of
// GET_LOCK: in one round trip, and in a fraction of the time that tables of information_schema take. MariaDB refuses one of those who wait for
// each other at once, so that nobody is asked for whom.
func waitsInMariaDB(ctx context.Context, monitor sqldb.Conn, ids []int64) (all []sqldb.Wait, err error) {
	got, err := monitor.Show(ctx, "SHOW ENGINE INNODB STATUS; SHOW PROCESSLIST")
	if err != nil {
		return nil, err
	}
	if len(got.Rows) == 0 || len(got.Rows[0]) != 3 {
		return nil, errors.New("SHOW ENGINE INNODB STATUS answers with something else")
	}
	for _, id := range ids {
		session := strconv.FormatInt(id, 10)
		locked := func(row []string) bool { return row[0] == session && row[6] == "User lock" }
		if rowWait(got.Rows[0][2], session) || slices.ContainsFunc(got.Rows[1:], locked) {
			all = append(all, sqldb.Wait{Session: id})
		}
	}
	return all, nil
}

// rowWait finds a session in InnoDB's report. A transaction's part begins with ---TRANSACTION, has a line that begins with LOCK WAIT if
// it waits, then one that begins with "MariaDB thread id 7,", and then its statement.
func rowWait(report, session string) bool {
	const thread = "\nMariaDB thread id "
	_, report, _ = strings.Cut(report, "LIST OF TRANSACTIONS FOR EACH SESSION")
	for part := range strings.SplitSeq(report, "\n---TRANSACTION") {
		state, rest, _ := strings.Cut(part, thread)
		if strings.HasPrefix(rest, session+",") {
			return strings.Contains(state, "\nLOCK WAIT ")
		}
	}
	return false
}
