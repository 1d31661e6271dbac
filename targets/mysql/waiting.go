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
	texts := []string{"0"} // nobody; asked all the same, so that a missing right shows
	for _, id := range ids {
		texts = append(texts, strconv.FormatInt(id, 10))
	}
	list := strings.Join(texts, ", ")
	if p.mariaDB {
		waits, err := waitsInMariaDB(ctx, monitor, ids, list)
		return waits, noRight(err, "PROCESS ON *.*")
	}
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

// waitsInMariaDB first reads the count of waits, which is cheap. It stays up for a moment after a lock was granted; so where
// it says that somebody waits, InnoDB's own report is read, which says who. MariaDB refuses one of those who wait for each other at
// once, so that nobody is asked for whom.
func waitsInMariaDB(ctx context.Context, monitor sqldb.Conn, ids []int64, list string) ([]sqldb.Wait, error) {
	got, err := monitor.Query(ctx, "SELECT CAST(variable_value AS SIGNED) FROM information_schema.global_status "+
		"WHERE variable_name = 'INNODB_ROW_LOCK_CURRENT_WAITS' UNION ALL "+
		"SELECT id FROM information_schema.processlist WHERE id IN ("+list+") AND state = 'User lock'")
	if err != nil {
		return nil, err
	}
	if len(got) == 0 {
		return nil, errors.New("the server does not say how many wait for row locks")
	}
	var all []sqldb.Wait
	for _, id := range got[1:] {
		all = append(all, sqldb.Wait{Session: id})
	}
	if got[0] == 0 && len(ids) > 0 {
		return all, nil
	}
	status, err := monitor.Show(ctx, "SHOW ENGINE INNODB STATUS")
	if err != nil {
		return nil, err
	}
	if len(status.Rows) != 1 || len(status.Rows[0]) != 3 {
		return nil, errors.New("SHOW ENGINE INNODB STATUS answers with something else")
	}
	for _, id := range ids {
		if lockWait(status.Rows[0][2], id) {
			all = append(all, sqldb.Wait{Session: id})
		}
	}
	return all, nil
}

// lockWait finds a session in InnoDB's report. A transaction's part begins with ---TRANSACTION, has a line that begins with
// LOCK WAIT if it waits, and then one that begins with "MariaDB thread id 7,".
func lockWait(status string, id int64) bool {
	_, status, _ = strings.Cut(status, "LIST OF TRANSACTIONS FOR EACH SESSION")
	before, _, found := strings.Cut(status, fmt.Sprintf("MariaDB thread id %d,", id))
	if !found {
		return false
	}
	own := before[strings.LastIndex(before, "---TRANSACTION")+1:]
	return strings.Contains(own, "\nLOCK WAIT ")
}
