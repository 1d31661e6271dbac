package anomaly

import (
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness/history"
)

// registers infers from a history of reads and writes of registers. A read of a value follows its write; the initial value
// comes before all others. What else must be so, the order of writes that read nothing, is for a decider to find out.
//
// Where chains is true, the store is one of lastseat's own, which installs a row's versions in the order of its writes: a
// transaction that read a value and wrote the register names its predecessor, at every model.
func registers(x *index, chains bool) []*inferred {
	return perKey(x, history.Registers, func(w *registerWork) { w.x, w.chains = x, chains })
}

// registerWork looks at one key after the other.
type registerWork struct {
	inferred
	x      *index
	chains bool

	k       int32
	table   table     // by value: slot.at is its place in values
	values  []version // values[0] is the initial one
	uses    []use
	writers []int32 // transactions whose last write of the key counts
	blindly bool    // one of them had not read the key
	follow  []followed
	before  []int32 // scratch
	after   []int32
}

// version is what is known of one value of a register.
type version struct {
	step         int32 // the write; -1: nobody wrote it
	twice        bool  // others wrote it, too, or may have
	intermediate bool  // the same transaction went on to write another
	readers      list  // transactions that read it before they wrote the register, if they did
	updaters     list  // those of them that did
	rewriters    list  // transactions that wrote the register, then read this version first, then wrote again
}

// list is a linked list of uses: the first and the last one, counted from 1.
type list struct{ first, last int32 }

type use struct{ txn, next int32 }

func (w *registerWork) put(l *list, txn int32) {
	w.uses = append(w.uses, use{txn: txn})
	n := int32(len(w.uses))
	if l.first == 0 {
		l.first = n
	} else {
		w.uses[l.last-1].next = n
	}
	l.last = n
}

// all appends the transactions of a list to txns.
func (w *registerWork) all(l list, txns []int32) []int32 {
	for at := l.first; at != 0; at = w.uses[at-1].next {
		txns = append(txns, w.uses[at-1].txn)
	}
	return txns
}

func (w *registerWork) key(k int32) {
	w.k = k
	steps := w.x.of(k)
	w.table.reset(len(steps))
	w.values = append(w.values[:0], version{step: -1})
	w.uses, w.writers, w.blindly, w.follow = w.uses[:0], w.writers[:0], false, w.follow[:0]
	w.writes(steps)
	for i := 0; i < len(steps) && w.unjudgeable == ""; {
		from := i
		txn := w.x.txnOf[steps[i]]
		for i < len(steps) && w.x.txnOf[steps[i]] == txn {
			i++
		}
		w.transaction(txn, steps[from:i])
	}
	if w.unjudgeable != "" {
		return
	}
	w.blind = w.blind || w.blindly && len(w.writers) > 1 // what one alone wrote came after the initial value
	w.interleaved()
	w.before = w.all(w.values[0].readers, w.before[:0])
	w.join(w.before, w.writers, rw)
	for i := range w.values {
		w.lost(&w.values[i])
		if w.chains && i > 0 {
			w.chain(&w.values[i])
		}
	}
}

// value is what is known of a value, which is noted if it is new.
func (w *registerWork) value(v int32) *version {
	if v < 0 {
		return &w.values[0]
	}
	s, isNew := w.table.put(v)
	if isNew {
		s.at = int32(len(w.values))
		w.values = append(w.values, version{step: -1})
	}
	return &w.values[s.at]
}

// writes notes who wrote which value.
func (w *registerWork) writes(steps []int32) {
	t := w.x.t
	previous := int32(-1)
	for _, s := range steps {
		op, txn := &t.Ops[s], w.x.txnOf[s]
		if !op.Write {
			continue
		}
		v := w.value(op.Value)
		w.wrote(v, s, txn)
		if previous >= 0 && w.x.txnOf[previous] == txn && t.Ops[previous].Value != op.Value {
			if p := w.value(t.Ops[previous].Value); w.x.txnOf[p.step] == txn {
				p.intermediate = true
			}
		}
		if w.x.txnOf[v.step] == txn {
			v.intermediate = false
		}
		previous = s
	}
}

