package explore

import (
	"context"
	"iter"

	"github.com/lastseat/lastseat/harness"
)

// state is where a client is.
type state uint8

const (
	idle    state = iota // between schedules
	running              // it acts, or has not said yet that it is blocked
	ready                // it has announced its next action
	blocked              // it waits for a lock
	done                 // its work is done
)

type client struct {
	crew  *Crew
	index int
	work  Work
	begin chan context.Context
	turn  chan error // an answer to what it announced

	// Of a coroutine, instead: resume has it go on with the context or the answer, until it has said something; yield is its own, where it waits.
	resume func()
	end    func()
	yield  func() bool
	ctx    context.Context
	answer error

	// Written by the client while it acts, read by the crew when it has said something and waits.
	says   state
	next   Step
	action harness.Action
	begins string
	inTx   bool
	read   bool // its transaction has done something
	got    []int64
	err    error // of its last action

	// The crew's own.
	state  state
	doing  int  // its turn, an index of crew.turns; -1: it had none
	holds  bool // it is in a transaction that has done more than read, and may hold locks
	freed  bool // its last action ended such a transaction
	failed bool // its last action was refused

	first, last int // its first turn, and the one at whose end it was done
}

// loop does the client's work once a schedule.
func (m *client) loop() {
	for ctx := range m.begin {
		m.work(ctx, m.hook)
		m.says = done
		m.crew.events <- m.index
	}
	m.crew.events <- m.index
}

// coroutine makes the client one: it does its work once a schedule, and passes control from hand to hand with the crew.
func (m *client) coroutine() {
	next, stop := iter.Pull(func(yield func(struct{}) bool) {
		m.yield = func() bool { return yield(struct{}{}) }
		for m.yield() {
			m.work(m.ctx, m.hook)
			m.says = done
		}
	})
	next() // to where its first schedule begins
	m.resume, m.end = func() { _, _ = next() }, stop
}

// start has the client begin its work. It says so when it has come to its first action.
func (m *client) start(ctx context.Context) {
	if m.resume == nil {
		m.begin <- ctx
		return
	}
	m.ctx = ctx
	m.resume()
	m.crew.events <- m.index
}

// goOn answers what the client announced. It says so when it has come to the next.
func (m *client) goOn(answer error) {
	if m.resume == nil {
		m.turn <- answer
		return
	}
	m.answer = answer
	m.resume()
	m.crew.events <- m.index
}

// close ends the client.
func (m *client) close() {
	if m.resume != nil {
		m.end()
		return
	}
	close(m.begin)
	<-m.crew.events
}

// hook is where the client waits for its turn.
func (m *client) hook(_ context.Context, a harness.Action) error {
	switch a.Point {
	case harness.AtBegin:
		m.inTx, m.read, m.begins = true, false, a.SQL
		return nil
	case harness.AtAnswer:
		m.answered(&a)
		return nil
	case harness.AtBlocked:
		return m.say(blocked)
	case harness.AtRollback, harness.AtUnlock:
		if m.crew.letting.Load() {
			return nil
		}
	}
	m.action = a
	m.next = Step{Point: a.Point, Table: a.Table, Cells: cellBits(a.Cells), Row: Row{a.Key, a.Values}}
	switch a.Point {
	case harness.AtCommit, harness.AtRollback, harness.AtUnlock:
		m.next.Ends = true
		m.next.Over = m.crew.traits.Aborts && m.err != nil && a.Point == harness.AtRollback
	default:
		m.next.Ends = !m.inTx && a.Point != harness.AtRead && m.next.Cells != 0
		m.next.Alone = m.next.Ends
		m.next.Fresh = !m.inTx || !m.read || !m.crew.traits.TxSnapshot
	}
	err := m.say(ready)
	m.read = true
	if m.next.Ends {
		m.inTx = false
	}
	return err
}

// say tells the crew, and waits for its answer.
func (m *client) say(s state) error {
	m.says = s
	if m.yield != nil {
		m.yield()
		return m.answer
	}
	m.crew.events <- m.index
	return <-m.turn
}

// letGo is the answer to what the client announced when its schedule is given up: it ends, but for a transaction that it is about to take back.
func (m *client) letGo() error {
	if m.state == ready && (m.next.Point == harness.AtRollback || m.next.Point == harness.AtUnlock) {
		return nil
	}
	return errLetGo
}

// answered notes how the client's last action ended.
func (m *client) answered(a *harness.Action) {
	m.got, m.err = append(m.got[:0], a.Got...), a.Err
}
