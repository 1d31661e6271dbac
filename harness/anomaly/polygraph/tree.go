package polygraph

import "slices"

// Tree is a refutation: lemmas, of which each rests on earlier ones only, and then a cycle; or a pair of writers, of which either came
// first, and both are refuted.
type Tree struct {
	Lemmas []Lemma
	Cycle  []Step
	Pair   Pair
	Kids   [2]*Tree // Pair.First came first; the other way round
}

// Limits of a tree, beyond which none is made.
const (
	mostBranches = 4096
	mostLemmas   = 1 << 16
	mostLooked   = 20_000_000_000
)

// Refute is the refutation of a problem that Decide refuted; nil: it is too large.
func Refute(p *Problem, rule Rule, answer *Answer, limits Limits) *Tree {
	if rule >= Causal {
		return &Tree{Cycle: answer.Cycle}
	}
	r := refuter{base: newInstance(p, rule), pairs: answer.Choices, limits: &limits}
	return r.tree(nil)
}

type refuter struct {
	base     *instance
	pairs    []Pair
	limits   *Limits
	branches int
	looked   int
}

// tree refutes the problem with some edges assumed.
func (r *refuter) tree(assumed []edge) *Tree {
	if r.branches++; r.branches > mostBranches {
		return nil
	}
	in := *r.base
	in.edges = slices.Concat(r.base.edges, assumed)
	pr := newPruner(&in)
	cycle := pr.prune(r.limits)
	r.limits.Steps -= pr.spent
	if cycle != nil {
		if in.rule == ParallelSnapshot {
			in.byVisibility(cycle, pr.rounds+1)
		}
		return r.prove(&in, cycle)
	}
	if pr.closure == nil || r.limits.Met(0) {
		return nil
	}
	for _, pair := range r.pairs {
		if pr.settled(pair) {
			continue
		}
		t := &Tree{Pair: pair}
		for i, way := range []Pair{pair, {pair.Second, pair.First}} {
			if t.Kids[i] = r.tree(append(slices.Clone(assumed), r.base.chosen(way)...)); t.Kids[i] == nil {
				return nil
			}
		}
		return t
	}
	return nil
}

// byVisibility has it proved as a lemma that what a read missed came after what it found: one saw the other, be it by way of others. Where
// that was decided before, it rests on what was known then.
func (in *instance) byVisibility(cycle []edge, last int32) {
	for i := range cycle {
		e := &cycle[i]
		if e.why != Overwrote || e.pair.First < 0 || e.pair.First == e.pair.Second {
			continue
		}
		e.round = last
		for j := range in.edges {
			if o := &in.edges[j]; o.why == Wrote && o.key == e.key && o.pair == e.pair {
				e.round = min(e.round, o.round)
			}
		}
	}
}

// settled reports whether the order of two writers is known.
func (p *pruner) settled(pair Pair) bool {
	before := p.closure.before
	a, b := pair.First, pair.Second
	if p.rule == Snapshot {
		return before[p.begin(a)].has(p.commit(b)) || before[p.begin(b)].has(p.commit(a))
	}
	return before[p.commit(a)].has(p.commit(b)) || before[p.commit(b)].has(p.commit(a))
}

// chosen are the edges that follow from an order of two writers.
func (in *instance) chosen(p Pair) (edges []edge) {
	in.shared(p.First, p.Second, func(a, b *version) {
		in.entail(a.key, a, b, func(from, to int32, why Why) {
			edges = append(edges, edge{from: from, to: to, why: why, key: a.key, pair: Pair{a.writer, b.writer}})
		})
	})
	return edges
}

// prove is the cycle, and before it the lemmas, each with the cycle that there would be without it.
func (r *refuter) prove(in *instance, cycle []edge) *Tree {
	p := prover{instance: in, number: map[[3]int32]int{}}
	t := &Tree{Cycle: p.steps(cycle, true)}
	for done := 0; done < len(p.lemmas); done++ {
		if r.looked += len(in.edges); done > mostLemmas || r.looked > mostLooked || r.limits.Met(0) {
			return nil
		}
		l := p.lemmas[done]
		path, reader := p.contrary(&l)
		if path == nil {
			return nil
		}
		steps := p.steps(path, false)
		last := Step{Txn: l.Pair.Second, Why: Wrote, Key: l.Key, Writers: Pair{l.Pair.Second, l.Pair.First}}
		if reader >= 0 {
			last.Txn, last.Why = reader, Overwrote
		}
		p.lemmas[done].Path = slices.Concat(steps, []Step{last})
	}
	// A lemma rests on what was known in earlier rounds, and Reader holds the round that it is of.
	slices.SortStableFunc(p.lemmas, func(a, b Lemma) int { return int(a.Reader - b.Reader) })
	t.Lemmas = p.lemmas
	return t
}
