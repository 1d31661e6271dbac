package anomaly

import (
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness/history"
)

// lists infers from a history of appends to lists. The longest read of a key is the order of its versions: every other read
// must be a prefix of it, and each says after which append it came. A read that is none, or that shows an element twice, proves
// no order: what is wrong with it is all that it says. An append that nobody observed came after all that were. Each value that is
// read was appended to a key once, by those that may have happened.
func lists(x *index) []*inferred {
	return perKey(x, history.Lists, func(w *listWork) { w.x = x })
}

// listWork looks at one key after the other.
type listWork struct {
	inferred
	x     *index
	table table

	k       int32
	longest []int32
	order   []int32 // the versions: longest up to its first repetition
	repeats bool    // there is one: what came after order is not known then
	writers []int32 // by place in order: the transaction that may have appended it, or -1
	failed  int     // the first place in order that a failed transaction appended
	last    []int32 // transactions that read the last version
	unseen  []int32 // transactions with an append that nobody observed
	updated []int32 // by length: the transaction that read this version and wrote the key, plus 1
}

func (w *listWork) key(k int32) {
	w.k = k
	steps := w.x.of(k)
	if !w.versions(steps) {
		return
	}
	w.writes(steps)
	w.last = w.last[:0]
	reads := int32(0)
	for _, s := range steps {
		op := &w.x.t.Ops[s]
		if txn := w.x.txnOf[s]; !op.Write && op.Len != history.NotRead && w.x.ok(txn) {
			w.read(txn, op, reads)
			reads++
		}
	}
	if len(w.unseen) > 0 && len(w.last) > 0 {
		w.join(compact(&w.last), w.unseen, rw)
	}
	w.dirty()
	w.reordered(steps)
	w.lost(steps)
}

// compact sorts and removes repetitions in place.
func compact(txns *[]int32) []int32 {
	slices.Sort(*txns)
	*txns = slices.Compact(*txns)
	return *txns
}

// versions finds the key's version order and who wrote what. It reports false if the history cannot be judged.
func (w *listWork) versions(steps []int32) bool {
	t := w.x.t
	w.longest = w.x.longest(steps)
	appends := 0
	for _, s := range steps {
		if t.Ops[s].Write {
			appends++
		}
	}
	w.table.reset(appends + len(w.longest))
	previous, only, possible, doubled := int32(-1), int32(-1), 0, false
	for _, s := range steps {
		if !t.Ops[s].Write {
			continue
		}
		doubled = w.x.enter(&w.table, s) || doubled
		if previous >= 0 && w.x.txnOf[previous] == w.x.txnOf[s] {
			if e := w.table.get(t.Ops[previous].Value); e.step == previous {
				e.intermediate = true
			}
		}
		previous = s
		if w.x.possible(w.x.txnOf[s]) {
			only = s
			possible++
		}
	}
	if doubled && w.ambiguous(steps) {
		return false
	}
	w.order, w.repeats = w.order[:0], false
	if len(w.longest) == 0 && possible == 1 {
		w.order = append(w.order, t.Ops[only].Value)
		w.table.get(t.Ops[only].Value).at = 0
	}
	for _, v := range w.longest {
		e, _ := w.table.put(v)
		if w.repeats = e.at >= 0; w.repeats {
			break
		}
		e.at = int32(len(w.order))
		w.order = append(w.order, v)
	}
	return true
}

// ambiguous reports whether a read shows an element of which it is not known which append it shows: several that may have happened, or
// of one that did and one that failed both.
func (w *listWork) ambiguous(steps []int32) bool {
	for i, s := range steps {
		op := &w.x.t.Ops[s]
		if op.Write || !w.x.ok(w.x.txnOf[s]) {
			continue
		}
		read := -2 - int32(i) // reads are counted from 0 later on
		for _, v := range w.x.t.List(op) {
			e := w.table.get(v)
			if e == nil || e.other < 0 {
				continue
			}
			if e.both || e.seen == read && w.x.possible(w.x.txnOf[e.step]) {
				w.unjudgeable = fmt.Sprintf("%s was appended to %s twice, by %s and by %s, and it is not known which append the read of %s shows",
					w.x.value(v), w.x.keyName(w.k), w.x.name(w.x.txnOf[e.step]), w.x.name(w.x.txnOf[e.other]), w.x.name(w.x.txnOf[s]))
				return true
			}
			e.seen = read
		}
	}
	return false
}

