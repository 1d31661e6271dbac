package sqldbtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// Errors has each statement of each strategy fail, in turn, with each of the engine's errors. What the client is told follows from what was
// sent before: a COMMIT, or a write that commits by itself, whose answer is lost leaves it not knowing; so does every error after such a
// write. A constraint refuses, a conflict allows another attempt, anything else fails. However it ends, a transaction that was begun
// is committed, rolled back or gone with its connection.
func Errors(t *testing.T, e *Engine) {
	t.Helper()
	failures := maps.Clone(e.Errors)
	failures["out of time"] = fmt.Errorf("wait for the answer: %w", context.DeadlineExceeded)
	for _, strategy := range sqldb.Strategies() {
		t.Run(strategy.Name, func(t *testing.T) {
			for _, o := range operations() {
				whole := e.attempt(t, strategy.Name, &o, allowing())
				for i := range whole.log {
					for _, kind := range slices.Sorted(maps.Keys(failures)) {
						e.fail(t, strategy.Name, &o, whole.log, i, kind, failures[kind])
					}
				}
			}
		})
	}
}

// fail has the i-th statement fail, and checks what comes of it.
func (e *Engine) fail(t *testing.T, strategy string, o *operation, whole []statement, i int, kind string, err error) {
	t.Helper()
	s := allowing()
	s.failAt, s.err = i, err
	at := e.attempt(t, strategy, o, s)
	what := fmt.Sprintf("%s: %q fails: %s", o.name, &whole[i], kind)
	want := e.expected(o, whole, i, err)
	if at.result.Outcome != want.Outcome || at.result.Conflict != want.Conflict {
		t.Errorf("%s: %s, conflict %s (%v); want %s, conflict %s", what, at.result.Outcome, at.result.Conflict, at.result.Err, want.Outcome, want.Conflict)
	}
	if at.result.Outcome != harness.OK && at.result.Outcome != harness.Rejected && !errors.Is(at.result.Err, err) {
		t.Errorf("%s: the client is told %v", what, at.result.Err)
	}
	e.closed(t, what, &at)

	// The ROLLBACK may fail as well: then the connection goes, and what the client knows stays.
	if !slices.ContainsFunc(at.log, func(s statement) bool { return s.sql == "ROLLBACK" }) {
		return
	}
	s.fails = func(sql string) error {
		if sql == "ROLLBACK" {
			return err
		}
		return nil
	}
	worse := e.attempt(t, strategy, o, s)
	if worse.result.Outcome != at.result.Outcome || worse.result.Conflict != at.result.Conflict {
		t.Errorf("%s, and the ROLLBACK too: %s, conflict %s", what, worse.result.Outcome, worse.result.Conflict)
	}
	e.closed(t, what+", and the ROLLBACK too", &worse)
}

// expected is what the client may claim to know after the i-th statement of a whole attempt has failed.
func (e *Engine) expected(o *operation, whole []statement, i int, err error) harness.Result {
	class := e.class(err)
	inside, committed := false, 0
	for j := range whole[:i] {
		switch {
		case e.begins(&whole[j]):
			inside = true
		case whole[j].sql == "COMMIT":
			inside, committed = false, committed+1
		case whole[j].writes() && !inside && !raisesFence(&whole[j]):
			committed++
		}
	}
	sent := &whole[i]
	out := sent.sql == "COMMIT" || sent.writes() && !inside && !raisesFence(sent)
	switch {
	case sent.is(e.Dialect.AdvisoryUnlock):
		return harness.Result{Outcome: harness.OK}
	case out && class.Lost && !o.op.ReadOnly(), committed > 0:
		return harness.Result{Outcome: harness.Unknown}
	case class.Rejected:
		return harness.Result{Outcome: harness.Rejected}
	}
	return harness.Result{Outcome: harness.Failed, Conflict: class.Conflict}
}

// raisesFence: the statement stores the token of a lock's holder. It commits by itself, and is no part of the operation.
func raisesFence(s *statement) bool { return strings.Contains(s.sql, " SET fence = ") }

func (e *Engine) class(err error) sqldb.Class {
	if errors.Is(err, context.DeadlineExceeded) {
		return sqldb.Class{Lost: true}
	}
	return e.Dialect.Classify(err)
}

func (e *Engine) begins(s *statement) bool {
	return s.sql == e.Dialect.Begin || s.sql == e.Dialect.BeginLock
}

// closed checks that an attempt left nothing behind on its connection: each transaction is ended, and locks are released after it,
// unless the connection itself has ended. Nothing is sent between transactions that belongs into one, and nothing after the end.
func (e *Engine) closed(t *testing.T, what string, a *attempted) {
	t.Helper()
	inside, locked := false, false
	for i := range a.log {
		s := &a.log[i]
		switch {
		case e.begins(s):
			if inside {
				t.Errorf("%s: a transaction begins inside another:\n%s", what, a)
			}
			inside = !s.failed
		case s.sql == "COMMIT", s.sql == "ROLLBACK":
			if !inside {
				t.Errorf("%s: %s without a transaction:\n%s", what, s.sql, a)
			}
			inside = s.failed
		case s.is(e.Dialect.AdvisoryLock):
			locked = true
		case s.is(e.Dialect.AdvisoryUnlock):
			if inside {
				t.Errorf("%s: the lock is released before the transaction has ended:\n%s", what, a)
			}
			locked = s.failed
		}
	}
	if (inside || locked) && !a.conn.Dead() {
		t.Errorf("%s: in a transaction: %v, locked: %v, and the connection lives:\n%s", what, inside, locked, a)
	}
}

// String is what was sent, a line each.
func (a *attempted) String() string {
	s := ""
	for i := range a.log {
		s += fmt.Sprintf("    %s\n", &a.log[i])
	}
	return s
}
