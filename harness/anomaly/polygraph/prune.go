package polygraph

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// pruner decides what is certain.
type pruner struct {
	*instance
	closure *closure
	earlier [][]set // by key and version, in the order of Writers: which versions are known to have come before it
	order   []int32
	rounds  int32
	spent   int64
	crowd   int // from how many versions on a key is crowded
}

func newPruner(in *instance) *pruner { return &pruner{instance: in, crowd: crowd} }

// prune adds, round by round, what follows from the closure of what is certain. It returns a cycle if there is one.
func (p *pruner) prune(limits *Limits) (cycle []edge) {
	rank := p.ranks()
	for known := 0; ; {
		p.order = p.sorted(rank)
		if len(p.order) < int(p.nodes) {
			return p.cycle()
		}
		words := (int64(p.nodes) + 63) / 64
		if words*8*int64(p.nodes) > limits.Bytes {
			return nil
		}
		if limits.Met(p.spent + words*int64(p.nodes)) {
			return nil
		}
		if p.closure == nil {
			p.closure = newClosure(p.nodes)
		}
		p.closure.extend(p.instance, p.order, known)
		if c := p.contradiction(); c != nil {
			return c
		}
		p.rounds++
		more := p.round()
		if len(more) == 0 {
			return nil
		}
		known = len(p.edges)
		p.edges = append(p.edges, more...)
	}
}

// round is what the closure decides, key by key.
func (p *pruner) round() []edge {
	keys := len(p.Keys)
	if p.earlier == nil {
		p.earlier = make([][]set, keys)
	}
	workers := min(runtime.GOMAXPROCS(0), max(keys, 1))
	spent := make([]int64, workers)
	var next atomic.Int32
	var wg sync.WaitGroup
	byKey := make([][]edge, keys) // so that the order of edges does not depend on who found them
	for w := range workers {
		wg.Go(func() {
			own := newDecider(p)
			for {
				k := next.Add(1) - 1
				if int(k) >= keys {
					break
				}
				byKey[k] = own.key(k)
			}
			spent[w] = own.spent
		})
	}
	wg.Wait()
	for _, s := range spent {
		p.spent += s
	}
	p.spent += p.closure.words
	p.closure.words = 0
	return slices.Concat(byKey...)
}

// decider decides the orders of the writers of one key after the other.
type decider struct {
	*pruner
	read      set // before whom: the version's writer as it begins, one of its readers
	acc, acc2 set
	latest    []int32 // the key's versions, the last in the order first
	first     []int32
	covered   set // of a crowded key: the versions of which it follows that they came before the one that is looked at
	spent     int64
}

func newDecider(p *pruner) *decider {
	words := (int(p.nodes) + 63) / 64
	return &decider{pruner: p, read: make(set, words), acc: make(set, words), acc2: make(set, words)}
}

func (d *decider) key(k int32) (found []edge) {
	versions := d.ofKey(k)
	if len(versions) < 2 || !slices.ContainsFunc(versions, func(a version) bool { return d.moved(&a) }) {
		return nil
	}
	if d.earlier[k] == nil {
		d.earlier[k] = make([]set, len(versions))
	}
	d.sort(versions)
	d.covered = nil
	if len(versions) > d.crowd {
		d.covered = make(set, (len(versions)+63)/64)
	}
	before := d.closure.before
	for n := range versions {
		i := n
		if d.covered != nil { // those that came before others first
			i = int(d.latest[len(versions)-1-n])
		}
		a := &versions[i]
		if !d.moved(a) {
			continue
		}
		copy(d.read, before[d.begin(a.writer)])
		for _, r := range a.readers {
			d.read.union(before[d.begin(r)])
		}
		d.spent += int64(len(d.read)*(1+len(a.readers)) + len(versions))
		earlier := d.earlier[k][i]
		d.first = d.first[:0]
		for _, j := range d.latest {
			if d.cannotFollow(a, &versions[j]) && int(j) != i && (earlier == nil || !earlier.has(j)) {
				d.first = append(d.first, j)
			}
		}
		if len(d.first) == 0 {
			continue
		}
		if earlier == nil {
			earlier = make(set, (len(versions)+63)/64)
			d.earlier[k][i] = earlier
		}
		for _, j := range d.first {
			earlier.put(j)
		}
		found = d.precede(k, versions, a, found)
	}
	return found
}