// wrote notes a write of a value: of several writers one that may have happened comes before others.
func (w *registerWork) wrote(v *version, s, txn int32) {
	if v.step < 0 {
		v.step = s
	}
	other := w.x.txnOf[v.step]
	switch {
	case other == txn || !w.x.possible(txn):
		return
	case w.x.possible(other):
		v.twice, w.twice, w.blind = true, true, true
		return
	}
	v.step, v.intermediate = s, false
}

// transaction looks at one transaction's steps on the key.
func (w *registerWork) transaction(txn int32, steps []int32) {
	t := w.x.t
	read, own := int32(history.NotRead), int32(history.NotRead)
	wrote, rewrote := false, false
	for i, s := range steps {
		op := &t.Ops[s]
		switch {
		case op.Write:
			w.follows(txn, steps[:i], op.Value)
			wrote, rewrote = true, own != history.NotRead
		case w.x.ok(txn):
			w.reads(txn, op.Value)
			w.early(txn, op.Value, steps[:i])
			if !wrote {
				w.fuzzy(txn, read, op.Value)
			}
			switch {
			case !wrote && read == history.NotRead:
				read = op.Value
			case wrote && read == history.NotRead && own == history.NotRead:
				own = op.Value
			}
		}
	}
	if wrote && w.x.possible(txn) {
		w.writers = append(w.writers, txn)
		w.blindly = w.blindly || read == history.NotRead
	}
	if rewrote {
		w.put(&w.value(own).rewriters, txn)
	}
	if read == history.NotRead {
		return
	}
	v := w.value(read)
	w.put(&v.readers, txn)
	if wrote {
		w.put(&v.updaters, txn)
	}
}

// reads looks at a value that a committed transaction read.
func (w *registerWork) reads(txn, value int32) {
	if value < 0 {
		return
	}
	v := w.value(value)
	if v.step < 0 {
		w.add(GarbageRead, func() string {
			return fmt.Sprintf("%s was %s in the read of %s. Nobody ever wrote that", w.x.subject(w.k), w.x.value(value), w.x.name(txn))
		})
		return
	}
	writer := w.x.txnOf[v.step]
	if !w.x.possible(writer) {
		w.add(G1a, func() string {
			return fmt.Sprintf("%s was %s in the read of %s. %s wrote that and took it back", w.x.subject(w.k), w.x.value(value), w.x.name(txn), w.x.name(writer))
		})
	}
	if v.intermediate && writer != txn && !v.twice {
		w.add(G1b, func() string {
			return fmt.Sprintf("%s was %s in the read of %s. %s wrote that and went on to overwrite it: the read saw a transaction's middle",
				w.x.subject(w.k), w.x.value(value), w.x.name(txn), w.x.name(writer))
		})
	}
	if w.x.possible(writer) && !v.intermediate && !v.twice {
		w.edge(writer, txn, wr)
	}
}

// early looks for a read of what the transaction itself, and nobody else, was only going to write.
func (w *registerWork) early(txn, value int32, before []int32) {
	if value < 0 {
		return
	}
	t, v := w.x.t, w.value(value)
	own := func(s int32) bool { return t.Ops[s].Write && t.Ops[s].Value == value }
	if v.step < 0 || v.twice || w.x.txnOf[v.step] != txn || slices.ContainsFunc(before, own) {
		return
	}
	w.inferred.early = true
	w.add(FutureRead, func() string {
		return fmt.Sprintf("%s held %s in a read of %s, which wrote that only afterwards", w.x.subject(w.k), w.x.value(value), w.x.name(txn))
	})
}

// followed is that a committed transaction found in the key what another one wrote there and went on to overwrite, and then wrote itself.
type followed struct{ txn, writer, found, wrote int32 }

