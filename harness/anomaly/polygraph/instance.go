package polygraph

import "slices"

// instance is a problem under a rule, as a graph of events. Of split rules transaction t begins at event 2t and commits at 2t+1;
// of others it is event t. Nodes after the events are helpers.
type instance struct {
	*Problem
	rule   Rule
	events int32
	nodes  int32
	edges  []edge
	// versions are what was written, key by key, in the order of Writers; versions[first[k]:first[k+1]] are those of key k.
	versions []version
	first    []int32
	initial  [][]int32 // by key: who read it before all writes
	byTxn    [][]int32 // by transaction: its versions, by key
	guessed  []int32   // by transaction: when it is guessed to have happened
}

// version is one key as one transaction left it.
type version struct {
	key, writer int32
	readers     []int32
}

type edge struct {
	from, to int32
	why      Why
	key      int32
	round    int32 // of deciding in which it was added; 0: it was certain
	pair     Pair  // the writers whose order it follows from
	reader   int32 // of Outdated
}

func (in *instance) begin(t int32) int32 {
	if in.rule.split() {
		return 2 * t
	}
	return t
}

func (in *instance) commit(t int32) int32 {
	if in.rule.split() {
		return 2*t + 1
	}
	return t
}

func (in *instance) txn(event int32) int32 {
	if in.rule.split() {
		return event / 2
	}
	return event
}

func newInstance(p *Problem, rule Rule) *instance {
	in := &instance{Problem: p, rule: rule, events: p.Txns, first: []int32{0}, byTxn: make([][]int32, p.Txns)}
	if rule.split() {
		in.events *= 2
	}
	in.nodes = in.events
	if rule.split() {
		for t := range p.Txns {
			in.edges = append(in.edges, edge{from: 2 * t, to: 2*t + 1})
		}
	}
	for _, s := range p.Sessions {
		for i := 1; i < len(s); i++ {
			in.edges = append(in.edges, edge{from: in.commit(s[i-1]), to: in.begin(s[i]), why: Session})
		}
	}
	for _, b := range p.Before {
		in.edges = append(in.edges, edge{from: in.commit(b.First), to: in.begin(b.Second), why: Given})
	}
	for _, s := range p.Saw {
		in.edges = append(in.edges, edge{from: in.commit(s.First), to: in.begin(s.Second), why: Saw, key: -1})
	}
	in.initial = make([][]int32, len(p.Keys))
	for k := range p.Keys {
		in.key(int32(k), &p.Keys[k])
	}
	in.guessed = in.guess()
	return in
}

// key adds a key's versions, and what is certain of them.
func (in *instance) key(k int32, key *Key) {
	from := int32(len(in.versions))
	place := make(map[int32]int32, len(key.Writers))
	for i, w := range key.Writers {
		place[w] = from + int32(i)
		in.byTxn[w] = append(in.byTxn[w], from+int32(i))
		in.versions = append(in.versions, version{key: k, writer: w})
	}
	in.first = append(in.first, int32(len(in.versions)))
	for _, r := range key.Reads {
		if r.From == Initial {
			in.initial[k] = append(in.initial[k], r.Txn)
			continue
		}
		v := &in.versions[place[r.From]]
		v.readers = append(v.readers, r.Txn)
		in.edges = append(in.edges, edge{from: in.commit(r.From), to: in.begin(r.Txn), why: Saw, key: k})
	}
	if in.rule != ParallelSnapshot {
		in.upon(k, in.initial[k], key.Writers)
	}
	for i := from; i < int32(len(in.versions)); i++ {
		a := &in.versions[i]
		for _, r := range a.readers {
			if b, both := place[r]; both {
				in.certain(k, a, &in.versions[b])
			}
		}
	}
	for i := 0; i+1 < key.Known; i++ {
		in.certain(k, &in.versions[from+int32(i)], &in.versions[from+int32(i)+1])
	}
	if n := int32(key.Known); n > 0 {
		for i := from + n; i < int32(len(in.versions)); i++ {
			in.certain(k, &in.versions[from+n-1], &in.versions[i])
		}
	}
}

// certain adds that one version came before another.
func (in *instance) certain(k int32, a, b *version) {
	in.entail(k, a, b, func(from, to int32, why Why) {
		in.edges = append(in.edges, edge{from: from, to: to, why: why, key: k, pair: Pair{a.writer, b.writer}})
	})
}

// entail calls add for each edge that follows from version a being before version b of the same key.
func (in *instance) entail(_ int32, a, b *version, add func(from, to int32, why Why)) {
	switch in.rule {
	case Prefix:
		add(in.commit(a.writer), in.commit(b.writer), Wrote)
	default:
		add(in.commit(a.writer), in.begin(b.writer), Wrote)
	}
	if in.rule == ParallelSnapshot {
		return // who read a must not see b, which is no order
	}
	for _, r := range a.readers {
		if r != b.writer {
			add(in.begin(r), in.commit(b.writer), Overwrote)
		}
	}
}

// cut is from how many pairs on a helper node stands for them.
const cut = 64

// upon adds that those who read the initial value did so before anybody wrote.
func (in *instance) upon(k int32, readers, writers []int32) {
	if len(readers)*len(writers) <= cut {
		for _, r := range readers {
			for _, w := range writers {
				in.initially(k, r, w)
			}
		}
		return
	}
	helper := in.nodes
	in.nodes++
	for _, w := range writers {
		in.edges = append(in.edges, edge{from: helper, to: in.commit(w), why: Overwrote, key: k})
	}
	for _, r := range readers {
		if in.rule.split() || !slices.Contains(writers, r) {
			in.edges = append(in.edges, edge{from: in.begin(r), to: helper, why: Overwrote, key: k})
			continue
		}
		for _, w := range writers {
			in.initially(k, r, w)
		}
	}
}

func (in *instance) initially(k, reader, writer int32) {
	if reader != writer {
		in.edges = append(in.edges, edge{from: in.begin(reader), to: in.commit(writer), why: Overwrote, key: k})
	}
}

// ofKey are the versions of a key.
func (in *instance) ofKey(k int32) []version { return in.versions[in.first[k]:in.first[k+1]] }

// shared calls do for each key that both transactions wrote.
func (in *instance) shared(a, b int32, do func(va, vb *version)) {
	x, y := in.byTxn[a], in.byTxn[b]
	for i, j := 0, 0; i < len(x) && j < len(y); {
		va, vb := &in.versions[x[i]], &in.versions[y[j]]
		switch {
		case va.key < vb.key:
			i++
		case va.key > vb.key:
			j++
		default:
			do(va, vb)
			i++
			j++
		}
	}
}