// crowd is from how many versions of a key on no edges are added that follow from others of the same round: that a came before c is left out
// where a is known to have come before b, and b before c. There are as many as pairs of versions. Of keys with fewer they are wanted: a cycle
// over them is shorter, and people may read it.
const crowd = 256

// moved reports whether more is known of what came before a version than when it was looked at last.
func (d *decider) moved(a *version) bool {
	changed := d.closure.changed
	return changed[d.begin(a.writer)] || changed[d.commit(a.writer)] ||
		slices.ContainsFunc(a.readers, func(r int32) bool { return changed[d.begin(r)] })
}

// sort fills in latest.
func (d *decider) sort(versions []version) {
	d.latest = d.latest[:0]
	for i := range versions {
		d.latest = append(d.latest, int32(i))
	}
	place := d.closure.place
	slices.SortFunc(d.latest, func(x, y int32) int {
		return cmp.Compare(place[d.commit(versions[y].writer)], place[d.commit(versions[x].writer)])
	})
}

// cannotFollow reports whether version b after version a would close a cycle. read holds what comes before the beginning of a or of one
// of its readers.
func (d *decider) cannotFollow(a, b *version) bool {
	mine := d.closure.before[d.commit(a.writer)]
	switch d.rule {
	case Snapshot:
		return mine.has(d.begin(b.writer)) || d.read.has(d.commit(b.writer))
	case Prefix:
		return mine.has(d.commit(b.writer)) || d.read.has(d.commit(b.writer))
	}
	return d.read.has(b.writer)
}

// precede adds that the versions of d.first, which cannot follow a, came before it: what of it is not known already.
func (d *decider) precede(k int32, versions []version, a *version, found []edge) []edge {
	before := d.closure.before
	begin, commit := d.begin(a.writer), d.commit(a.writer)
	toBegin, toCommit := d.acc, d.acc2
	copy(toBegin, before[begin])
	copy(toCommit, before[commit])
	d.spent += int64(2 * len(toBegin))
	clear(d.covered)
	for _, j := range d.first {
		if d.covered != nil {
			if d.covered.has(j) {
				continue
			}
			d.covered.union(d.earlier[k][j])
			d.spent += int64(len(d.covered))
		}
		b := &versions[j]
		d.entail(k, b, a, func(from, to int32, why Why) {
			known := toCommit
			if to == begin {
				known = toBegin
			}
			if known.has(from) {
				return
			}
			known.union(before[from])
			known.put(from)
			if to == begin && begin != commit {
				toCommit.union(known)
			}
			d.spent += int64(len(known))
			found = append(found, edge{from: from, to: to, why: why, key: k, round: d.rounds, pair: Pair{b.writer, a.writer}})
		})
	}
	return found
}

// contradiction is a cycle that parallel snapshot isolation forbids although its order has none: a transaction that saw a write, and read
// what that had overwritten.
func (p *pruner) contradiction() []edge {
	if p.rule != ParallelSnapshot {
		return nil
	}
	before := p.closure.before
	for k := range p.Keys {
		for _, r := range p.initial[k] {
			for _, w := range p.Keys[k].Writers {
				if w != r && before[r].has(w) {
					return p.through(edge{from: r, to: w, why: Overwrote, key: int32(k)})
				}
			}
		}
		versions := p.ofKey(int32(k))
		for i := range versions {
			a := &versions[i]
			for _, r := range a.readers {
				for j := range versions {
					b := versions[j].writer
					if j != i && b != r && before[b].has(a.writer) && before[r].has(b) {
						return p.through(edge{from: r, to: b, why: Overwrote, key: int32(k), pair: Pair{a.writer, b}})
					}
				}
			}
		}
	}
	return nil
}

// through is a cycle of the edge and a shortest way back from its end.
func (p *pruner) through(e edge) []edge {
	p.edges = append(p.edges, e)
	out := rowsOf(p.nodes, p.edges, from)
	c := newWalker(p.instance, &out).around(e.from)
	p.edges = p.edges[:len(p.edges)-1]
	return c
}
