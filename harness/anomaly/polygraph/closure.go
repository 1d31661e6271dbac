package polygraph

import "slices"

// set is a set of nodes.
type set []uint64

func (s set) has(v int32) bool { return s[v>>6]>>(uint(v)&63)&1 == 1 }

func (s set) put(v int32) { s[v>>6] |= 1 << (uint(v) & 63) }

func (s set) union(o set) {
	for i, w := range o {
		s[i] |= w
	}
}

// grow is union, and reports whether anything was new.
func (s set) grow(o set) bool {
	more := uint64(0)
	for i, w := range o {
		more |= w &^ s[i]
		s[i] |= w
	}
	return more != 0
}

// rows are edges by where they come from, or where they lead to.
type rows struct {
	first []int32
	edge  []int32
}

func rowsOf(nodes int32, edges []edge, end func(*edge) int32) rows {
	r := rows{first: make([]int32, nodes+1), edge: make([]int32, len(edges))}
	for i := range edges {
		r.first[end(&edges[i])+1]++
	}
	for v := range nodes {
		r.first[v+1] += r.first[v]
	}
	at := append([]int32(nil), r.first[:nodes]...)
	for i := range edges {
		v := end(&edges[i])
		r.edge[at[v]] = int32(i)
		at[v]++
	}
	return r
}

func (r *rows) of(v int32) []int32 { return r.edge[r.first[v]:r.first[v+1]] }

func from(e *edge) int32 { return e.from }

func to(e *edge) int32 { return e.to }

// sorted are the nodes in an order that the edges allow, those of lower rank first where they leave a choice; if they allow none,
// it ends early.
func (in *instance) sorted(rank []int32) []int32 {
	out := rowsOf(in.nodes, in.edges, from)
	open := make([]int32, in.nodes)
	for i := range in.edges {
		open[in.edges[i].to]++
	}
	ready := ranked{rank: rank}
	for v := range in.nodes {
		if open[v] == 0 {
			ready.push(v)
		}
	}
	order := make([]int32, 0, in.nodes)
	for len(ready.heap) > 0 {
		v := ready.pop()
		order = append(order, v)
		for _, e := range out.of(v) {
			u := in.edges[e].to
			open[u]--
			if open[u] == 0 {
				ready.push(u)
			}
		}
	}
	return order
}

// ranked is a heap of nodes, the one of the lowest rank on top.
type ranked struct {
	rank []int32
	heap []int32
}

func (h *ranked) less(a, b int32) bool {
	return h.rank[a] < h.rank[b] || h.rank[a] == h.rank[b] && a < b
}

func (h *ranked) push(v int32) {
	h.heap = append(h.heap, v)
	for i := len(h.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if !h.less(h.heap[i], h.heap[up]) {
			break
		}
		h.heap[i], h.heap[up] = h.heap[up], h.heap[i]
		i = up
	}
}

func (h *ranked) pop() int32 {
	top := h.heap[0]
	last := len(h.heap) - 1
	h.heap[0] = h.heap[last]
	h.heap = h.heap[:last]
	for i := 0; ; {
		down := 2*i + 1
		if down >= last {
			break
		}
		if down+1 < last && h.less(h.heap[down+1], h.heap[down]) {
			down++
		}
		if !h.less(h.heap[down], h.heap[i]) {
			break
		}
		h.heap[i], h.heap[down] = h.heap[down], h.heap[i]
		i = down
	}
	return top
}

// closure is which nodes come before each, by the edges.
type closure struct {
	before  []set
	place   []int32 // by node: its place in the order that was used
	changed []bool  // by node: more was found to come before it when edges were added last
	words   int64   // looked at
}

func newClosure(nodes int32) *closure {
	words := (int(nodes) + 63) / 64
	all := make([]uint64, words*int(nodes))
	c := &closure{before: make([]set, nodes), place: make([]int32, nodes), changed: make([]bool, nodes)}
	for v := range nodes {
		c.before[v] = all[int(v)*words : int(v+1)*words]
	}
	return c
}

// close computes the closure along an order that the edges allow.
func (in *instance) close(order []int32) *closure {
	c := newClosure(in.nodes)
	c.extend(in, order, 0)
	return c
}

// extend adds the edges from the known-th on. The order is one that all edges allow.
func (c *closure) extend(in *instance, order []int32, known int) {
	into := in.latest(order)
	for i, v := range order {
		c.place[v] = int32(i)
		c.changed[v] = false
		mine := c.before[v]
		for _, e := range into.of(v) {
			u := in.edges[e].from
			switch {
			case int(e) >= known && !mine.has(u):
				mine.union(c.before[u])
				mine.put(u)
				c.changed[v] = true
			case int(e) < known && c.changed[u]:
				c.changed[v] = mine.grow(c.before[u]) || c.changed[v]
			default:
				continue
			}
			c.words += int64(len(mine))
		}
	}
	c.words += int64(len(in.edges))
}

// latest are the edges by where they lead to, those first that come from the last in the order: they bring most with them.
func (in *instance) latest(order []int32) rows {
	out, into := rowsOf(in.nodes, in.edges, from), rowsOf(in.nodes, in.edges, to)
	at := slices.Clone(into.first[:in.nodes])
	for _, v := range slices.Backward(order) {
		for _, e := range out.of(v) {
			u := in.edges[e].to
			into.edge[at[u]] = e
			at[u]++
		}
	}
	return into
}

// cycle is a shortest cycle through one of a few nodes that are on one.
func (in *instance) cycle() []edge {
	out := rowsOf(in.nodes, in.edges, from)
	order := in.sorted(make([]int32, in.nodes))
	free := make([]bool, in.nodes)
	for _, v := range order {
		free[v] = true
	}
	into := rowsOf(in.nodes, in.edges, to)
	// What is left leads to a cycle; what of it does not come from one is peeled off as well.
	left := make([]int32, in.nodes)
	var peel []int32
	for v := range in.nodes {
		for _, e := range out.of(v) {
			if !free[in.edges[e].to] {
				left[v]++
			}
		}
		if !free[v] && left[v] == 0 {
			peel = append(peel, v)
		}
	}
	for len(peel) > 0 {
		v := peel[len(peel)-1]
		peel = peel[:len(peel)-1]
		free[v] = true
		for _, e := range into.of(v) {
			u := in.edges[e].from
			if left[u]--; left[u] == 0 && !free[u] {
				peel = append(peel, u)
			}
		}
	}
	var best []edge
	tried := 0
	w := newWalker(in, &out)
	w.free = free
	for v := range in.nodes {
		if free[v] {
			continue
		}
		if tried++; tried > maxStarts {
			break
		}
		if c := w.around(v); c != nil && (best == nil || in.cost(c) < in.cost(best)) {
			best = c
		}
	}
	return best
}

// maxStarts bounds the nodes from which a shorter cycle is looked for.
const maxStarts = 256

// cost prefers cycles that are easy to prove, then short ones.
func (in *instance) cost(cycle []edge) int {
	n := 0
	for i := range cycle {
		if cycle[i].round > 0 {
			n += 8
		}
		n++
	}
	return n
}
