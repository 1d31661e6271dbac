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
func (p *product) waits(ctx context.Context, monitor sqldb.Conn, ids []int64, asked map[int64]string) ([]sqldb.Wait, error) {
	if p.mariaDB {
		waits, err := waitsInMariaDB(ctx, monitor, ids, asked)
		return waits, noRight(err, "PROCESS ON *.*")
	}
	texts := []string{"0"} // nobody; asked all the same, so that a missing right shows
	for _, id := range ids {
		texts = append(texts, strconv.FormatInt(id, 10))
	}
	if len(ids) == 0 {
		if on, err := monitor.Query(ctx, "SELECT @@performance_schema"); err == nil && len(on) == 1 && on[0] == 0 {
			return nil, &sqldb.OpenError{
				What: "the server does not show who waits for locks", Err: errors.New("its performance_schema is OFF"), Do: "set performance_schema = ON and restart it",
			}
		}
	}
	got, err := monitor.Query(ctx, whoWaits(strings.Join(texts, ", "), userLock))
	if err != nil {
		return nil, noRight(err, "SELECT ON performance_schema.*")
	}
	all, owners := waitsOf(got)
	if slices.ContainsFunc(all, named) {
		got, err := monitor.Query(ctx, stillWait(strings.Join(texts, ", "), userLock))
		if err != nil {
			return nil, noRight(err, "SELECT ON performance_schema.*")
		}
		all = withoutFree(all, got)
	}
	if len(all) < 2 {
		return all, nil // nobody waits for somebody who waits
	}
	got, err = monitor.Query(ctx, "SELECT requesting_engine_transaction_id, blocking_engine_transaction_id FROM performance_schema.data_lock_waits")
	if err != nil {
		return nil, noRight(err, "SELECT ON performance_schema.*")
	}
	return forWhom(all, owners, got), nil
}

// whoWaits asks which transactions wait for a lock of InnoDB's, whose of the sessions in the list the transactions are, and which of the sessions are in
// a state. What InnoDB notes with a lock of a row is the thread that made it, and that is another's where an UPDATE has moved the row with its
// locks. Locks of tables, of which each transaction has one before any of a row, are never moved. For each look at its locks InnoDB goes through
// all that it could have, a thousand places: the question has one look in it.
func whoWaits(list, state string) string {
	return fmt.Sprintf("SELECT l.engine_transaction_id, COALESCE(t.processlist_id, 0), l.lock_status = 'WAITING', l.lock_type = 'TABLE' "+
		"FROM performance_schema.data_locks l LEFT JOIN performance_schema.threads t ON t.thread_id = l.thread_id "+
		"WHERE l.lock_status = 'WAITING' OR l.lock_type = 'TABLE' AND t.processlist_id IN (%[1]s) UNION ALL "+
		"SELECT 0, processlist_id, 1, 0 FROM performance_schema.threads WHERE processlist_id IN (%[1]s) AND (%[2]s)", list, state)
}

// The states of who waits for a lock of GET_LOCK, or of a table's definition, too.
const (
	userLock = "processlist_state = 'User lock'"
	anyLock  = userLock + " OR processlist_state LIKE 'Waiting for%lock'"
)

// named reports whether it is such a lock that somebody waits for.
func named(w sqldb.Wait) bool { return w.Tx == 0 }

// stillWait asks which of the sessions in the list wait for such a lock that nobody else has any more, and then who is in the state. The lock is theirs
// from when the other one gave it back: but their state is the old one until they wake up.
func stillWait(list, state string) string {
	return fmt.Sprintf("SELECT t.processlist_id, 0 FROM performance_schema.metadata_locks p JOIN performance_schema.threads t ON t.thread_id = p.owner_thread_id "+
		"WHERE p.lock_status = 'PENDING' AND t.processlist_id IN (%[1]s) AND NOT EXISTS (SELECT 1 FROM performance_schema.metadata_locks g "+
		"WHERE g.object_type = p.object_type AND g.object_schema <=> p.object_schema AND g.object_name <=> p.object_name AND "+
		"g.lock_status = 'GRANTED' AND g.owner_thread_id <> p.owner_thread_id) UNION ALL "+
		"SELECT processlist_id, 1 FROM performance_schema.threads WHERE processlist_id IN (%[1]s) AND (%[2]s)", list, state)
}

