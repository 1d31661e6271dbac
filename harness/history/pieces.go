package history

import (
	"bytes"
	"cmp"
	"io"
	"slices"

	"github.com/lastseat/lastseat/harness"
)

// readTransactions reads a whole file of transactions, one operation after the other.
func readTransactions(data []byte, in notation, may may) (*Transactions, *unexpected) {
	r := newTxnReader(data, in, may)
	bad := parse(func() {
		for o := range r.ops {
			r.take(o)
		}
		r.finish()
	})
	if bad != nil {
		return nil, bad
	}
	return &r.out, nil
}

// bothKinds refuses a key that the transaction takes for another kind than one before it did.
func (r *txnReader) bothKinds(txn, key int32) {
	advice := ""
	if !slices.ContainsFunc(r.out.Ops, func(op TxnOp) bool { return op.Write && op.Kind == Lists }) {
		advice = "; if registers hold lists, name --workload register"
	}
	r.failAt(r.places[txn], "key %s is a list in one transaction (append, or a list was read) and a register in another (w, or a value was read): expected it to be one of them%s",
		r.out.Keys.Text(key), advice)
}

// finish adds what never ended, and settles what each key holds.
func (r *txnReader) finish() {
	r.unfinished()
	if txn, key := r.settle(); txn >= 0 {
		r.bothKinds(txn, key)
	}
}

// pieceSize is how much of a file is read at a time, in bytes, if it is not smaller.
const pieceSize = 1 << 20

// streamTransactions reads a file of transactions that has an operation a line, as most have, piece by piece: several processors
// read pieces at the same time, and no more of the file is held than these. size is that of the file, as far as it is known once the first piece was read;
// piece that of a piece, in bytes. Nil: it is no such file, or there is something wrong with it; then readTransactions tells.
func streamTransactions(from io.Reader, in notation, may may, size func() int64, piece int) *Transactions {
	s := stream{from: from, in: in, may: may, size: piece, whole: size}
	s.start()
	defer s.stop()
	all := newTxnReader(nil, in, may)
	last, n := false, int64(0)
	for p := range s.inOrder {
		<-p.done
		if p.failed || last {
			return nil
		}
		last = p.r.closed
		if parse(func() { all.join(p.r) }) != nil {
			return nil
		}
		if n++; n == 1 {
			all.grow(float64(p.whole) / float64(len(p.r.data)))
		}
		s.give(p.r)
	}
	if s.failed || last != (s.end != 0) || parse(all.unfinished) != nil {
		return nil
	}
	if txn, _ := all.settle(); txn >= 0 {
		return nil
	}
	return &all.out
}

// piece reads a piece to its end, which may be the closing bracket's.
func (r *txnReader) piece() {
	for {
		switch c := r.peek(); {
		case c == 0:
			return
		case c == r.end && !r.closed:
			r.closed = true
			r.at++
		case r.closed:
			r.want("nothing after the closing bracket")
		default:
			var o rawOp
			if !r.usual(&o) {
				o = r.op()
			}
			r.take(&o)
		}
	}
}

// grow makes room for so many times as much as there is.
func (r *txnReader) grow(times float64) {
	const most = 1 << 40
	if times <= 1 || times > most {
		return
	}
	t := &r.out
	t.Outcome, t.Process = roomier(t.Outcome, times), roomier(t.Process, times)
	t.Invoke, t.Complete = roomier(t.Invoke, times), roomier(t.Complete, times)
	t.First, t.Ops, t.Elements = roomier(t.First, times), roomier(t.Ops, times), roomier(t.Elements, times)
}

// roomier is a slice with room for so many times as much. The memory is new, and nobody writes to it before it is needed: slices.Grow clears all of
// it at once, which the garbage collector waits for.
func roomier[T any](s []T, times float64) []T {
	n := int(min(times*1.02*float64(len(s)), 1<<33))
	return append(make([]T, 0, n+len(s)), s...)
}

