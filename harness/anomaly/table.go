package anomaly

import "math/bits"

// table finds a key's values: an open hash table that is emptied in no time, so that one serves for all keys.
type table struct {
	slots []slot
	shift uint8
	round uint32
	n     int
}

// slot is what is known of one value of a key.
type slot struct {
	value int32
	step  int32 // the write; -1: nobody wrote it
	at    int32 // its place in the version order, from 0; -1: not observed
	seen  int32 // scratch: the last read that held it
	other int32 // another write of the same value; -1: there is none
	round uint32

	both bool // the write and the other one may both have happened

	intermediate bool // the same transaction wrote the key again
}

// reset empties the table, and makes room for n values.
func (t *table) reset(n int) {
	size := 1 << bits.Len(uint(2*n+7))
	if size > len(t.slots) {
		t.slots, t.round = make([]slot, size), 0
		t.shift = uint8(64 - bits.Len(uint(size-1)))
	}
	t.n = 0
	t.round++
	if t.round == 0 {
		clear(t.slots)
		t.round = 1
	}
}

// get is the value's slot, or nil.
func (t *table) get(value int32) *slot {
	mask := len(t.slots) - 1
	for i := t.hash(value); ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.round != t.round {
			return nil
		}
		if s.value == value {
			return s
		}
	}
}

// put is the value's slot, a new one if need be. The table must have room for it.
func (t *table) put(value int32) (s *slot, isNew bool) {
	mask := len(t.slots) - 1
	for i := t.hash(value); ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.round != t.round {
			*s = slot{value: value, step: -1, at: -1, seen: -1, other: -1, round: t.round}
			t.n++
			return s, true
		}
		if s.value == value {
			return s, false
		}
	}
}

func (t *table) hash(value int32) int {
	return int(uint64(uint32(value)) * 0x9e3779b97f4a7c15 >> t.shift)
}

// enter notes that a step wrote its value, and reports whether another one did so before. Of several one counts that may have happened.
func (x *index) enter(t *table, s int32) (again bool) {
	e, isNew := t.put(x.t.Ops[s].Value)
	switch {
	case isNew:
		e.step = s
	case !x.possible(x.txnOf[e.step]):
		e.step, e.other = s, e.step
	case x.possible(x.txnOf[s]):
		e.other, e.both = s, true
	case !e.both:
		e.other = s
	}
	return !isNew
}
