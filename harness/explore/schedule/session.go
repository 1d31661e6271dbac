package schedule

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// session is one of the schedule's. Its goroutine writes what the crew's reads once it is heard from.
type session struct {
	script store.Script
	hook   harness.Hook
	steps  []int    // of the schedule, those for this product
	played []Played // of steps
	// expires says of which steps the wait for a lock is to be timed out; goesOn: their transactions do then.
	expires []bool
	goesOn  bool
	now     int               // which of steps is announced, or under way
	seen    map[string]string // first values that labelled statements answered, as SQL has them
	inTx    bool
	wrote   bool // in the transaction
	failed  bool // the transaction was refused
	err     error
	fault   *atomic.Bool // some session's err is set: the others need not go on

	// Where the engine is in this process, the session's own clock ends a statement that does not end.
	limit   time.Duration
	clock   *time.Timer
	tooLong atomic.Bool
}

// announced is the script's hook, which is made before the crew. While it waits for its turn, the clock does not run.
func (m *session) announced(ctx context.Context, a harness.Action) error {
	if m.clock != nil {
		m.clock.Stop()
	}
	if err := m.hook(ctx, a); err != nil {
		if !errors.Is(err, harness.ErrExpired) {
			m.err = err
		}
		return err
	}
	if m.clock != nil {
		m.clock.Reset(m.limit)
	}
	return nil
}

// work runs the session's statements.
func (m *session) work(ctx context.Context, hook harness.Hook) {
	m.hook = hook
	for m.now = 0; m.now < len(m.steps); m.now++ {
		p := &m.played[m.now]
		sql, ok := m.next(fill(p.Step.SQL, m.seen))
		if !ok {
			continue
		}
		reply, err := m.run(ctx, sql)
		var refused *store.StatementError
		switch {
		case m.err == nil && m.tooLong.Load():
			m.err = errTooLong
		case m.err == nil && err != nil && !errors.As(err, &refused):
			m.err = err
		}
		if m.err != nil {
			m.fault.Store(true)
			return
		}
		p.SQL, p.LeftOut, p.Reply, p.Err = sql, false, reply, refused
		m.note(sql, refused)
		if p.Step.Label != "" && refused == nil && Answers(sql) {
			m.seen[p.Step.Label] = First(reply.Rows)
		}
		_ = hook(ctx, harness.Action{Point: harness.AtAnswer, Err: err}) // it answers nothing that matters
	}
}

// errTooLong is a session's error when its own clock ended its statement.
var errTooLong = errors.New("it took too long")

// run sends a statement.
func (m *session) run(ctx context.Context, sql string) (store.Reply, error) {
	if m.limit == 0 {
		return m.script.Run(ctx, sql)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m.clock = time.AfterFunc(time.Hour, func() { m.tooLong.Store(true); cancel() }) // the hook starts it
	defer m.clock.Stop()
	return m.script.Run(ctx, sql)
}

// next is what is sent for a statement; false: nothing is.
func (m *session) next(sql string) (string, bool) {
	switch {
	case !m.failed:
		return sent(sql), true
	case takesBack(sql):
		m.failed = false
		return sent(sql), true
	case ends(sql):
		return "ROLLBACK", true
	}
	return "", false
}

// note keeps track of the transaction.
func (m *session) note(sql string, refused *store.StatementError) {
	switch {
	case ends(sql):
		m.inTx, m.failed, m.wrote = false, false, false // a COMMIT that is refused ends the transaction as well
	case refused != nil && m.goesOn && m.expires[m.now] && refused.Conflict == harness.LockTimeout:
	case refused != nil:
		m.failed, m.wrote = m.inTx, false
	case begins(sql):
		m.inTx = true
	case !Answers(sql):
		m.wrote = m.inTx
	}
}

// step is the number of the step that is announced, or under way.
func (m *session) step() int { return m.steps[min(m.now, len(m.steps)-1)] }
