package anomaly

import (
	"fmt"

	"github.com/lastseat/lastseat/harness/history"
)

// sets infers from a history of inserts into ranges and reads of whole ranges. A read follows the inserts that it shows; an
// insert that it does not show came after it: it had asked for every row of the range, so that edge is a predicate's.
func sets(x *index) []*inferred {
	return perKey(x, history.Sets, func(w *setWork) { w.x = x })
}

type setWork struct {
	inferred
	x     *index
	table table
}

func (w *setWork) key(k int32) {
	t := w.x.t
	steps := w.x.of(k)
	w.table.reset(len(steps))
	var inserts []int32
	for _, s := range steps {
		op := &t.Ops[s]
		if !op.Write {
			continue
		}
		w.x.enter(&w.table, s)
		inserts = append(inserts, s)
	}
	reads := int32(0)
	for _, s := range steps {
		op, txn := &t.Ops[s], w.x.txnOf[s]
		if !op.Write && op.Len != history.NotRead && w.x.ok(txn) {
			w.read(k, txn, op, inserts, reads)
			reads++
		}
	}
}

// read relates a read to all of the range's inserts; number counts the range's reads.
func (w *setWork) read(k, txn int32, op *history.TxnOp, inserts []int32, number int32) {
	for _, v := range w.x.t.List(op) {
		e := w.table.get(v)
		if e == nil {
			w.add(GarbageRead, func() string {
				return fmt.Sprintf("%s held %s in the read of %s. Nobody ever inserted that", w.x.subject(k), w.x.value(v), w.x.name(txn))
			})
			continue
		}
		if e.both || e.other >= 0 && e.seen == number && w.x.possible(w.x.txnOf[e.step]) {
			w.unjudgeable = fmt.Sprintf("%s was inserted into %s twice, by %s and by %s, and it is not known which insert the read of %s shows",
				w.x.value(v), w.x.keyName(k), w.x.name(w.x.txnOf[e.step]), w.x.name(w.x.txnOf[e.other]), w.x.name(txn))
			return
		}
		if e.seen == number && e.other < 0 {
			w.add(DuplicateElements, func() string {
				return fmt.Sprintf("%s held %s twice in the read of %s. It was inserted once", w.x.subject(k), w.x.value(v), w.x.name(txn))
			})
		}
		e.seen = number
		writer := w.x.txnOf[e.step]
		if !w.x.possible(writer) {
			w.add(G1a, func() string {
				return fmt.Sprintf("%s held %s in the read of %s. %s inserted that and took it back", w.x.subject(k), w.x.value(v), w.x.name(txn), w.x.name(writer))
			})
			continue
		}
		w.edge(writer, txn, wr)
	}
	for _, s := range inserts {
		writer := w.x.txnOf[s]
		if w.x.possible(writer) && w.table.get(w.x.t.Ops[s].Value).seen != number {
			w.edge(txn, writer, rwp)
		}
	}
}