// follows notes that of a transaction's write whose steps before it are these.
func (w *registerWork) follows(txn int32, before []int32, wrote int32) {
	if !w.x.ok(txn) || len(before) == 0 {
		return
	}
	read := &w.x.t.Ops[before[len(before)-1]]
	if read.Write || read.Value < 0 {
		return
	}
	if v := w.value(read.Value); v.step >= 0 && !v.twice && v.intermediate && w.x.txnOf[v.step] != txn && w.x.ok(w.x.txnOf[v.step]) {
		w.follow = append(w.follow, followed{txn, w.x.txnOf[v.step], read.Value, wrote})
	}
}

// interleaved looks for two transactions of which each wrote after it had found what the other had not finished writing.
func (w *registerWork) interleaved() {
	for i, f := range w.follow {
		k := slices.IndexFunc(w.follow[:i], func(g followed) bool { return g.txn == f.writer && g.writer == f.txn })
		if k < 0 {
			continue
		}
		g := w.follow[k]
		w.add("G0", func() string {
			return fmt.Sprintf("%s: %s found %s of %s and wrote %s, %s found %s of %s and wrote %s, and neither was done: the writes of the two interleave",
				w.x.subject(w.k), w.x.name(f.txn), w.x.value(f.found), w.x.name(f.writer), w.x.value(f.wrote),
				w.x.name(g.txn), w.x.value(g.found), w.x.name(g.writer), w.x.value(g.wrote))
		})
		return
	}
}

// fuzzy looks at two reads of a transaction that had not written the key: if each found another's write, or one of them nobody's,
// whichever was first, the transaction saw one of them and missed what came with it.
func (w *registerWork) fuzzy(txn, first, second int32) {
	if first == second || second == history.NotRead || first == history.NotRead {
		return
	}
	writer := [2]int32{}
	for i, value := range []int32{first, second} {
		writer[i] = -1
		if value < 0 {
			continue
		}
		v := w.value(value)
		if v.step < 0 || v.twice || w.x.txnOf[v.step] == txn || !w.x.possible(w.x.txnOf[v.step]) {
			return
		}
		writer[i] = w.x.txnOf[v.step]
	}
	if writer[0] != writer[1] {
		w.add("G-single-item", func() string {
			return fmt.Sprintf("%s was %s and then %s in two reads of %s. Whichever of them came later overwrote what the other read had found",
				w.x.subject(w.k), w.x.value(first), w.x.value(second), w.x.name(txn))
		})
	}
}

// lost looks for two transactions that read the same value of the register and both wrote it. Who wrote that value itself read its own.
func (w *registerWork) lost(v *version) {
	if v.twice || v.updaters.first == v.updaters.last && v.rewriters.first == 0 {
		return
	}
	updaters := w.all(v.rewriters, w.all(v.updaters, nil))
	if v.step >= 0 {
		updaters = slices.DeleteFunc(updaters, func(txn int32) bool { return txn == w.x.txnOf[v.step] })
	}
	for i := 1; i < len(updaters); i++ {
		w.add(LostUpdate, func() string {
			value := "nil"
			if v.step >= 0 {
				value = w.x.value(w.x.t.Ops[v.step].Value)
			}
			return fmt.Sprintf("%s was read as %s by both %s and %s, and both wrote it: one update was lost",
				w.x.subject(w.k), value, w.x.name(updaters[0]), w.x.name(updaters[i]))
		})
	}
}

// chain relates those that wrote and read a value to those that read and overwrote it.
func (w *registerWork) chain(v *version) {
	if v.twice {
		return
	}
	w.before, w.after = w.all(v.readers, w.before[:0]), w.all(v.updaters, w.after[:0])
	w.join(w.before, w.after, rw)
	if v.step >= 0 && !v.intermediate && w.x.possible(w.x.txnOf[v.step]) {
		w.join([]int32{w.x.txnOf[v.step]}, w.after, ww)
	}
}
