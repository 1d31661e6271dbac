package certificate

import (
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness/history"
)

// cycle verifies that each transaction comes before the next one, and the last before the first, in a way that the rule forbids.
func (p *proof) cycle(edges []Edge) error {
	if len(edges) == 0 {
		return fmt.Errorf("a branch of the refutation ends without a contradiction")
	}
	overwrote := 0
	for i := range edges {
		e, next := &edges[i], &edges[(i+1)%len(edges)]
		if e.To != next.From {
			return fmt.Errorf("a cycle does not go on from transaction %d: the next step begins at %d", e.To, next.From)
		}
		if !p.is(e.From, e.To) || e.From == e.To || !p.happened(e.From) || !p.happened(e.To) {
			return fmt.Errorf("transactions %d and %d, which a cycle has, are not two that happened", e.From, e.To)
		}
		if !p.edge(e) {
			return fmt.Errorf("transaction %d need not come before %d: %s %s", e.From, e.To, e.Why, e.Key)
		}
		if p.how.split() && p.arrivesAtCommit(e) && next.Why == Overwrote {
			return fmt.Errorf("what comes before the commit of transaction %d need not come before its beginning", e.To)
		}
		if e.Why == Overwrote {
			overwrote++
		}
	}
	if p.how == parallel && overwrote > 1 {
		return fmt.Errorf("parallel snapshot isolation allows a cycle of %d steps from a read to what overwrote it", overwrote)
	}
	return nil
}

// arrivesAtCommit reports whether an edge leads to a transaction's commit, and not to its beginning.
func (p *proof) arrivesAtCommit(e *Edge) bool {
	return e.Why == Overwrote || p.how == prefix && e.Why == Wrote
}

// edge reports whether the history, a lemma or a choice shows it.
func (p *proof) edge(e *Edge) bool {
	switch e.Why {
	case Session:
		return p.sessions && p.session(e.From, e.To)
	case Realtime:
		return p.rule.realtime && p.facts.realtime(e.From, e.To)
	}
	key, known := p.keys[e.Key]
	if !known {
		return false
	}
	switch e.Why {
	case Saw:
		return p.sees(e.From, e.To, key)
	case Wrote:
		return p.first(e.From, e.To, key)
	case Overwrote:
		if p.how == committed {
			return false // who read a version may have come after who overwrote it
		}
		from, ok := p.source(e.From, key)
		if !ok || from != e.Writer || len(p.writes[e.To][key]) == 0 {
			return false
		}
		if p.how > parallel {
			return from == Initial && p.linked(e.To, e.From, e.Via)
		}
		return from == Initial || p.first(from, e.To, key)
	case Outdated:
		if p.how <= parallel || p.how == committed || !p.is(e.Reader) || e.Reader == e.From {
			return false
		}
		from, ok := p.source(e.Reader, key)
		return ok && from == e.To && len(p.writes[e.From][key]) > 0 && p.linked(e.From, e.Reader, e.Via)
	}
	return false
}

// source is whose write a transaction found in a key.
func (p *proof) source(i, key int32) (from int32, ok bool) {
	found, ok := p.firstRead(i, key)
	if !ok {
		return 0, false
	}
	if n := len(found); n > 0 {
		if from, ok := p.chosen[[3]int32{i, key, found[n-1]}]; ok {
			return from, true
		}
	}
	all, ok := p.sources(i, key)
	if !ok || len(all) != 1 {
		return 0, false
	}
	return all[0], true
}

// sees reports whether b found in the key what a wrote.
func (p *proof) sees(a, b, key int32) bool {
	if from, ok := p.source(b, key); ok && from == a || p.saw(a, b, key) || p.sawOnly(a, b, key) {
		return true
	}
	return p.how == committed && slices.ContainsFunc(p.Steps(b), func(op history.TxnOp) bool {
		from, chosen := p.chosen[[3]int32{b, key, op.Value}]
		return chosen && from == a && !op.Write && op.Key == key
	})
}

// first reports whether a wrote the key before b did.
func (p *proof) first(a, b, key int32) bool {
	if a == b || len(p.writes[a][key]) == 0 || len(p.writes[b][key]) == 0 {
		return false
	}
	if from, ok := p.source(b, key); ok && from == a {
		return true
	}
	return p.order[[2]int32{a, b}] > 0 || p.before(a, b, key, p.versions)
}

// linked reports whether a transaction saw another one: itself, by session, or, where the rule has it, by way of others.
func (p *proof) linked(a, b int32, via []int32) bool {
	if len(via) > 0 && p.how == readAtom || !p.is(via...) {
		return false
	}
	for _, next := range append(via[:len(via):len(via)], b) {
		if !p.link(a, next) {
			return false
		}
		a = next
	}
	return true
}

func (p *proof) link(a, b int32) bool {
	if p.session(a, b) {
		return true
	}
	for key := range p.writes[a] {
		if p.sees(a, b, key) {
			return true
		}
	}
	return false
}
