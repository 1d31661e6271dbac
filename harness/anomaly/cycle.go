package anomaly

import "slices"

// cycle is a closed walk: step i goes from transaction txns[i] to the next one, and the last back to the first.
type cycle struct {
	txns  []int32
	kinds []edgeKind
}

// name is what a cycle of these kinds of edges is called.
func (c *cycle) name() string {
	var all edgeKind
	skew, adjacent := 0, false
	for i, k := range c.kinds {
		all |= k
		if k&skews != 0 {
			skew++
			adjacent = adjacent || c.kinds[(i+1)%len(c.kinds)]&skews != 0
		}
	}
	var name string
	switch {
	case skew == 1:
		name = "G-single"
	case skew > 1 && !adjacent:
		name = "G-nonadjacent"
	case skew > 1:
		name = "G2"
	case all&(wr|wwx) != 0:
		name = "G1c"
	default:
		name = "G0"
	}
	if skew > 0 && all&rwp == 0 {
		name += "-item"
	}
	switch {
	case all&realtime != 0:
		name += "-realtime"
	case all&process != 0:
		name += "-process"
	}
	return name
}

// loops are the cycles that a closed walk consists of: in none of them is a transaction met twice.
func (c *cycle) loops() []*cycle {
	var all []*cycle
	open, place := &cycle{}, make(map[int32]int, len(c.txns))
	for i, txn := range c.txns {
		if from, met := place[txn]; met {
			all = append(all, &cycle{slices.Clone(open.txns[from:]), slices.Clone(open.kinds[from:])})
			for _, v := range open.txns[from:] {
				delete(place, v)
			}
			open.txns, open.kinds = open.txns[:from], open.kinds[:from]
		}
		place[txn] = len(open.txns)
		open.txns, open.kinds = append(open.txns, txn), append(open.kinds, c.kinds[i])
	}
	return append(all, open)
}

// explained is the cycle as it is told: of several edges between the same two transactions, the one that says most.
func (c *cycle) explained(g *graph) *cycle {
	e := &cycle{txns: c.txns, kinds: append([]edgeKind(nil), c.kinds...)}
	for i, from := range c.txns {
		to := c.txns[(i+1)%len(c.txns)]
		for j := g.first[from]; j < g.first[from+1]; j++ {
			if g.to[j] == to && g.kind[j] < e.kinds[i] {
				e.kinds[i] = g.kind[j]
			}
		}
	}
	return e
}

// walker searches shortest walks in a graph, breadth first: a helper node costs nothing, as it stands for an edge.
type walker struct {
	g     *graph
	from  []int32 // by node: the edge by which it was first reached, plus 1
	via   []int32 // by node: where that edge came from
	seen  []int32 // nodes reached, in order: to be forgotten afterwards
	steps int     // edges looked at, over all walks: what a search is bounded by
}

func newWalker(g *graph) *walker {
	return &walker{g: g, from: make([]int32, g.nodes()), via: make([]int32, g.nodes())}
}

// walk finds a shortest walk from one node to another over the kinds in mask, inside the nodes for which in is true, looking
// at no more than limit edges. It returns the edges, or nil.
func (w *walker) walk(from, to int32, mask edgeKind, in func(int32) bool, limit int) []int32 {
	w.seen = w.seen[:0]
	mask |= pass
	// now holds the nodes of this distance. What helpers lead to is of the same distance, so it joins them before any goes on.
	now, later := []int32{from}, []int32(nil)
	defer func() {
		for _, v := range w.seen {
			w.from[v] = 0
		}
	}()
	there := false
	for stop := w.steps + limit; len(now) > 0 && w.steps <= stop; now, later = later, now[:0] {
		for i := 0; i < len(now) && !there; i++ {
			if w.g.helps(now[i]) {
				now, there = w.expand(now[i], to, mask, in, now)
			}
		}
		for i := 0; i < len(now) && !there && w.steps <= stop; i++ {
			if !w.g.helps(now[i]) {
				later, there = w.expand(now[i], to, mask, in, later)
			}
		}
		if there {
			return w.back(from, to)
		}
	}
	return nil
}

// expand appends to nodes those that v leads to and that were not reached before, up to the one that is looked for.
func (w *walker) expand(v, to int32, mask edgeKind, in func(int32) bool, nodes []int32) (more []int32, there bool) {
	for e := w.g.first[v]; e < w.g.first[v+1]; e++ {
		w.steps++
		u := w.g.to[e]
		if w.g.kind[e]&mask == 0 || w.from[u] != 0 || !in(u) {
			continue
		}
		w.from[u], w.via[u] = e+1, v
		w.seen = append(w.seen, u)
		nodes = append(nodes, u)
		if u == to {
			return nodes, true
		}
	}
	return nodes, false
}

// back is the walk that was found, as edges from the start on.
func (w *walker) back(from, to int32) []int32 {
	var edges []int32
	for v := to; ; {
		e := w.from[v] - 1
		edges = append(edges, e)
		if v = w.via[v]; v == from {
			break
		}
	}
	for i, j := 0, len(edges)-1; i < j; i, j = i+1, j-1 {
		edges[i], edges[j] = edges[j], edges[i]
	}
	return edges
}
