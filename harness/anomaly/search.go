package anomaly

import (
	"cmp"
	"slices"
)

// hit is a cycle found, in the transactions' own numbers.
type hit struct {
	name  string
	cycle *cycle
}

// searcher names cycles.
type searcher struct {
	order  edgeKind // process, realtime or 0
	when   *times   // of the transactions, where the order is realtime
	few    int      // up to how many of a component are related each to all that came later
	clocks int32    // nodes from here on are helpers for real time
}

// search names the cycles of a graph. In each of its strongly connected components it looks for the worst kind first, and
// for no kind of which a found one is a special case. hidden are models that are ruled out by cycles of which every one
// tried could as well be told as another kind.
func (s *searcher) search(g *graph) (hits []hit, hidden []string) {
	all := g.components(reads | skews | s.order)
	local := make([]int32, g.nodes())
	groups := all.groups()
	slices.SortStableFunc(groups, func(a, b []int32) int { return cmp.Compare(len(a), len(b)) })
	for _, nodes := range groups {
		c := s.component(g, nodes, local)
		more, rules := c.search()
		hits = append(hits, more...)
		hidden = append(hidden, rules...)
	}
	return hits, hidden
}

// component is one strongly connected component, in which real time is told as edges between transactions.
func (s *searcher) component(g *graph, nodes, local []int32) *component {
	if s.when != nil {
		nodes = slices.DeleteFunc(nodes, func(v int32) bool { return v >= s.clocks })
	}
	edges := [][]edge{g.within(nodes, local)}
	if s.when != nil {
		txns := nodes
		if i := slices.IndexFunc(nodes, func(v int32) bool { return v >= g.txns }); i >= 0 {
			txns = nodes[:i] // nodes are in ascending order
		}
		edges = append(edges, s.when.later(txns, s.few))
	}
	n := int32(len(nodes))
	c := &component{g: newGraph(n, n, edges...), nodes: nodes, order: s.order, txns: g.txns}
	c.told = c
	if g, fewer := c.g.told(); fewer {
		c.told = &component{g: g, nodes: nodes, order: s.order, txns: c.txns}
	}
	return c
}

// component is one strongly connected component.
type component struct {
	g     *graph
	nodes []int32 // by its own number: the number in the whole graph
	txns  int32   // numbers from here on are helpers
	order edgeKind
	told  *component // the same, with only those edges by which a cycle is told; itself if there are no others

	walker *walker
	parts  map[edgeKind]*components // over these kinds of edges only
	layers map[edgeKind]*layers
}

// layers is the component as snapshot isolation sees it.
type layers struct {
	g      *graph
	parts  *components
	walker *walker
}

func (c *component) search() (hits []hit, hidden []string) {
	done := map[string]bool{}
	for _, k := range kinds(c.order) {
		if done[k.name] {
			continue
		}
		found, there := c.find(&k)
		if found != nil {
			name := found.name()
			for i, v := range found.txns {
				found.txns[i] = c.nodes[v]
			}
			hits = append(hits, hit{name, found})
			for name := range implied([]string{k.name}) {
				done[name] = true
			}
			there = name != k.name
		}
		if there {
			hidden = append(hidden, k.rules)
		}
	}
	return hits, hidden
}

// part is the component split by the edges of some kinds.
func (c *component) part(mask edgeKind) *components {
	if c.parts[mask] == nil {
		c.parts[mask] = c.g.components(mask)
	}
	return c.parts[mask]
}

func (c *component) layer(mask edgeKind) *layers {
	if c.layers[mask] == nil {
		g := c.g.layered(mask)
		c.layers[mask] = &layers{g: g, parts: g.components(mask), walker: newWalker(g)}
	}
	return c.layers[mask]
}

// find looks for a shortest cycle of the kind. there reports that there is one that the same model forbids, even if it is not
// told as this kind. Of plain kinds one that is told otherwise does, as with Elle.
func (c *component) find(k *kindOfCycle) (found *cycle, there bool) {
	told := c.told.look(k, false)
	if told.cycle != nil || c.told == c && k.shape != plain {
		return told.cycle, told.tried > 0
	}
	all := c.look(k, true)
	if k.shape == plain {
		return all.other, all.tried > 0
	}
	return nil, told.tried+all.tried > 0
}

// look searches for a short cycle of the kind. any says that it is known that none is told as this kind.
func (c *component) look(k *kindOfCycle, any bool) *best {
	if c.walker == nil {
		c.walker, c.parts, c.layers = newWalker(c.g), map[edgeKind]*components{}, map[edgeKind]*layers{}
	}
	b := &best{want: k.name, c: c, any: any && k.shape != plain}
	switch k.shape {
	case plain:
		c.plain(k.mask, b)
	case single:
		c.single(k.mask, b)
	case nonadjacent:
		c.nonadjacent(k.mask, b)
	case skewed:
		c.skewed(k.mask, b)
	}
	return b
}

// origin is where an edge comes from.
func (g *graph) origin(e int32) int32 {
	i, _ := slices.BinarySearch(g.first, e+1)
	return int32(i) - 1
}

// plain looks for any cycle over the mask: from each node of the smallest part around to itself.
func (c *component) plain(mask edgeKind, b *best) {
	parts := c.part(mask)
	groups := parts.groups()
	slices.SortStableFunc(groups, func(x, y []int32) int { return cmp.Compare(len(x), len(y)) })
	start := c.walker.steps
	for _, nodes := range groups {
		for _, v := range nodes {
			if c.nodes[v] >= c.txns {
				continue
			}
			in := func(u int32) bool { return parts.of[u] == parts.of[v] }
			if edges := c.walker.walk(v, v, mask, in, c.g.edges()+1); edges != nil {
				b.offer(c.g, edges, c.g.origin)
			}
			if b.enough(c.walker.steps - start) {
				return
			}
		}
	}
}

// skewed looks for any cycle over the mask with an rw edge.
func (c *component) skewed(mask edgeKind, b *best) {
	c.throughSkews(c.g, c.part(mask), c.walker, mask, b)
}

// nonadjacent looks for a cycle in the layered graph with an rw edge.
func (c *component) nonadjacent(mask edgeKind, b *best) {
	l := c.layer(mask)
	c.throughSkews(l.g, l.parts, l.walker, mask, b)
}

// throughSkews looks for cycles with an rw edge: from the end of each back to its beginning.
func (c *component) throughSkews(g *graph, parts *components, w *walker, mask edgeKind, b *best) {
	start := w.steps
	for v := range c.g.nodes() {
		for e := g.first[v]; e < g.first[v+1]; e++ {
			if g.kind[e]&skews&mask == 0 || parts.of[g.to[e]] != parts.of[v] {
				continue
			}
			in := func(u int32) bool { return parts.of[u] == parts.of[v] }
			if edges := w.walk(g.to[e], v, mask, in, g.edges()+1); edges != nil {
				b.offer(g, append([]int32{e}, edges...), g.origin)
			}
			if b.enough(w.steps - start) {
				return
			}
		}
	}
}