// writes relates each append to the one before it.
func (w *listWork) writes(steps []int32) {
	t := w.x.t
	w.writers, w.failed = w.writers[:0], len(w.order)
	for i, v := range w.order {
		e := w.table.get(v)
		txn := int32(-1)
		switch {
		case e.step < 0:
		case w.x.possible(w.x.txnOf[e.step]):
			txn = w.x.txnOf[e.step]
		default:
			w.failed = min(w.failed, i)
		}
		if i > 0 && txn >= 0 && w.writers[i-1] >= 0 {
			w.edge(w.writers[i-1], txn, ww)
		}
		w.writers = append(w.writers, txn)
	}
	w.unseen = w.unseen[:0]
	if w.repeats {
		return
	}
	for i, s := range steps {
		op, txn := &t.Ops[s], w.x.txnOf[s]
		if !op.Write || !w.x.possible(txn) || w.observed(op) || w.observedLater(txn, steps[i+1:]) {
			continue
		}
		if n := len(w.writers); n > 0 && w.writers[n-1] >= 0 {
			kind := ww
			if !w.x.ok(txn) {
				kind = wwx
			}
			w.edge(w.writers[n-1], txn, kind)
		}
		if len(w.unseen) == 0 || w.unseen[len(w.unseen)-1] != txn {
			w.unseen = append(w.unseen, txn)
		}
	}
}

// observed reports whether the version that the append made was read.
func (w *listWork) observed(op *history.TxnOp) bool { return w.table.get(op.Value).at >= 0 }

// observedLater reports whether a later append of the transaction was read, and so this one was lost, or came before it.
func (w *listWork) observedLater(txn int32, steps []int32) bool {
	for _, s := range steps {
		if w.x.txnOf[s] != txn {
			return false
		}
		if op := &w.x.t.Ops[s]; op.Write && w.observed(op) {
			return true
		}
	}
	return false
}

// read relates a read to the append that it shows last, and to the one that it does not show any more, if it is of a known order. number
// counts the key's reads.
func (w *listWork) read(txn int32, op *history.TxnOp, number int32) {
	list := w.x.t.List(op)
	next := len(list)
	if !w.isVersion(list) {
		w.strange(txn, list, number)
		return
	}
	if next > w.failed {
		w.aborted(txn, list)
	}
	if next > 0 {
		w.unfinished(txn, list)
		if writer := w.writers[next-1]; writer >= 0 {
			w.edge(writer, txn, wr)
		}
	}
	switch {
	case next < len(w.writers):
		if w.writers[next] >= 0 {
			w.edge(txn, w.writers[next], rw)
		}
	case !w.repeats:
		w.last = append(w.last, txn)
	}
}

// isVersion reports whether a read shows a beginning of the known order.
func (w *listWork) isVersion(list []int32) bool {
	return len(list) <= len(w.order) && slices.Equal(list, w.order[:len(list)])
}

// unfinished looks for a read that ends with an append of another transaction and shows not all that this one went on to append.
func (w *listWork) unfinished(txn int32, list []int32) {
	last := list[len(list)-1]
	e := w.table.get(last)
	if e == nil || e.step < 0 || !e.intermediate || w.x.txnOf[e.step] == txn {
		return
	}
	t, writer := w.x.t, w.x.txnOf[e.step]
	for _, op := range t.Ops[e.step+1 : t.First[writer+1]] {
		if op.Write && op.Key == w.x.keys[w.k] && !slices.Contains(list, op.Value) {
			w.add(G1b, func() string {
				return fmt.Sprintf("%s ended with %s in the read of %s. %s appended that and went on to append more: the read saw a transaction's middle",
					w.x.subject(w.k), w.x.value(last), w.x.name(txn), w.x.name(writer))
			})
			return
		}
	}
}

// strange looks at a read that is no prefix of the longest one, or that shows an element twice. What it says of appends counts, whatever
// their order.
func (w *listWork) strange(txn int32, list []int32, number int32) {
	if len(list) > len(w.longest) || !slices.Equal(list, w.longest[:len(list)]) {
		w.add(IncompatibleOrder, func() string {
			return fmt.Sprintf("%s was read as %s by %s, and elsewhere as %s. The first is no beginning of the second",
				w.x.subject(w.k), w.x.list(list), w.x.name(txn), w.x.list(w.longest))
		})
	}
	w.garbage(txn, list)
	w.repeated(txn, list, number)
	w.aborted(txn, list)
	w.unfinished(txn, list)
}

// garbage looks in a read that the version order does not hold for an element that nobody appended.
func (w *listWork) garbage(txn int32, list []int32) {
	for _, v := range list {
		if e := w.table.get(v); e == nil {
			w.add(GarbageRead, func() string {
				return fmt.Sprintf("%s held %s in the read of %s. Nobody ever appended that", w.x.subject(w.k), w.x.value(v), w.x.name(txn))
			})
			return
		}
	}
}

