package anomaly

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/anomaly/polygraph"
	"github.com/lastseat/lastseat/harness/history"
)

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
	a.seen(p, number, rule)
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

// seen fills in who found something of whom beside that. Where it needs an order of writers, what was seen of earlier ones follows.
func (a *arranged) seen(p *puzzle, number []int32, rule polygraph.Rule) {
	for _, s := range p.saw {
		a.Saw = append(a.Saw, polygraph.Pair{First: number[s.from], Second: number[s.to]})
	}
	if rule < polygraph.Causal || rule == polygraph.ReadCommitted {
		return
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
