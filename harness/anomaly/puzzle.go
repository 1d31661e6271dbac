package anomaly

import (
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
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
	// contradiction says of a read that nothing explains it, or is empty.
	contradiction string
}

// reading is what a transaction found in a key: the write of one of from.
type reading struct {
	txn, key int32
	from     []int32 // transactions, or polygraph.Initial
	seen     int     // of a list: how many of its writers, from the first on, it saw besides
}

// registerPuzzle is the puzzle of a history of registers.
func registerPuzzle(x *index) *puzzle {
	p := &puzzle{x: x, writers: make([][]int32, len(x.keys)), known: make([]int, len(x.keys))}
	for k := range int32(len(x.keys)) {
		p.register(k)
	}
	for i, r := range p.reads {
		if len(r.from) > 1 {
			p.open = append(p.open, int32(i))
		}
	}
	return p
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
		first, own := true, int32(history.NotRead)
		for _, s := range steps {
			op := &p.x.t.Ops[s]
			if op.Write {
				first, own = false, op.Value
			}
			if op.Write || op.Value == history.NotRead || op.Value == own {
				continue
			}
			r := reading{txn: txn, key: k, from: p.sources(op.Value, txn, final)}
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

// listPuzzle is the puzzle of a history of lists, of which it is known that reads show each other's elements in one order, each
// transaction's together.
func listPuzzle(x *index) *puzzle {
	p := &puzzle{x: x, writers: make([][]int32, len(x.keys)), known: make([]int, len(x.keys))}
	for k := range int32(len(x.keys)) {
		p.list(k)
	}
	return p
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
	var longest []int32
	p.runs(k, func(txn int32, steps []int32) {
		for _, s := range steps {
			if op := &t.Ops[s]; !op.Write && p.x.ok(txn) && len(t.List(op)) > len(longest) {
				longest = t.List(op)
			}
		}
	})
	at := map[int32]int{} // by writer: its place
	for _, v := range longest {
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

// found adds what a transaction found in a list by its first answered read: the elements before its own.
func (p *puzzle) found(k, txn int32, steps []int32, writer map[int32]int32, at map[int32]int) {
	t := p.x.t
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
		p.reads = append(p.reads, reading{txn: txn, key: k, from: []int32{last}, seen: at[last]})
		return
	}
}

// orderOf is what is known to have come first among the transactions, beyond what they found.
type orderOf struct {
	sessions bool
	realtime bool
}

// arranged is the puzzle as a problem, where each read found the write that chosen says. Reads of which it says nothing are left out.
type arranged struct {
	polygraph.Problem
	txns []int32 // by number in the problem: the transaction
}

// arrange makes the problem. chosen holds, for the first of the reads that are open, which of their sources was found.
func (p *puzzle) arrange(chosen []int32, rule polygraph.Rule, order orderOf, when *times) *arranged {
	t := p.x.t
	source := p.sourcesOf(chosen)
	happened := p.happened(source)
	a := &arranged{}
	number := make([]int32, t.Len())
	for i, did := range happened {
		if did {
			number[i] = int32(len(a.txns))
			a.txns = append(a.txns, int32(i))
		}
	}
	a.Txns = int32(len(a.txns))
	a.keys(p, source, number, happened)
	if rule >= polygraph.Causal {
		a.seen(p, number)
	}
	a.guess(t)
	if order.sessions {
		a.sessions(t, number, happened)
	}
	if order.realtime {
		for _, e := range when.next(a.txns) {
			a.Before = append(a.Before, polygraph.Pair{First: e.from, Second: e.to})
		}
	}
	return a
}

// sourcesOf are, by read, whose write it found; NotRead: that is left open.
func (p *puzzle) sourcesOf(chosen []int32) []int32 {
	source := make([]int32, len(p.reads))
	for i := range p.reads {
		source[i] = history.NotRead
		if len(p.reads[i].from) == 1 {
			source[i] = p.reads[i].from[0]
		}
	}
	for i, c := range chosen {
		source[p.open[i]] = p.reads[p.open[i]].from[c]
	}
	return source
}

// happened are, by transaction, whether it committed, or was observed.
func (p *puzzle) happened(source []int32) []bool {
	happened := make([]bool, p.x.t.Len())
	for i := range happened {
		happened[i] = p.x.ok(int32(i))
	}
	for i := range p.reads {
		if source[i] >= 0 {
			happened[source[i]] = true
		}
	}
	for _, s := range p.saw {
		happened[s.from] = true
	}
	for k, n := range p.known {
		for _, w := range p.writers[k][:n] {
			happened[w] = true
		}
	}
	return happened
}

// keys fills in what was written and read.
func (a *arranged) keys(p *puzzle, source, number []int32, happened []bool) {
	a.Keys = make([]polygraph.Key, len(p.writers))
	for k := range p.writers {
		key := &a.Keys[k]
		for i, w := range p.writers[k] {
			if happened[w] {
				key.Writers = append(key.Writers, number[w])
				if i < p.known[k] {
					key.Known++
				}
			}
		}
	}
	for i := range p.reads {
		r := &p.reads[i]
		if source[i] == history.NotRead {
			continue
		}
		from := source[i]
		if from >= 0 {
			from = number[from]
		}
		key := &a.Keys[r.key]
		key.Reads = append(key.Reads, polygraph.Read{Txn: number[r.txn], From: from})
	}
}

// seen fills in who found something of whom beside that.
func (a *arranged) seen(p *puzzle, number []int32) {
	for _, s := range p.saw {
		a.Saw = append(a.Saw, polygraph.Pair{First: number[s.from], Second: number[s.to]})
	}
	for i := range p.reads {
		r := &p.reads[i]
		for _, w := range p.writers[r.key][:r.seen] {
			if w != r.txn {
				a.Saw = append(a.Saw, polygraph.Pair{First: number[w], Second: number[r.txn]})
			}
		}
	}
}

// guess fills in when the transactions ran, as far as their places in the file tell.
func (a *arranged) guess(t *history.Transactions) {
	for i, txn := range a.txns {
		begin, end := t.Invoke[txn], t.Complete[txn]
		switch {
		case begin < 0 && end < 0:
			begin, end = int32(i), int32(i)
		case begin < 0:
			begin = end
		case end < begin:
			end = begin
		}
		a.Begin, a.End = append(a.Begin, begin), append(a.End, end)
	}
}

// sessions fills in what the processes did one after the other.
func (a *arranged) sessions(t *history.Transactions, number []int32, happened []bool) {
	place := map[int32]int{} // by transaction: its session, plus 1
	for _, e := range sessions(t) {
		if !happened[e.from] || !happened[e.to] {
			continue
		}
		from, to := number[e.from], number[e.to]
		s := place[from]
		switch {
		case t.Outcome[e.to] != harness.OK:
			a.Before = append(a.Before, polygraph.Pair{First: from, Second: to})
		case s == 0:
			a.Sessions = append(a.Sessions, []int32{from, to})
			place[from], place[to] = len(a.Sessions), len(a.Sessions)
		default:
			a.Sessions[s-1] = append(a.Sessions[s-1], to)
			place[to] = s
		}
	}
}
