package sqldb

import (
	"errors"
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// limit is requirements that rows do not meet, and why.
type limit struct {
	applies func(s *Strategy, iso promise.Isolation, inProcess bool) bool
	why     string
	unmet   []store.Requirement
}

// limits are what rows of SQL engines do not support, in the order in which they are told.
func limits() []limit {
	contents := func(s *Strategy, _ promise.Isolation, _ bool) bool { return s.Contents }
	noTransaction := func(s *Strategy, _ promise.Isolation, _ bool) bool { return s.Plan.Partial || s.OneStatement }
	return []limit{
		{
			contents, "lists, registers and rows have no fences, request ids or caches in front",
			[]store.Requirement{store.Fences, store.RequestKeys, store.OutsideReads, store.CommitPoint, store.ServiceCalls},
		},
		{
			func(s *Strategy, _ promise.Isolation, _ bool) bool { return s.Plan.Rows || s.OneStatement },
			"its writes are no plain UPDATEs of the cell, and carry no fence",
			[]store.Requirement{store.Fences},
		},
		{
			noTransaction, "it has no transaction in which a request id could be stored together with the effect",
			[]store.Requirement{store.RequestKeys},
		},
		{noTransaction, "it has no transaction, so there is no moment before its commit", []store.Requirement{store.CommitPoint}},
		{
			func(s *Strategy, _ promise.Isolation, _ bool) bool { return s.Plan.Cover == promise.Conditional },
			"it reads nothing before it writes, so there is no moment between",
			[]store.Requirement{store.CommitPoint, store.ReadGap},
		},
		{
			func(s *Strategy, _ promise.Isolation, _ bool) bool { return !s.looks() },
			"its reads are locked, or rows, or there are none: no cache and no replica can answer them",
			[]store.Requirement{store.OutsideReads},
		},
		{
			func(s *Strategy, iso promise.Isolation, _ bool) bool {
				return s.Plan.Cover == promise.LockedLate && iso.TxSnapshot
			},
			"what it shows is a snapshot older than the lock, and what is read elsewhere is of no snapshot",
			[]store.Requirement{store.OutsideReads},
		},
		{
			func(_ *Strategy, _ promise.Isolation, inProcess bool) bool { return inProcess },
			"it is in this process: there is no connection that could break",
			[]store.Requirement{store.Connections},
		},
		{
			contents, "what lists, registers and rows promise is the level's own, and knows nothing of what is around",
			[]store.Requirement{store.PromisedRow},
		},
		{
			func(s *Strategy, _ promise.Isolation, _ bool) bool { return s.Plan.Rows },
			"each unit is a row under its operation's id: that is an idempotency key already",
			[]store.Requirement{store.Repeatable},
		},
	}
}

// unable says why the strategy cannot have these things around it; empty: it can.
func (s *Server) unable(strategy *Strategy, spec *store.RowSpec) string {
	if strategy.SessionLocks && !s.direct() {
		return "its locks belong to a session, and behind a pooler (" + s.cfg.Info.Pooling + ") sessions outlive their clients: name the server itself in the DSN"
	}
	var unmet []store.Unmet
	for _, l := range limits() {
		if !l.applies(strategy, s.cfg.Isolation(spec.Level), s.cfg.InProcess) {
			continue
		}
		for _, r := range l.unmet {
			unmet = append(unmet, store.Unmet{Requirement: r, Why: l.why})
		}
	}
	if why := spec.Env.Lacks(unmet); why != "" {
		return why
	}
	return s.unset(spec.Env.Settings)
}

// looks reports whether the strategy reads cells without protection, at least at first.
func (s *Strategy) looks() bool {
	return !s.Plan.Rows && (s.Plan.Cover == promise.Plain || s.Plan.Cover == promise.LockedLate || s.Plan.Cover == promise.Compared)
}

// look reads cells without protection: from the session's Reader where it has one.
func (a *attempt) look(cells []harness.Cell) error {
	r := a.opt.Reader
	if r == nil || !a.row.strategy.looks() {
		return a.read(cells, plainRead)
	}
	for i, c := range cells {
		value, version, ok, err := r.Read(a.ctx, c)
		if err != nil {
			return fmt.Errorf("read %s: %w", a.row.start.CellName(c), err)
		}
		if ok {
			a.see(c, value, version)
			continue
		}
		if err := a.read(cells[i:i+1], plainRead); err != nil {
			return err
		}
		last := a.found[len(a.found)-1]
		r.Keep(c, last.Value, last.Version)
	}
	return nil
}

// requests is the table of request ids.
const requests = "requests"

// claimKey stores the operation's id before anything else in its transaction: a transaction that has stored it already, and may yet
// commit, is waited for.
func (a *attempt) claimKey() error {
	if !a.row.around.Keyed || a.op.ReadOnly() {
		return nil
	}
	_, err := a.conn.Exec(a.ctx, a.row.dialect.places("INSERT INTO "+a.row.names.of(requests)+" (id) VALUES (?)"), a.op.ID)
	if err != nil && a.row.dialect.Classify(err).Conflict == harness.VersionMiss {
		return &doneError{err}
	}
	return err
}

// doneError says that the operation's id is there already.
type doneError struct{ err error }

func (e *doneError) Error() string        { return harness.ErrDone.Error() + ": " + e.err.Error() }
func (e *doneError) Unwrap() error        { return e.err }
func (e *doneError) Is(target error) bool { return target == harness.ErrDone }

// raise takes note of the session's token for the operation's cells, in a transaction of its own: from here on, writes with lower
// tokens are refused, even if this attempt never comes to write.
func (a *attempt) raise() error {
	a.fence = 0
	if !a.row.around.Fenced || a.op.ReadOnly() {
		return nil
	}
	if a.opt.Fence == nil {
		return errors.New("the row is fenced, and the session has no token")
	}
	a.fence = a.opt.Fence()
	for _, c := range a.cells {
		g, id := a.row.group(c), int64(c-a.row.group(c).First)
		sql := a.row.dialect.places("UPDATE " + a.row.names.of(g.Table) + " SET fence = ? WHERE id = ? AND fence <= ?")
		done, err := a.conn.Exec(a.ctx, sql, a.fence, id, a.fence)
		if err != nil {
			return fmt.Errorf("raise the fence of %s: %w", a.row.start.CellName(c), err)
		}
		if done.Rows == 0 {
			return a.fencedOut(c)
		}
	}
	return nil
}

// fencedOff tells a write that a later holder's fence refused from one that its own condition did.
func (a *attempt) fencedOff(c harness.Cell) error {
	g, id := a.row.group(c), int64(c-a.row.group(c).First)
	got, err := a.conn.Query(a.ctx, a.row.dialect.places("SELECT fence FROM "+a.row.names.of(g.Table)+" WHERE id = ?"), id)
	if err != nil {
		return fmt.Errorf("read the fence of %s: %w", a.row.start.CellName(c), err)
	}
	if len(got) == 1 && got[0] > a.fence {
		return a.fencedOut(c)
	}
	return nil
}

func (a *attempt) fencedOut(c harness.Cell) error {
	return conflict(harness.VersionMiss, "%s: a later holder of the lock was here (fence)", a.row.start.CellName(c))
}