// repeated looks for an element that a read shows twice.
func (w *listWork) repeated(txn int32, list []int32, number int32) {
	var unknown map[int32]bool // values that nobody wrote, in a read that is no prefix
	for _, v := range list {
		var again bool
		if e := w.table.get(v); e != nil {
			again, e.seen = e.seen == number && e.other < 0, number
		} else {
			if unknown == nil {
				unknown = map[int32]bool{}
			}
			again, unknown[v] = unknown[v], true
		}
		if again {
			w.add(DuplicateElements, func() string {
				return fmt.Sprintf("%s held %s twice in the read of %s: %s. It was appended once",
					w.x.subject(w.k), w.x.value(v), w.x.name(txn), w.x.list(list))
			})
			return
		}
	}
}

// aborted looks for elements that a failed transaction appended, or nobody.
func (w *listWork) aborted(txn int32, list []int32) {
	for _, v := range list {
		e := w.table.get(v)
		if e != nil && e.step >= 0 && !w.x.possible(w.x.txnOf[e.step]) {
			w.add(G1a, func() string {
				return fmt.Sprintf("%s held %s in the read of %s. %s appended that and took it back",
					w.x.subject(w.k), w.x.value(v), w.x.name(txn), w.x.name(w.x.txnOf[e.step]))
			})
			return
		}
	}
}

// dirty looks for committed appends on top of failed ones, and for elements that nobody appended.
func (w *listWork) dirty() {
	aborted := int32(-1) // the failed transaction whose state is being built upon
	for _, v := range w.order {
		e := w.table.get(v)
		switch {
		case e.step < 0:
			w.add(GarbageRead, func() string {
				return fmt.Sprintf("%s held %s in a read. Nobody ever appended that", w.x.subject(w.k), w.x.value(v))
			})
		case !w.x.possible(w.x.txnOf[e.step]):
			if aborted < 0 {
				aborted = w.x.txnOf[e.step]
			}
		case w.x.ok(w.x.txnOf[e.step]):
			if aborted >= 0 {
				w.add(DirtyUpdate, func() string {
					return fmt.Sprintf("%s was built upon what was taken back. %s appended to it and took that back, and %s appended %s on top",
						w.x.subject(w.k), w.x.name(aborted), w.x.name(w.x.txnOf[e.step]), w.x.value(v))
				})
			}
			aborted = -1
		}
	}
}

// reordered looks for transactions whose appends to the key were read in another order than they were made, or the later ones without the
// earlier.
func (w *listWork) reordered(steps []int32) {
	if w.repeats {
		return
	}
	t, previous := w.x.t, int32(-1)
	for _, s := range steps {
		op, txn := &t.Ops[s], w.x.txnOf[s]
		if !op.Write || !w.x.possible(txn) {
			continue
		}
		before := previous
		previous = s
		if before < 0 || w.x.txnOf[before] != txn {
			continue
		}
		first, second := w.table.get(t.Ops[before].Value).at, w.table.get(op.Value).at
		if second < 0 || first >= 0 && first < second || len(w.longest) == 0 {
			continue
		}
		w.add(CyclicVersions, func() string {
			return fmt.Sprintf("%s was read as %s. %s had appended %s to it and then %s", w.x.subject(w.k), w.x.list(w.longest),
				w.x.name(txn), w.x.value(t.Ops[before].Value), w.x.value(op.Value))
		})
	}
}

// lost looks for two committed transactions that read the same version of the key and both appended to it after that. What
// counts is a transaction's first read, be it of what it appended itself.
func (w *listWork) lost(steps []int32) {
	t := w.x.t
	w.updated = append(w.updated[:0], make([]int32, len(w.order)+1)...)
	for i := 0; i < len(steps); {
		txn := w.x.txnOf[steps[i]]
		var read *history.TxnOp
		wrote := false
		for ; i < len(steps) && w.x.txnOf[steps[i]] == txn; i++ {
			switch op := &t.Ops[steps[i]]; {
			case op.Write:
				wrote = wrote || read != nil
			case read == nil:
				read = op
			}
		}
		if !wrote || read.Len == history.NotRead || !w.x.ok(txn) || !w.isVersion(t.List(read)) {
			continue
		}
		list := t.List(read)
		other := w.updated[len(list)] - 1
		if other < 0 {
			w.updated[len(list)] = txn + 1
			continue
		}
		w.add(LostUpdate, func() string {
			return fmt.Sprintf("%s was read as %s by both %s and %s, and both appended to it: one of them to a list that was no longer what it had read",
				w.x.subject(w.k), w.x.list(list), w.x.name(other), w.x.name(txn))
		})
	}
}