// withoutFree leaves out who does not wait any more by the answer to stillWait.
func withoutFree(all []sqldb.Wait, got []int64) []sqldb.Wait {
	free, waits := map[int64]bool{}, map[int64]bool{}
	for i := 0; i+1 < len(got); i += 2 {
		if id, state := got[i], got[i+1] == 1; state {
			waits[id] = !free[id]
		} else {
			free[id] = true
		}
	}
	return slices.DeleteFunc(all, func(w sqldb.Wait) bool { return named(w) && !waits[w.Session] })
}

// waitsOf is who waits by the answer to whoWaits, and whose the transactions are.
func waitsOf(got []int64) (all []sqldb.Wait, owners map[int64]int64) {
	owners = map[int64]int64{}
	for i := 0; i+3 < len(got); i += 4 {
		if tx, session, table := got[i], got[i+1], got[i+3]; table == 1 {
			owners[tx] = session
		}
	}
	for i := 0; i+3 < len(got); i += 4 {
		tx, session, waits := got[i], got[i+1], got[i+2] == 1
		if tx != 0 {
			session = owners[tx] // 0: none of ours
		}
		if w := (sqldb.Wait{Session: session, Tx: tx}); waits && session != 0 && !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	return all, owners
}

// forWhom is for whom those wait who were seen to: those whose transactions still do by the pairs of one that waits and one that it waits for, and
// those who wait for something else.
func forWhom(seen []sqldb.Wait, owners map[int64]int64, pairs []int64) (all []sqldb.Wait) {
	for _, w := range seen {
		if w.Tx == 0 {
			all = append(all, w)
		}
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == w.Tx {
				all = append(all, sqldb.Wait{Session: w.Session, For: owners[pairs[i+1]], Tx: w.Tx})
			}
		}
	}
	slices.SortFunc(all, func(a, b sqldb.Wait) int {
		return cmp.Or(cmp.Compare(a.Session, b.Session), cmp.Compare(a.For, b.For), cmp.Compare(a.Tx, b.Tx))
	})
	return slices.Compact(all)
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
func waitsInMariaDB(ctx context.Context, monitor sqldb.Conn, ids []int64, asked map[int64]string) (all []sqldb.Wait, err error) {
	got, err := monitor.Show(ctx, "SHOW ENGINE INNODB STATUS; SHOW PROCESSLIST")
	if err != nil {
		return nil, err
	}
	if len(got.Rows) == 0 || len(got.Rows[0]) != 3 {
		return nil, errors.New("SHOW ENGINE INNODB STATUS answers with something else")
	}
	for _, id := range ids {
		waits := rowWait(got.Rows[0][2], strconv.FormatInt(id, 10))
		if !waits && lockWait(got.Rows[1:], id) {
			if waits, err = stillWaits(ctx, monitor, id, asked[id]); err != nil {
				return nil, err
			}
		}
		if waits {
			all = append(all, sqldb.Wait{Session: id})
		}
	}
	return all, nil
}

// lockWait reports whether a session waits for a lock of GET_LOCK by its state in the process list.
func lockWait(list [][]string, id int64) bool {
	session := strconv.FormatInt(id, 10)
	return slices.ContainsFunc(list, func(row []string) bool { return row[0] == session && row[6] == "User lock" })
}

// stillWaits reports whether a session waits for a named lock that another one has. Its state alone says so until it wakes up, which the lock itself
// does not wait for.
func stillWaits(ctx context.Context, monitor sqldb.Conn, id int64, lock string) (bool, error) {
	if lock == "" {
		return true, nil
	}
	got, err := monitor.Show(ctx, fmt.Sprintf("SELECT COALESCE(IS_USED_LOCK('%s'), 0); SHOW PROCESSLIST", lock))
	if err != nil {
		return false, err
	}
	holder := got.Rows[0][0]
	return holder != "0" && holder != strconv.FormatInt(id, 10) && lockWait(got.Rows[1:], id), nil
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
