package history

import "slices"

// readLast is the longest of the lists that a key was read as, of those that fold has met.
type readLast struct{ key, value, len int32 }

// fold has reads of a key that show the beginning of another's list share its elements: most of what a history of lists consists of are lists that
// grow. It looks from the end, where the longest are.
func (r *txnReader) fold() {
	if !r.may[Lists] {
		return
	}
	const keys = 1 << 10
	var met [keys]readLast
	ops, all, kept := r.out.Ops, r.out.Elements, r.spare[:0]
	for i := len(ops) - 1; i >= 0; i-- {
		op := &ops[i]
		if op.Write || op.Kind != Lists || op.Len == NotRead || op.Value == Initial {
			continue
		}
		list, last := all[op.Value:op.Value+op.Len], &met[uint32(op.Key)%keys]
		if last.key == op.Key && last.len >= op.Len && slices.Equal(list, kept[last.value:last.value+op.Len]) {
			op.Value = last.value
			continue
		}
		op.Value = int32(len(kept))
		kept = append(kept, list...)
		if last.key != op.Key || last.len < op.Len {
			*last = readLast{op.Key, op.Value, op.Len}
		}
	}
	r.out.Elements, r.spare = kept, all
}
