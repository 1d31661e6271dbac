package check

import (
	"encoding/binary"
	"strings"

	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/linear"
)

// judgeMultiRegister demands that transactions over registers are linearizable: each reads and writes its registers at one moment
// between its beginning and its end. The rule is that of Knossos's model multi-register, but for a nil that was read: there it is always
// right, here it is what a register holds at first.
func judgeMultiRegister(r *recording) error {
	ops, err := r.pair()
	if err != nil {
		return err
	}
	m := newMultiRegister(r)
	for i := range ops {
		if err := m.add(&ops[i], int32(i)); err != nil {
			return err
		}
	}
	m.machine.states[0] = string(make([]byte, perRegister*len(m.keys)))
	m.machine.numbers = map[string]int64{m.machine.states[0]: 0}
	m.drop(func(op *linear.Op, i int32) bool { return op.Return == linear.Forever && !m.anySeen(ops[i].invoke) })
	r.judgeLinear("multi-register", ops, []*object{&m.object})
	return nil
}

// multiRegister is registers as one object, whose state is the number of each register's value.
type multiRegister struct {
	r *recording
	object
	keys map[any]int     // by key: the place in the state
	seen map[access]bool // what acknowledged transactions read
}

func newMultiRegister(r *recording) *multiRegister {
	m := &multiRegister{r: r, keys: map[any]int{}, seen: map[access]bool{}}
	m.values, m.numbers = []any{r.opt.Initial}, map[any]int64{asKey(r.opt.Initial): 0}
	m.machine = newMachine("")
	m.Step = m.machine.step
	return m
}

// perRegister is how many bytes a register has in the state.
const perRegister = 4

// access is a read or write of one register within a transaction.
type access struct {
	key   int
	value int64
}

// step of a transaction.
type txnStep struct {
	access
	write bool
}

// add takes a transaction over. What is unknown read nobody knows what.
func (m *multiRegister) add(op *operation, source int32) error {
	if op.outcome == history.Fail {
		return nil
	}
	steps, err := m.steps(m.r.said(op), op.outcome == history.OK)
	if err != nil || len(steps) == 0 {
		return err
	}
	l := linear.Op{Kind: linear.Apply, Call: int64(op.invoke), Return: linear.Forever}
	if op.outcome == history.OK {
		l.Return = int64(op.complete)
		for _, s := range steps {
			m.seen[s.access] = m.seen[s.access] || !s.write
		}
	}
	var name strings.Builder
	for _, s := range steps {
		var b [17]byte
		binary.LittleEndian.PutUint64(b[:], uint64(s.key))
		binary.LittleEndian.PutUint64(b[8:], uint64(s.value))
		if s.write {
			b[16] = 1
		}
		name.Write(b[:])
	}
	l.Value = m.machine.effect(name.String(), func(state string) (string, bool) { return transact(steps, state) })
	m.Ops, m.source = append(m.Ops, l), append(m.source, source)
	return nil
}

// steps are those of a transaction; of one of unknown outcome its writes.
func (m *multiRegister) steps(e *history.Event, known bool) ([]txnStep, error) {
	list, ok := e.Value.([]any)
	if !ok {
		if known {
			return nil, m.shape(e)
		}
		return nil, nil // it was to read everything, which needs no list
	}
	var steps []txnStep
	for _, v := range list {
		op, ok := v.([]any)
		if !ok || len(op) < 2 || len(op) > 3 {
			return nil, m.shape(e)
		}
		var value any
		if len(op) == 3 {
			value = op[2]
		}
		verb := strings.Trim(show(op[0]), `:"`)
		switch write := verb == "w" || verb == "write"; {
		case !write && verb != "r" && verb != "read":
			return nil, m.shape(e)
		case write || known:
			key, again := m.keys[asKey(op[1])]
			if !again {
				key = len(m.keys)
				m.keys[asKey(op[1])] = key
			}
			steps = append(steps, txnStep{access{key, m.number(value)}, write})
		}
	}
	return steps, nil
}

func (m *multiRegister) shape(e *history.Event) error {
	return shapeError(e, "expected a transaction like [[:read key value] [:write key value] …], found %s", explainValue(e.Value))
}

// anySeen reports whether somebody read what an unknown transaction wrote. If not, it may as well not have happened.
func (m *multiRegister) anySeen(invoke int32) bool {
	steps, _ := m.steps(&m.r.events[invoke], false) // it was read before
	for _, s := range steps {
		if m.seen[s.access] {
			return true
		}
	}
	return false
}

// transact lets a transaction happen.
func transact(steps []txnStep, state string) (string, bool) {
	held := []byte(state)
	for _, s := range steps {
		at := held[perRegister*s.key:]
		switch {
		case s.write:
			binary.LittleEndian.PutUint32(at, uint32(s.value))
		case binary.LittleEndian.Uint32(at) != uint32(s.value):
			return "", false
		}
	}
	return string(held), true
}

// independentTxns is independent for transactions, which may consist of two steps and still have no key.
func (r *recording) independentTxns() bool {
	if !r.independent() {
		return false
	}
	for i := range r.events {
		e := &r.events[i]
		if e.Type != history.Invoke {
			continue
		}
		key, _, _ := tuple(e.Value)
		if _, step := key.([]any); step {
			return false
		}
	}
	return true
}
