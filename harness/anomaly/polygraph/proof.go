package polygraph

// prover tells a cycle of events as one of transactions, and what its steps rest on.
type prover struct {
	*instance
	lemmas []Lemma
	number map[[3]int32]int // by key and writers: the lemma's place, from 1
}

// maxLemmas bounds what is shown.
const maxLemmas = 64

// prove fills in the answer's cycle and lemmas.
func (in *instance) prove(cycle []edge, a *Answer) {
	p := prover{instance: in, number: map[[3]int32]int{}}
	a.Cycle = p.steps(cycle, true)
	for done := 0; done < len(p.lemmas) && done < maxLemmas; done++ {
		l := &p.lemmas[done]
		path, reader := p.contrary(l)
		l.Reader = reader
		steps := p.steps(path, false)
		p.lemmas[done].Path = steps
	}
	a.Lemmas = p.lemmas[:min(len(p.lemmas), maxLemmas)]
}

// steps are the edges that lead from one transaction to another. Of a closed walk the last one leads to the first.
func (p *prover) steps(edges []edge, closed bool) []Step {
	var steps []Step
	for i := range edges {
		e := &edges[i]
		if e.from >= p.events {
			continue // from a helper on: told where it was reached
		}
		target := e.to
		if target >= p.events {
			if i+1 == len(edges) && !closed {
				continue
			}
			target = edges[(i+1)%len(edges)].to
		}
		if t := p.txn(e.from); t != p.txn(target) {
			s := Step{Txn: t, Why: e.why, Key: e.key, Writers: e.pair, Reader: e.reader}
			if e.round > 0 {
				s.Lemma = p.lemma(e)
			}
			steps = append(steps, s)
		}
	}
	return steps
}

// lemma is the place of what shows the order that a decided edge follows from.
func (p *prover) lemma(e *edge) int {
	at := [3]int32{e.key, e.pair.First, e.pair.Second}
	if p.number[at] == 0 {
		p.lemmas = append(p.lemmas, Lemma{Key: e.key, Pair: e.pair, Reader: e.round})
		p.number[at] = len(p.lemmas)
	}
	return p.number[at]
}

// contrary is a path from the first of a lemma's writers to the second's write, or to one who read it, because of which the second did not
// come first. Only what was known before the lemma's round counts, which Reader holds until now.
func (p *prover) contrary(l *Lemma) (path []edge, reader int32) {
	round := l.Reader
	var known []edge
	for i := range p.edges {
		if p.edges[i].round < round {
			known = append(known, p.edges[i])
		}
	}
	sub := *p.instance
	sub.edges = known
	out := rowsOf(p.nodes, known, from)
	var goals []int32
	var readers []int32
	versions := p.ofKey(l.Key)
	for i := range versions {
		if versions[i].writer != l.Pair.Second {
			continue
		}
		for _, r := range versions[i].readers {
			if r != l.Pair.First {
				goals, readers = append(goals, p.begin(r)), append(readers, r)
			}
		}
	}
	start := p.commit(l.Pair.First)
	target := p.commit(l.Pair.Second)
	w := newWalker(&sub, &out)
	if path := w.way(p.firstEvent(l.Pair.First), target); path != nil {
		return path, -1
	}
	path = w.way(start, goals...)
	if path != nil {
		for i, g := range goals {
			if g == path[len(path)-1].to {
				return path, readers[i]
			}
		}
	}
	return nil, -1
}

// firstEvent is what must not come before another writer's commit, if this one did not come first.
func (p *prover) firstEvent(t int32) int32 {
	if p.rule == Snapshot {
		return p.begin(t)
	}
	return p.commit(t)
}
