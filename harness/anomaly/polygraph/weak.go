package polygraph

import "slices"

// weak decides the rules for which the order of writers follows from what transactions saw: in no time, as one may say, because
// nothing has to be tried.
func weak(p *Problem, rule Rule, limits *Limits) Answer {
	in := newInstance(&Problem{Txns: p.Txns, Sessions: p.Sessions, Before: p.Before, Saw: p.Saw}, rule)
	w := weaker{instance: in, all: p}
	w.index()
	a := Answer{rule: rule}
	switch rule {
	case ReadAtomic:
		w.atomic()
	case Causal:
		order := in.sorted(make([]int32, in.nodes))
		if len(order) == int(in.nodes) {
			w.chain(order)
			if int64(len(w.chains))*int64(p.Txns)*4 > limits.Bytes {
				return a
			}
			w.causal(order)
		}
	}
	a.Steps = int64(len(in.edges))
	if order := in.sorted(make([]int32, in.nodes)); len(order) == int(in.nodes) {
		a.Status, a.Order = Holds, order
		return a
	}
	a.Status = Refuted
	a.Steps += min(int64(in.nodes), maxStarts) * int64(len(in.edges)) // of the search for the shortest
	in.prove(in.cycle(), &a)
	return a
}

// weaker adds what follows to the instance's edges. A write that was seen by one who read the initial value comes before a
// node that stands for the beginning, which comes before it.
type weaker struct {
	*instance
	all     *Problem
	writes  []map[int32]bool // by key: who wrote it
	chains  [][]int32
	chainOf []int32
	place   []int32 // in its chain
	sees    [][]int32
	reads   [][]read
}

type read struct{ key, from int32 }

func (w *weaker) index() {
	p := w.all
	w.sees, w.reads = make([][]int32, p.Txns), make([][]read, p.Txns)
	w.chainOf, w.place = make([]int32, p.Txns), make([]int32, p.Txns)
	for t := range w.chainOf {
		w.chainOf[t] = -1
	}
	w.chains = slices.Clone(p.Sessions)
	for c, s := range w.chains {
		for i, t := range s {
			w.chainOf[t], w.place[t] = int32(c), int32(i)
		}
	}
	for _, s := range p.Saw {
		w.sees[s.Second] = append(w.sees[s.Second], s.First)
	}
	w.writes = make([]map[int32]bool, len(p.Keys))
	for k := range p.Keys {
		w.key(int32(k), &p.Keys[k])
	}
}

func (w *weaker) key(k int32, key *Key) {
	w.writes[k] = make(map[int32]bool, len(key.Writers))
	for i, t := range key.Writers {
		w.writes[k][t] = true
		first := int32(-1)
		switch {
		case i > 0 && i < key.Known:
			first = key.Writers[i-1]
		case key.Known > 0 && i >= key.Known:
			first = key.Writers[key.Known-1]
		}
		if first >= 0 {
			w.edges = append(w.edges, edge{from: first, to: t, why: Wrote, key: k, pair: Pair{first, t}})
		}
	}
	for _, r := range key.Reads {
		w.reads[r.Txn] = append(w.reads[r.Txn], read{k, r.From})
		if r.From != Initial {
			w.sees[r.Txn] = append(w.sees[r.Txn], r.From)
			w.edges = append(w.edges, edge{from: r.From, to: r.Txn, why: Saw, key: k})
		}
	}
}

// outdated adds that t's read found a write which came after that of one whom t saw; who read the initial value must not have seen
// any, and comes before it.
func (w *weaker) outdated(t int32, r read, seen int32) {
	if seen == r.from || seen == t {
		return
	}
	if r.from == Initial {
		w.edges = append(w.edges, edge{from: t, to: seen, why: Overwrote, key: r.key, pair: Pair{Initial, seen}})
		return
	}
	w.edges = append(w.edges, edge{from: seen, to: r.from, why: Outdated, key: r.key, reader: t})
}

// atomic looks at what each transaction saw directly, and did before in its session.
func (w *weaker) atomic() {
	for t := range w.Txns {
		for _, r := range w.reads[t] {
			for _, seen := range w.sees[t] {
				if w.writes[r.key][seen] {
					w.outdated(t, r, seen)
				}
			}
		}
	}
	for _, s := range w.all.Sessions {
		last := map[int32]int32{} // by key: who wrote it last in the session
		byTxn := w.wrote(s)
		for i, t := range s {
			for _, r := range w.reads[t] {
				if seen, ok := last[r.key]; ok {
					w.outdated(t, r, seen)
				}
			}
			for _, k := range byTxn[i] {
				last[k] = t
			}
		}
	}
}

// wrote are the keys that each transaction of a session wrote.
func (w *weaker) wrote(s []int32) [][]int32 {
	if w.byTxn[0] == nil && len(w.versions) == 0 {
		for k := range w.all.Keys {
			for _, t := range w.all.Keys[k].Writers {
				w.byTxn[t] = append(w.byTxn[t], int32(k))
			}
		}
		w.versions = append(w.versions, version{})
	}
	keys := make([][]int32, len(s))
	for i, t := range s {
		keys[i] = w.byTxn[t]
	}
	return keys
}

// chain puts each transaction that is in no session into a chain of such of which each saw the one before it.
func (w *weaker) chain(order []int32) {
	for _, t := range order {
		if w.chainOf[t] >= 0 {
			continue
		}
		for _, u := range w.sees[t] {
			c := w.chainOf[u]
			if n := len(w.chains[c]); int(c) >= len(w.all.Sessions) && w.chains[c][n-1] == u {
				w.chainOf[t], w.place[t] = c, int32(n)
				w.chains[c] = append(w.chains[c], t)
				break
			}
		}
		if w.chainOf[t] < 0 {
			w.chainOf[t] = int32(len(w.chains))
			w.chains = append(w.chains, []int32{t})
		}
	}
}

// causal looks at all that each transaction saw through others: of each chain, how much of it.
func (w *weaker) causal(order []int32) {
	chains := len(w.chains)
	seen := make([]int32, chains*int(w.Txns))
	into := rowsOf(w.nodes, w.edges, to)
	for _, t := range order {
		mine := seen[int(t)*chains : int(t+1)*chains]
		for _, e := range into.of(t) {
			if w.edges[e].why == Wrote {
				continue
			}
			u := w.edges[e].from
			for c, n := range seen[int(u)*chains : int(u+1)*chains] {
				mine[c] = max(mine[c], n)
			}
			mine[w.chainOf[u]] = max(mine[w.chainOf[u]], w.place[u]+1)
		}
	}
	for k := range w.all.Keys {
		w.causalKey(int32(k), seen, chains)
	}
}

// causalKey compares each read of a key with the last write of it in each chain that its transaction saw.
func (w *weaker) causalKey(k int32, seen []int32, chains int) {
	key := &w.all.Keys[k]
	wrote := map[int32][]int32{} // by chain: places of its writers
	var order []int32
	for _, t := range key.Writers {
		c := w.chainOf[t]
		if wrote[c] == nil {
			order = append(order, c)
		}
		wrote[c] = append(wrote[c], w.place[t])
	}
	for _, c := range order {
		slices.Sort(wrote[c])
	}
	for _, r := range key.Reads {
		for _, c := range order {
			places := wrote[c]
			i, _ := slices.BinarySearch(places, seen[int(r.Txn)*chains+int(c)])
			if i > 0 {
				w.outdated(r.Txn, read{k, r.From}, w.chains[c][places[i-1]])
			}
		}
	}
}