// join appends what a piece says.
func (r *txnReader) join(p *txnReader) {
	for process, start := range p.starts {
		if open, ok := r.open[process]; ok {
			r.failAt(start.at, "%s", r.twice(process, open.at))
		}
	}
	r.joinTransactions(p)
	for process, open := range p.open {
		open.event += r.events
		open.text = []byte{}
		if v := p.from(open.value); v != nil {
			v.skip()
			open.text = bytes.Clone(p.data[open.value:v.at])
		}
		r.open[process] = open
	}
	r.events += p.events
}

// joinTransactions appends a piece's transactions, and gives its orphans their invocations.
func (r *txnReader) joinTransactions(p *txnReader) {
	shift := int32(len(r.out.Elements))
	p.renumber(&r.out)
	r.out.Elements = append(r.out.Elements, p.out.Elements...)
	first, from := r.out.Len(), int32(0)
	begun := map[int]int32{} // by transaction: when it began
	for _, o := range p.orphans {
		process := int64(p.out.Process[o.txn])
		open, ok := r.open[process]
		if !ok {
			continue
		}
		delete(r.open, process)
		begun[first+int(o.txn)] = open.event
		if !o.steps {
			continue
		}
		p.copyTo(r, from, o.txn, shift)
		r.add(p.out.Outcome[o.txn], process, open.event, p.out.Complete[o.txn]+r.events, r.invoked(&open), open.at)
		from = o.txn + 1
	}
	p.copyTo(r, from, int32(p.out.Len()), shift)
	for txn, event := range begun {
		r.out.Invoke[txn] = event
	}
}

// copyTo appends some of a piece's transactions: its events come after those that were read before, its elements shift places
// later.
func (r *txnReader) copyTo(whole *txnReader, from, to, shift int32) {
	in, out := &r.out, &whole.out
	out.Outcome = append(out.Outcome, in.Outcome[from:to]...)
	out.Process = append(out.Process, in.Process[from:to]...)
	for i := from; i < to; i++ {
		invoke := in.Invoke[i]
		if invoke != -1 {
			invoke += whole.events
		}
		out.Invoke = append(out.Invoke, invoke)
		out.Complete = append(out.Complete, in.Complete[i]+whole.events)
	}
	ops := int32(len(out.Ops)) - in.First[from]
	for i := from; i < to; i++ {
		out.First = append(out.First, in.First[i+1]+ops)
	}
	n := len(out.Ops)
	out.Ops = append(out.Ops, in.Ops[in.First[from]:in.First[to]]...)
	if shift == 0 {
		return
	}
	for i := range out.Ops[n:] {
		if op := &out.Ops[n+i]; !op.Write && op.Kind != Registers && op.Len != NotRead && op.Value >= 0 {
			op.Value += shift
		}
	}
}

// renumber gives a piece's names the numbers that they have in the whole.
func (r *txnReader) renumber(whole *Transactions) {
	keys, values := whole.Keys.take(&r.out.Keys), whole.Values.take(&r.out.Values)
	if keys == nil && values == nil {
		return
	}
	for i := range r.out.Ops {
		op := &r.out.Ops[i]
		if keys != nil && op.Key >= firstNumberOfNames {
			op.Key = keys[firstName-op.Key]
		}
		if values != nil && op.Value >= firstNumberOfNames && (op.Write || op.Kind == Registers) {
			op.Value = values[firstName-op.Value]
		}
	}
	for i, v := range r.out.Elements {
		if v >= firstNumberOfNames {
			r.out.Elements[i] = values[firstName-v]
		}
	}
}

// unfinished adds the operations that never ended: nobody knows whether they happened.
func (r *txnReader) unfinished() {
	type begun struct {
		process int64
		openInvoke
	}
	var all []begun
	for process, open := range r.open {
		all = append(all, begun{process, open})
	}
	slices.SortFunc(all, func(a, b begun) int { return cmp.Compare(a.event, b.event) })
	for _, b := range all {
		r.add(harness.Unknown, b.process, b.event, -1, r.invoked(&b.openInvoke), b.at)
	}
	clear(r.open)
}
