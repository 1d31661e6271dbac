package anomaly

import (
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness/history"
)

// showed is the value whose write a read proves: what a register held, the last element of a list. Of a set it is none of
// them in particular.
func (x *index) showed(op *history.TxnOp) (int32, bool) {
	if op.Kind == history.Registers {
		return op.Value, op.Value >= 0
	}
	list := x.t.List(op)
	if len(list) == 0 {
		return 0, false
	}
	return list[len(list)-1], true
}

func (x *index) wrote(txn, key, value int32) bool {
	return slices.ContainsFunc(x.t.Steps(txn), func(op history.TxnOp) bool { return op.Write && op.Key == key && op.Value == value })
}

// inserted is an element of the set that a read found and the transaction inserted.
func (x *index) inserted(txn int32, read *history.TxnOp) (int32, bool) {
	for _, v := range x.t.List(read) {
		if x.wrote(txn, read.Key, v) {
			return v, true
		}
	}
	return 0, false
}

// missed reports whether the transaction read the whole range without finding what was inserted.
func (x *index) missed(txn int32, insert *history.TxnOp) bool {
	return slices.ContainsFunc(x.t.Steps(txn), func(op history.TxnOp) bool {
		return !op.Write && op.Key == insert.Key && !slices.Contains(x.t.List(&op), insert.Value)
	})
}

// read reports whether the transaction found the key as it was after value was written (Initial: before any).
func (x *index) read(txn, key, value int32) bool {
	return slices.ContainsFunc(x.t.Steps(txn), func(op history.TxnOp) bool {
		if op.Write || op.Key != key || op.Len == history.NotRead {
			return false
		}
		if op.Kind == history.Registers {
			return op.Value == value
		}
		v, ok := x.showed(&op)
		return ok && v == value || !ok && value == history.Initial
	})
}

// overwrote says how a write of transaction to, on key k, came after what transaction from wrote or read; empty if it is
// not this write that did.
func (x *index) overwrote(k, from, to int32, write *history.TxnOp, kind edgeKind, a, b string) string {
	key := x.keyText(write.Key)
	for _, before := range x.before(k, to, write) {
		switch {
		case kind&(ww|wwx) != 0 && before != history.Initial && x.wrote(from, write.Key, before):
			return fmt.Sprintf("%s wrote %s to %s, then %s wrote %s upon it", a, x.value(before), key, b, x.value(write.Value))
		case kind == rw && x.read(from, write.Key, before):
			if before == history.Initial {
				return fmt.Sprintf("%s read %s before anything was in it, and %s wrote %s to it: %s did not see that",
					a, key, b, x.value(write.Value), a)
			}
			return fmt.Sprintf("%s read %s as of %s, and %s wrote %s upon that: %s did not see it",
				a, key, x.value(before), b, x.value(write.Value), a)
		}
	}
	return ""
}

// before are the versions of key k of which it is known that the write came next, or later: in a list the one before it, of
// a register what its transaction had read, and always the initial one.
func (x *index) before(k, txn int32, write *history.TxnOp) []int32 {
	if write.Kind == history.Registers {
		found := []int32{history.Initial}
		for _, op := range x.t.Steps(txn) {
			if op.Key == write.Key && !op.Write {
				found = append(found, op.Value)
			}
			if op.Key == write.Key && op.Write {
				break
			}
		}
		return found
	}
	longest := x.longest(x.of(k))
	i := slices.Index(longest, write.Value)
	switch {
	case i > 0:
		return []int32{longest[i-1]}
	case i < 0 && len(longest) > 0:
		return []int32{longest[len(longest)-1]}
	}
	return []int32{history.Initial}
}
