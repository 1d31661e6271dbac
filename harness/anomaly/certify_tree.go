package anomaly

import (
	"slices"

	"github.com/lastseat/lastseat/harness/anomaly/polygraph"
	"github.com/lastseat/lastseat/harness/certificate"
	"github.com/lastseat/lastseat/harness/history"
)

// refutation tells a tree in the terms of the history.
func (z *certifier) refutation(t *polygraph.Tree, a *arranged) *certificate.Refutation {
	r := &certificate.Refutation{}
	for i := range t.Lemmas {
		l := &t.Lemmas[i]
		r.Lemmas = append(r.Lemmas, certificate.Lemma{First: a.txns[l.Pair.First], Second: a.txns[l.Pair.Second], Cycle: z.cycle(l.Path, a)})
	}
	if t.Cycle != nil {
		r.Cycle = z.cycle(t.Cycle, a)
		return r
	}
	r.Order = &certificate.Order{
		First: a.txns[t.Pair.First], Second: a.txns[t.Pair.Second], So: z.refutation(t.Kids[0], a), Other: z.refutation(t.Kids[1], a),
	}
	return r
}

func (z *certifier) cycle(steps []polygraph.Step, a *arranged) []certificate.Edge {
	var edges []certificate.Edge
	for i := range steps {
		e := z.step(&steps[i], steps[(i+1)%len(steps)].Txn, a)
		// Who came later than who came later came later: one step.
		if n := len(edges); n > 0 && edges[n-1].Why == e.Why && (e.Why == certificate.Session || e.Why == certificate.Realtime) {
			edges[n-1].To = e.To
			continue
		}
		edges = append(edges, e)
	}
	return edges
}

func (z *certifier) step(s *polygraph.Step, next int32, a *arranged) certificate.Edge {
	e := certificate.Edge{From: a.txns[s.Txn], To: a.txns[next]}
	switch s.Why {
	case polygraph.Given, polygraph.Session:
		e.Why = certificate.Session
		if z.how.realtime {
			e.Why = certificate.Realtime
		}
		return e
	case polygraph.Saw:
		e.Why = certificate.Saw
		if s.Key < 0 {
			e.Key = z.common(e.From, e.To)
			return e
		}
	case polygraph.Wrote:
		e.Why = certificate.Wrote
	case polygraph.Overwrote:
		e.Why, e.Writer = certificate.Overwrote, certificate.Initial
		if w := s.Writers; w.First >= 0 && w.First != w.Second {
			e.Writer = a.txns[w.First]
		}
		if z.rule >= polygraph.Causal {
			e.Via = z.between(next, s.Txn, a)
		}
	case polygraph.Outdated:
		e.Why, e.Reader = certificate.Outdated, a.txns[s.Reader]
		e.Via = z.between(s.Txn, s.Reader, a)
	}
	e.Key = z.key(s.Key)
	return e
}

// common is a key in which the second found what the first wrote.
func (z *certifier) common(first, second int32) string {
	t := z.x.t
	for _, read := range t.Steps(second) {
		if read.Write || !answered(&read) {
			continue
		}
		for _, write := range t.Steps(first) {
			if write.Write && write.Key == read.Key && z.x.holds(&read, write.Value) {
				return t.Keys.Text(read.Key)
			}
		}
	}
	return ""
}

// between are the transactions by way of which one saw another, as few as may be.
func (z *certifier) between(seen, by int32, a *arranged) []int32 {
	if z.rule == polygraph.ReadAtomic {
		return nil
	}
	next := map[int32]int32{by: history.NotRead}
	for queue := []int32{by}; len(queue) > 0; queue = queue[1:] {
		t := queue[0]
		for _, from := range z.into[t] {
			if _, met := next[from]; met {
				continue
			}
			next[from] = t
			queue = append(queue, from)
		}
		if _, met := next[seen]; met {
			break
		}
	}
	var via []int32
	for t, met := next[seen]; met && t != by && t >= 0; t, met = next[t] {
		via = append(via, a.txns[t])
	}
	return slices.Clip(via)
}
