package anomaly

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness/anomaly/polygraph"
	"github.com/lastseat/lastseat/harness/history"
)

// puzzle is a history as what its transactions wrote and found, for package polygraph to order. What failed is not in it, nor what is
// unknown and was not observed.
type puzzle struct {
	x       *index
	writers [][]int32 // by key: transactions that wrote it and may have happened
	known   []int     // by key: how many of them are known to have come first, in their order
	reads   []reading // what committed transactions found before they wrote the key
	saw     []edge    // who found something of whom in any other read
	open    []int32   // of reads: those of which several may be what was found
	vague   bool      // of other reads, too
	loose   bool
	// contradiction says of a read that nothing explains it, or is empty.
	contradiction string
}

// reading is what a transaction found in a key: the write of one of from.
type reading struct {
	txn, key int32
	from     []int32 // transactions, or polygraph.Initial
	value    int32   // of a register: what it found
	seen     int     // of a list: how many of its writers, from the first on, it saw besides
}

// newPuzzle is the puzzle of a history of lists and registers. Of lists it is known that reads show each other's elements in one order, each
// transaction's together. loose: each read of a register counts by itself, as read-committed has it, not the first only.
func newPuzzle(x *index, loose bool) *puzzle {
	p := &puzzle{x: x, loose: loose, writers: make([][]int32, len(x.keys)), known: make([]int, len(x.keys))}
	for k := range int32(len(x.keys)) {
		if x.kind(k) == history.Lists {
			p.list(k)
		} else {
			p.register(k)
		}
	}
	for i := range p.reads {
		if r := &p.reads[i]; len(r.from) > 1 {
			p.likeliest(r)
			p.open = append(p.open, int32(i))
		}
	}
	slices.SortStableFunc(p.open, func(a, b int32) int { return cmp.Compare(x.t.Invoke[p.reads[a].txn], x.t.Invoke[p.reads[b].txn]) })
	return p
}

// likeliest puts those first whose write a store would have shown that does one thing after the other: what was written last before the
// read was over. The answer does not depend on it, but a history that holds is done after one try for each read.
func (p *puzzle) likeliest(r *reading) {
	t := p.x.t
	over := t.Complete[r.txn]
	at := func(w int32) int64 {
		switch {
		case w == polygraph.Initial:
			return -1
		case t.Invoke[w] > over: // only a store that is out of order would
			return -2 - int64(t.Invoke[w])
		case t.Complete[w] >= 0 && t.Complete[w] < over:
			return int64(t.Complete[w])
		}
		return int64(t.Invoke[w])
	}
	slices.SortStableFunc(r.from, func(a, b int32) int { return cmp.Compare(at(b), at(a)) })
}

// register adds what happened to one register.
func (p *puzzle) register(k int32) {
	final := map[int32][]int32{} // by value: who left it so
	p.runs(k, func(txn int32, steps []int32) {
		for _, s := range slices.Backward(steps) {
			if op := &p.x.t.Ops[s]; op.Write {
				p.writers[k] = append(p.writers[k], txn)
				final[op.Value] = append(final[op.Value], txn)
				return
			}
		}
	})
	p.runs(k, func(txn int32, steps []int32) {
		if !p.x.ok(txn) {
			return
		}
		if p.loose {
			p.each(k, txn, steps, final)
			return
		}
		first, own := true, int32(history.NotRead)
		for _, s := range steps {
			op := &p.x.t.Ops[s]
			if op.Write {
				first, own = false, op.Value
			}
			if op.Write || op.Value == history.NotRead || op.Value == own {
				continue
			}
			r := reading{txn: txn, key: k, value: op.Value, from: p.sources(op.Value, txn, final)}
			switch {
			case first:
				if len(r.from) == 0 && p.contradiction == "" {
					p.contradiction = fmt.Sprintf("%s was %s in the read of %s, and nobody can have left it so", p.x.subject(k), p.x.value(op.Value), p.x.name(txn))
				}
				p.reads = append(p.reads, r)
				first = false
			case len(r.from) > 1:
				p.vague = true
			case len(r.from) == 1 && r.from[0] != polygraph.Initial:
				p.saw = append(p.saw, edge{r.from[0], txn, wr})
			}
		}
	})
}

