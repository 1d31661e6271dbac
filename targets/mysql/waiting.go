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

// waits are who waits for a row lock, or for a lock of GET_LOCK. MariaDB refuses one of those who wait for each other at once, so that
// nobody is asked for whom. MySQL may leave them for a moment: where two wait, they are asked for whom.
func (p *product) waits(ctx context.Context, monitor sqldb.Conn, ids []int64) ([]sqldb.Wait, error) {
	if len(ids) == 0 && !p.mariaDB {
		if err := rightsInMySQL(ctx, monitor); err != nil {
			return nil, err
		}
	}
	waits, certain, err := reported(ctx, monitor, ids)
	switch {
	case p.mariaDB:
		return waits, noRight(err, "PROCESS ON *.*")
	case err != nil && errorNumber(err) == 0:
		return nil, err
	case err == nil && certain && len(waits) < 2:
		return waits, nil
	}
	return asked(ctx, monitor, ids)
}

// reported are the waits that InnoDB's own report and the process list tell, in a tenth of the time that tables of InnoDB's locks take. innodb_trx,
// the usual place to look, is refreshed every 100 ms only. MySQL's report leaves out transactions that have taken no lock to write yet, which
// may wait to read, and a report that gets too long is cut; certain: each session is in it, or is at no work, or waits.
func reported(ctx context.Context, monitor sqldb.Conn, ids []int64) (all []sqldb.Wait, certain bool, err error) {
	got, err := monitor.Show(ctx, "SHOW ENGINE INNODB STATUS; SHOW PROCESSLIST")
	if err != nil {
		return nil, false, err
	}
	if len(got.Rows) == 0 || len(got.Rows[0]) != 3 {
		return nil, false, errors.New("SHOW ENGINE INNODB STATUS answers with something else")
	}
	sleeps, locked := map[string]bool{}, map[string]bool{}
	for _, row := range got.Rows[1:] {
		sleeps[row[0]], locked[row[0]] = row[4] == "Sleep", row[6] == "User lock"
	}
	certain = true
	for _, id := range ids {
		waits, listed := rowWait(got.Rows[0][2], id)
		session := strconv.FormatInt(id, 10)
		if waits = waits || locked[session]; waits {
			all = append(all, sqldb.Wait{Session: id})
		}
		certain = certain && (waits || listed || sleeps[session])
	}
	return all, certain, nil
}

// rowWait finds a session in InnoDB's report. A transaction's part begins with ---TRANSACTION, and has a line that begins with LOCK WAIT
// if it waits.
func rowWait[ID int64 | uint64](status string, id ID) (waits, listed bool) {
	_, status, _ = strings.Cut(status, "LIST OF TRANSACTIONS FOR EACH SESSION")
	session := fmt.Sprintf(" thread id %d,", id)
	for part := range strings.SplitSeq(status, "---TRANSACTION") {
		if strings.Contains(part, session) {
			return strings.Contains(part, "\nLOCK WAIT "), true
		}
	}
	return false, false
}

// rightsInMySQL asks for what the tables of locks need.
func rightsInMySQL(ctx context.Context, monitor sqldb.Conn) error {
	if on, err := monitor.Query(ctx, "SELECT @@performance_schema"); err == nil && len(on) == 1 && on[0] == 0 {
		return &sqldb.OpenError{
			What: "the server does not show who waits for locks", Err: errors.New("its performance_schema is OFF"), Do: "set performance_schema = ON and restart it",
		}
	}
	_, err := asked(ctx, monitor, nil)
	return err
}

// asked are the waits as MySQL's tables of locks have them, and for whom.
func asked(ctx context.Context, monitor sqldb.Conn, ids []int64) ([]sqldb.Wait, error) {
	texts := []string{"0"} // nobody; asked all the same, so that a missing right shows
	for _, id := range ids {
		texts = append(texts, strconv.FormatInt(id, 10))
	}
	list := strings.Join(texts, ", ")
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
