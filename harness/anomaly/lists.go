package anomaly

import (
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness/history"
)

// lists infers from a history of appends to lists. The longest read of a key is the order of its versions: every other read
// must be a prefix of it, and each says after which append it came. An append that nobody observed came after all that
// were. Each value is appended to a key once.
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
	order   []int32 // the versions: longest without repetitions
	repeats bool    // longest has repetitions
	writers []int32 // by place in order: the transaction that may have appended it, or -1
	failed  int     // the first place in order that a failed transaction appended
	last    []int32 // transactions that read the last version
	unseen  []int32 // transactions with an append that nobody observed
	updates map[string]int32
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
	w.longest = nil
	appends, only := 0, int32(-1)
	for _, s := range steps {
		op, txn := &t.Ops[s], w.x.txnOf[s]
		switch {
		case op.Write:
			appends++
			if w.x.possible(txn) {
				only = s
			}
		case int(op.Len) > len(w.longest) && w.x.ok(txn):
			w.longest = t.List(op)
		}
	}
	w.table.reset(appends + len(w.longest))
	previous := int32(-1)
	possible := 0
	for _, s := range steps {
		op, txn := &t.Ops[s], w.x.txnOf[s]
		if !op.Write {
			continue
		}
		e, isNew := w.table.put(op.Value)
		if !isNew {
			w.unjudgeable = fmt.Sprintf("%s was appended to %s twice, by %s and by %s, so it is not known which append a read shows",
				w.x.value(op.Value), w.x.keyText(op.Key), w.x.name(w.x.txnOf[e.step]), w.x.name(txn))
			return false
		}
		e.step = s
		if previous >= 0 && w.x.txnOf[previous] == txn {
			w.table.get(t.Ops[previous].Value).intermediate = true
		}
		previous = s
		if w.x.possible(txn) {
			possible++
		}
	}
	w.order, w.repeats = w.order[:0], false
	if len(w.longest) == 0 && possible == 1 {
		w.order = append(w.order, t.Ops[only].Value)
		w.table.get(t.Ops[only].Value).at = 0
	}
	for _, v := range w.longest {
		e, _ := w.table.put(v)
		if e.at >= 0 {
			w.repeats = true
			continue
		}
		e.at = int32(len(w.order))
		w.order = append(w.order, v)
	}
	return true
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
	for _, s := range steps {
		op, txn := &t.Ops[s], w.x.txnOf[s]
		if !op.Write || !w.x.possible(txn) || w.table.get(op.Value).at >= 0 {
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

// read relates a read to the append that it shows last, and to the one that it does not show any more. number counts the
// key's reads.
func (w *listWork) read(txn int32, op *history.TxnOp, number int32) {
	list := w.x.t.List(op)
	at := int32(-1)
	if n := len(list); n > 0 {
		at = w.table.slotAt(list[n-1])
	}
	if len(list) > len(w.longest) || !slices.Equal(list, w.longest[:len(list)]) {
		w.strange(txn, list, number)
	} else {
		if w.repeats {
			w.repeated(txn, list, number)
		}
		if len(list) > w.failed {
			w.aborted(txn, list)
		}
	}
	if len(list) > 0 {
		w.shows(txn, list[len(list)-1])
	}
	switch next := at + 1; {
	case len(list) > 0 && at < 0: // not in the order: nothing is known to follow
	case int(next) < len(w.writers):
		if w.writers[next] >= 0 {
			w.edge(txn, w.writers[next], rw)
		}
	default:
		w.last = append(w.last, txn)
	}
}

// slotAt is the value's place in the version order, or -1.
func (t *table) slotAt(value int32) int32 {
	if e := t.get(value); e != nil {
		return e.at
	}
	return -1
}

// shows relates a read to the append of the last element that it shows.
func (w *listWork) shows(txn, value int32) {
	e := w.table.get(value)
	if e == nil || e.step < 0 {
		return
	}
	writer := w.x.txnOf[e.step]
	if w.x.possible(writer) {
		w.edge(writer, txn, wr)
	}
	if e.intermediate && writer != txn && w.x.ok(txn) {
		w.add(G1b, func() string {
			return fmt.Sprintf("%s ended with %s in the read of %s. %s appended that and went on to append more: the read saw a transaction's middle",
				w.x.subject(w.k), w.x.value(value), w.x.name(txn), w.x.name(writer))
		})
	}
}

// strange looks at a read that is no prefix of the longest one.
func (w *listWork) strange(txn int32, list []int32, number int32) {
	if len(w.longest) > 0 {
		w.add(IncompatibleOrder, func() string {
			return fmt.Sprintf("%s was read as %s by %s, and elsewhere as %s. The first is no beginning of the second",
				w.x.subject(w.k), w.x.list(list), w.x.name(txn), w.x.list(w.longest))
		})
	}
	w.repeated(txn, list, number)
	w.aborted(txn, list)
}

// repeated looks for an element that a read shows twice.
func (w *listWork) repeated(txn int32, list []int32, number int32) {
	var unknown map[int32]bool // values that nobody wrote, in a read that is no prefix
	for _, v := range list {
		var again bool
		if e := w.table.get(v); e != nil {
			again, e.seen = e.seen == number, number
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
	if !w.x.ok(txn) {
		return
	}
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
	w.updates = nil
	w.updated = append(w.updated[:0], make([]int32, len(w.longest)+1)...)
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
		if !wrote || read.Len == history.NotRead || !w.x.ok(txn) {
			continue
		}
		list := t.List(read)
		if other := w.update(txn, list); other >= 0 {
			w.add(LostUpdate, func() string {
				return fmt.Sprintf("%s was read as %s by both %s and %s, and both appended to it. Neither saw the other's append",
					w.x.subject(w.k), w.x.list(list), w.x.name(other), w.x.name(txn))
			})
		}
	}
}

// update notes that a transaction wrote upon the list, and returns the one that did so before, or -1.
func (w *listWork) update(txn int32, list []int32) int32 {
	if len(list) <= len(w.longest) && slices.Equal(list, w.longest[:len(list)]) {
		other := w.updated[len(list)] - 1
		if other < 0 {
			w.updated[len(list)] = txn + 1
		}
		return other
	}
	key := fmt.Sprint(list)
	if other, ok := w.updates[key]; ok {
		return other
	}
	if w.updates == nil {
		w.updates = map[string]int32{}
	}
	w.updates[key] = txn
	return -1
}