// each adds what a transaction found in a register by any of its reads, each value once. What it had written itself it may have found.
func (p *puzzle) each(k, txn int32, steps []int32, final map[int32][]int32) {
	var known []int32
	for _, s := range steps {
		op := &p.x.t.Ops[s]
		if op.Value == history.NotRead || slices.Contains(known, op.Value) {
			continue
		}
		known = append(known, op.Value)
		if op.Write {
			continue
		}
		r := reading{txn: txn, key: k, value: op.Value, from: p.sources(op.Value, txn, final)}
		if len(r.from) == 0 && p.contradiction == "" {
			p.contradiction = fmt.Sprintf("%s was %s in the read of %s, and nobody can have left it so", p.x.subject(k), p.x.value(op.Value), p.x.name(txn))
		}
		p.reads = append(p.reads, r)
	}
}

// sources are the transactions of which a read may have found the value.
func (p *puzzle) sources(value, reader int32, final map[int32][]int32) []int32 {
	if value == history.Initial {
		return []int32{polygraph.Initial}
	}
	var from []int32
	for _, w := range final[value] {
		if w != reader {
			from = append(from, w)
		}
	}
	return from
}

// runs calls do for each transaction that may have happened, with its steps on the key.
func (p *puzzle) runs(k int32, do func(txn int32, steps []int32)) {
	steps := p.x.of(k)
	for i := 0; i < len(steps); {
		from, txn := i, p.x.txnOf[steps[i]]
		for i < len(steps) && p.x.txnOf[steps[i]] == txn {
			i++
		}
		if p.x.possible(txn) {
			do(txn, steps[from:i])
		}
	}
}

// list adds what happened to one list.
func (p *puzzle) list(k int32) {
	t := p.x.t
	writer := map[int32]int32{} // by element
	var appended []int32
	p.runs(k, func(txn int32, steps []int32) {
		for _, s := range steps {
			if op := &t.Ops[s]; op.Write {
				writer[op.Value] = txn
				if n := len(appended); n == 0 || appended[n-1] != txn {
					appended = append(appended, txn)
				}
			}
		}
	})
	at := map[int32]int{} // by writer: its place
	for _, v := range p.x.longest(p.x.of(k)) {
		w, ok := writer[v]
		if !ok {
			continue
		}
		if _, met := at[w]; !met {
			at[w] = len(p.writers[k])
			p.writers[k] = append(p.writers[k], w)
		}
	}
	p.known[k] = len(p.writers[k])
	for _, w := range appended {
		if _, met := at[w]; !met {
			p.writers[k] = append(p.writers[k], w)
		}
	}
	p.runs(k, func(txn int32, steps []int32) {
		if p.x.ok(txn) {
			p.found(k, txn, steps, writer, at)
		}
	})
}

// found adds what a transaction found in a list by its first answered read: the elements before its own. What it found later, and not
// when it first looked, it saw as well.
func (p *puzzle) found(k, txn int32, steps []int32, writer map[int32]int32, at map[int32]int) {
	t := p.x.t
	before := int32(history.NotRead)
	for _, s := range steps {
		op := &t.Ops[s]
		if op.Write || !answered(op) {
			continue
		}
		last := int32(polygraph.Initial)
		for _, v := range t.List(op) {
			if w, ok := writer[v]; ok && w != txn {
				last = w
			}
		}
		switch {
		case before == history.NotRead:
			before = last
			p.reads = append(p.reads, reading{txn: txn, key: k, from: []int32{last}, seen: at[last]})
		case last >= 0 && last != before:
			p.saw = append(p.saw, edge{last, txn, wr})
		}
	}
}
