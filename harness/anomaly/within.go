package anomaly

import (
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness/history"
)

// within looks at each committed transaction by itself: does what it reads fit what it had read and written before?
func within(x *index) []*inferred {
	works := shared(x.t.Len(), func(in *inferred, from, to int) {
		for i := from; i < to; i++ {
			if steps := x.t.Steps(int32(i)); len(steps) > 1 && x.ok(int32(i)) {
				inside(in, x, int32(i), steps)
			}
		}
	})
	parts := make([]*inferred, len(works))
	for i := range works {
		parts[i] = &works[i]
	}
	return parts
}

// inside stops at a transaction's first contradiction of each kind.
func inside(in *inferred, x *index, txn int32, steps []history.TxnOp) {
	wrong, early := false, false
	for j := 1; j < len(steps); j++ {
		op := &steps[j]
		if op.Write && op.Kind != history.Registers && !early {
			early = future(in, x, txn, steps[:j], op)
		}
		if !op.Write && answered(op) && !wrong {
			wrong = contradicts(in, x, txn, steps[:j], op)
		}
	}
}

// answered reports whether it is known what a read found.
func answered(read *history.TxnOp) bool {
	return read.Len != history.NotRead && read.Value != history.NotRead
}

// future looks for a read that showed what the transaction was only going to write.
func future(in *inferred, x *index, txn int32, before []history.TxnOp, write *history.TxnOp) bool {
	for i := range before {
		op := &before[i]
		if op.Write && op.Key == write.Key && op.Value == write.Value {
			return false // it writes it again
		}
		if !op.Write && op.Key == write.Key && x.holds(op, write.Value) {
			in.add(FutureRead, func() string {
				return fmt.Sprintf("%s held %s in a read of %s, which wrote that only afterwards",
					subject(x.keyText(write.Key)), x.value(write.Value), x.name(txn))
			})
			return true
		}
	}
	return false
}

// holds reports whether a read found the value.
func (x *index) holds(read *history.TxnOp, value int32) bool {
	if read.Kind == history.Registers {
		return read.Value == value
	}
	return slices.Contains(x.t.List(read), value)
}

// contradicts looks for a read that does not show what the transaction knew of the key.
func contradicts(in *inferred, x *index, txn int32, before []history.TxnOp, read *history.TxnOp) bool {
	expected, exact, known := state(x.t, before, read.Key)
	if !known || fits(x.t, expected, exact, read) {
		return false
	}
	in.add(Internal, func() string {
		want := x.list(expected)
		if read.Kind == history.Registers {
			want = x.value(expected[0])
		} else if !exact {
			want += " at its end"
		}
		return fmt.Sprintf("%s was %s in a read of %s. By the transaction's own reads and writes before, it had to be %s",
			subject(x.keyText(read.Key)), x.found(read), x.name(txn), want)
	})
	return true
}

// state is what a transaction knows of a key by its steps so far: what a list or register holds, or, not exact, how it ends
// (of a set: some of what it holds). A list that was read as nil tells nothing, as with Elle; one that was read as
// empty is empty.
func state(t *history.Transactions, before []history.TxnOp, key int32) (values []int32, exact, known bool) {
	for i := len(before) - 1; i >= 0; i-- {
		op := &before[i]
		if op.Key != key || !op.Write && !answered(op) {
			continue
		}
		if op.Write {
			values, known = append(values, op.Value), true
			if op.Kind == history.Registers {
				return values, true, true
			}
			continue
		}
		if op.Kind == history.Registers {
			return []int32{op.Value}, true, true
		}
		if op.Value == history.Initial && op.Kind == history.Lists {
			exact = known
		} else {
			exact, known = true, true
		}
		list := t.List(op)
		for j := len(list) - 1; j >= 0; j-- {
			values = append(values, list[j])
		}
		break
	}
	slices.Reverse(values)
	return values, exact, known
}

// fits reports whether a read shows the state that was expected.
func fits(t *history.Transactions, expected []int32, exact bool, read *history.TxnOp) bool {
	got := t.List(read)
	switch read.Kind {
	case history.Registers:
		return read.Value == expected[0]
	case history.Lists:
		if exact {
			return slices.Equal(got, expected)
		}
		return len(got) >= len(expected) && slices.Equal(got[len(got)-len(expected):], expected)
	}
	for _, v := range expected {
		if !slices.Contains(got, v) {
			return false
		}
	}
	return !exact || len(got) == len(expected)
}
