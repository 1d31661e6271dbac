package draw

import (
	"math/rand/v2"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// Rotating is a history of transactions of 1 to 4 steps by 10 clients on a strictly serializable store, as Elle's own generator draws
// them: 10 keys at a time, each given up after 32 writes. Writes of registers read first.
type Rotating struct {
	Kind         history.Kind // Lists or Registers
	Transactions int
	Slip         int // of 1,000 reads, how many miss the last write
}

const clients, active, writes = 10, 10, 32

// Draw makes the history. A seed gives the same history always.
func (o Rotating) Draw(seed uint64) *history.Transactions {
	r := rand.New(rand.NewPCG(seed, 2))
	s := &slots{Rotating: o, r: r, t: &history.Transactions{First: []int32{0}}, next: active}
	for k := range s.keys {
		s.keys[k] = int32(k)
	}
	t := s.t
	event := int32(0)
	began := make([]int32, clients)
	for i := range began {
		began[i] = event
		event++
	}
	for range o.Transactions {
		client := r.IntN(clients)
		for range 1 + r.IntN(4) {
			s.step()
		}
		t.First = append(t.First, int32(len(t.Ops)))
		t.Outcome, t.Process = append(t.Outcome, harness.OK), append(t.Process, int32(client))
		t.Invoke, t.Complete = append(t.Invoke, began[client]), append(t.Complete, event)
		began[client] = event + 1
		event += 2
	}
	return t
}

// slots are the keys in use.
type slots struct {
	Rotating
	r     *rand.Rand
	t     *history.Transactions
	lists [active][]int32 // what was written
	keys  [active]int32
	next  int32
}

// step adds a read or a write of one key.
func (s *slots) step() {
	t, k := s.t, s.r.IntN(active)
	op := history.TxnOp{Kind: s.Kind, Key: s.keys[k], Write: s.r.IntN(2) == 0}
	seen := s.lists[k]
	if s.Slip > 0 && s.r.IntN(1000) < s.Slip && len(seen) > 0 {
		seen = seen[:len(seen)-1]
	}
	last := int32(history.Initial)
	if len(seen) > 0 {
		last = seen[len(seen)-1]
	}
	switch {
	case op.Write:
		if s.Kind == history.Registers {
			t.Ops = append(t.Ops, history.TxnOp{Kind: s.Kind, Key: op.Key, Value: last})
		}
		op.Value = int32(len(s.lists[k]))
	case s.Kind == history.Registers:
		op.Value = last
	default:
		op.Value, op.Len = int32(len(t.Elements)), int32(len(seen))
		t.Elements = append(t.Elements, seen...)
	}
	t.Ops = append(t.Ops, op)
	if !op.Write {
		return
	}
	if s.lists[k] = append(s.lists[k], op.Value); len(s.lists[k]) == writes {
		s.lists[k], s.keys[k] = nil, s.next
		s.next++
	}
}
