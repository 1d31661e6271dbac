package sqldb

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
)

// attempt is one try at one operation on one connection: the moves that strategies are made of.
type attempt struct {
	ctx  context.Context
	row  *target
	conn Conn
	op   *harness.Op

	cells  []harness.Cell   // what the operation touches, in cell order
	values []int64          // scratch, by cell: after allowed, what to write
	found  []harness.Access // what was read, in the order of reading
	wrote  []harness.Entry  // for the journal
	noted  int              // how many of wrote the journal has
	step   int              // which Calls were made: those of the steps before

	opt   harness.SessionOptions
	fence int64 // that the session holds; 0 where writes carry none

	inTx    bool
	flying  bool // a COMMIT, or a write that commits by itself, was sent and not answered
	effects int  // writes that have committed by themselves
}

// errRejected ends an attempt whose operation the state does not allow.
var errRejected = errors.New("rejected")

// conflictError ends an attempt that another one got ahead of.
type conflictError struct {
	conflict harness.Conflict
	what     string
}

func (e *conflictError) Error() string { return e.what }

func (a *attempt) reset(ctx context.Context, conn Conn, op *harness.Op) {
	a.ctx, a.conn, a.op = ctx, conn, op
	a.cells = op.Touches(a.cells[:0])
	slices.Sort(a.cells)
	a.found, a.wrote = a.found[:0], a.wrote[:0]
	a.noted, a.step = 0, 0
	a.inTx, a.flying, a.effects = false, false, 0
}

// at announces a point: to the row's hook, then to what is around the session.
func (a *attempt) at(p harness.Point) error {
	if err := a.row.hook.At(a.ctx, p); err != nil {
		return err
	}
	err := a.opt.Hook.At(a.ctx, p)
	if errors.Is(err, harness.ErrCrashed) {
		_ = a.conn.Close() // a client that died gives nothing back: the server does, once the connection is gone
	}
	return err
}

// tx runs body in a transaction that begin starts. A body that fails leaves the transaction to be rolled back.
func (a *attempt) tx(begin string, body func() error) error {
	if _, err := a.conn.Exec(a.ctx, begin); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	a.inTx = true
	if err := a.claimKey(); err != nil {
		return err
	}
	if err := body(); err != nil || !a.inTx { // the COMMIT went with the journal
		return err
	}
	if err := a.at(harness.AtCommit); err != nil {
		return err
	}
	a.flying = !a.op.ReadOnly()
	if err := a.conn.Commit(a.ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	a.inTx, a.flying = false, false
	return nil
}

// read reads cells one by one with the statement that pick chooses.
func (a *attempt) read(cells []harness.Cell, pick func(*statements) string) error {
	if err := a.at(harness.AtRead); err != nil {
		return err
	}
	for _, c := range cells {
		st, id := a.row.at(c)
		got, err := a.conn.Query(a.ctx, pick(st), id)
		if err != nil {
			return fmt.Errorf("read %s: %w", a.row.start.CellName(c), err)
		}
		if len(got) != 2 {
			return fmt.Errorf("read %s: no such row", a.row.start.CellName(c))
		}
		a.see(c, got[0], got[1])
	}
	return nil
}

func (a *attempt) see(c harness.Cell, value, version int64) {
	kind := harness.Reads
	delta := a.op.DeltaOf(c)
	if delta != 0 {
		kind = harness.Writes
	}
	a.found = append(a.found, harness.Access{Cell: c, Kind: kind, Delta: delta, Value: value, Version: version})
	a.values[c] = value
}

// checked marks what was read as a look that the writes to come do not depend on.
func (a *attempt) checked() {
	for i := range a.found {
		if a.found[i].Kind == harness.Writes {
			a.found[i].Kind = harness.Checks
		}
	}
}

// decide carries the operation out on what was read, and says whether it is allowed. Then the client thinks: the gap.
func (a *attempt) decide() error {
	if !harness.Decide(a.values, a.op) {
		return errRejected
	}
	return a.at(harness.AtGap)
}

// write runs an UPDATE on a cell, and notes the version that it produced. Strategies write in cell order: Calls that are due
// come first. False: no row matched.
func (a *attempt) write(c harness.Cell, sql string, args ...any) (bool, error) {
	if err := a.callsBefore(c); err != nil {
		return false, err
	}
	if err := a.at(harness.AtWrite); err != nil {
		return false, err
	}
	if a.row.around.Fenced {
		args = append(args, a.fence)
	}
	version, ok, err := a.update(sql, args)
	if err != nil {
		return false, fmt.Errorf("write %s: %w", a.row.start.CellName(c), err)
	}
	if !ok && a.row.around.Fenced {
		if err := a.fencedOff(c); err != nil {
			return false, err
		}
	}
	if delta := a.op.DeltaOf(c); ok && delta != 0 {
		a.wrote = append(a.wrote, harness.Entry{Op: a.op.ID, Cell: c, Delta: delta, Version: version})
	}
	return ok, nil
}

// update is an UPDATE, with the version it produced.
func (a *attempt) update(sql string, args []any) (version int64, ok bool, err error) {
	a.flying = !a.inTx
	if a.row.dialect.Returning {
		var got []int64
		if got, err = a.conn.Query(a.ctx, sql, args...); err == nil && len(got) > 0 {
			version, ok = got[0], true
		}
	} else {
		var done Done
		if done, err = a.conn.Exec(a.ctx, sql, args...); err == nil {
			version, ok = done.Generated, done.Rows > 0
		}
	}
	a.landed(err, ok)
	return version, ok, err
}

// landed notes that a write was answered.
func (a *attempt) landed(err error, effect bool) {
	if err != nil {
		return
	}
	if !a.inTx && effect {
		a.effects++
	}
	a.flying = false
}

// exec is a write that touches no cell.
func (a *attempt) exec(what, sql string, args ...any) (int64, error) {
	a.flying = !a.inTx
	done, err := a.conn.Exec(a.ctx, sql, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	a.landed(nil, done.Rows > 0)
	return done.Rows, nil
}

// set writes what decide computed into the operation's cells, in cell order.
func (a *attempt) set() error {
	for _, c := range a.cells {
		if a.op.DeltaOf(c) == 0 {
			continue
		}
		st, id := a.row.at(c)
		if _, err := a.write(c, st.set, a.values[c], id); err != nil {
			return err
		}
	}
	return nil
}

// add adds to the operation's cells, in cell order, unconditionally.
func (a *attempt) add() error {
	for _, c := range a.cells {
		delta := a.op.DeltaOf(c)
		if delta == 0 {
			continue
		}
		st, id := a.row.at(c)
		if _, err := a.write(c, st.add, delta, id); err != nil {
			return err
		}
	}
	return nil
}

// journal ends an operation's writes: their entries, and the Calls that come after all of them.
func (a *attempt) journal() error {
	if c, ok := a.conn.(committer); ok && a.mayCommit() {
		return a.commitJournal(c)
	}
	if err := a.note(); err != nil {
		return err
	}
	return a.callsBefore(harness.NoCell)
}

// note writes the entries of what was written and is not in the journal yet.
func (a *attempt) note() error {
	sql, args := a.entries()
	if sql == "" {
		return nil
	}
	_, err := a.exec("write the journal", sql, args...)
	return err
}

// entries is the INSERT of what was written and is not in the journal yet; empty: there is nothing.
func (a *attempt) entries() (sql string, args []any) {
	entries := a.wrote[a.noted:]
	if len(entries) == 0 {
		return "", nil
	}
	a.noted = len(a.wrote)
	args = make([]any, 0, 4*len(entries))
	for _, e := range entries {
		args = append(args, e.Op, int64(e.Cell), e.Delta, e.Version)
	}
	return a.row.journalInsert(len(entries)), args
}

// committer is a connection that sends a statement and COMMIT in one round trip. How many rows the statement changes cannot be asked
// before it commits.
type committer interface {
	ExecCommit(ctx context.Context, sql string, args ...any) error
}

// mayCommit reports whether the journal's INSERT is the transaction's last statement, and nobody looks between it and the COMMIT.
func (a *attempt) mayCommit() bool {
	calls := func(s harness.Step) bool { return s.Kind == harness.Call }
	return a.inTx && a.noted < len(a.wrote) && a.row.hook == nil && a.opt.Hook == nil && !slices.ContainsFunc(a.op.Steps[a.step:], calls)
}

// commitJournal writes the journal and commits. Without an answer, nobody knows whether it did.
func (a *attempt) commitJournal(c committer) error {
	sql, args := a.entries()
	a.flying = true
	if err := c.ExecCommit(a.ctx, sql, args...); err != nil {
		return fmt.Errorf("write the journal and commit: %w", err)
	}
	a.inTx, a.flying = false, false
	return nil
}
