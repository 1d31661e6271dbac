package anomaly

import "slices"

// single looks for an rw edge from whose end other kinds of edges lead back to its beginning. It must be on a cycle of the
// layered graph. Short ways back are tried first; then sweep says of all of them at once whether there is any.
func (c *component) single(mask edgeKind, b *best) {
	l := c.layer(mask)
	rest := mask &^ skews
	parts := c.part(rest)
	var candidates []edge
	start := c.walker.steps
	try := func(x edge, limit int) {
		// Components are numbered backwards: what leads to x.from has a number of at least its own.
		in := func(u int32) bool { return parts.of[u] >= parts.of[x.from] && parts.of[u] <= parts.of[x.to] }
		if edges := c.walker.walk(x.to, x.from, rest, in, limit); edges != nil {
			e := c.edgeOf(x)
			b.offer(c.g, append([]int32{e}, edges...), c.g.origin)
		}
	}
	for v := range c.g.nodes() {
		for e := c.g.first[v]; e < c.g.first[v+1]; e++ {
			u := c.g.to[e]
			if c.g.kind[e]&skews&mask == 0 || l.parts.of[u+c.g.nodes()] != l.parts.of[v] || parts.of[u] < parts.of[v] {
				continue
			}
			x := edge{v, u, c.g.kind[e]}
			candidates = append(candidates, x)
			if c.walker.steps-start < maxForQuick || b.cycle != nil {
				try(x, maxTry)
			}
			if b.enough(c.walker.steps - start) {
				return
			}
		}
	}
	if b.cycle != nil || b.tried > 0 {
		return
	}
	for _, x := range c.sweep(candidates, rest, parts) {
		try(x, c.g.edges()+1)
		if b.enough(c.walker.steps - start) {
			return
		}
	}
}

// edgeOf is the number of an edge.
func (c *component) edgeOf(x edge) int32 {
	for e := c.g.first[x.from]; e < c.g.first[x.from+1]; e++ {
		if c.g.to[e] == x.to && c.g.kind[e] == x.kind {
			return e
		}
	}
	return -1
}

// sweep returns those of the edges from whose end a walk over the kinds of rest leads back to the beginning, all of the
// first 64 among which there are any. It goes through the graph once for 64 edges, a bit each, in topological order.
func (c *component) sweep(candidates []edge, rest edgeKind, parts *components) []edge {
	rest |= pass
	n := c.g.nodes()
	order := make([]int32, n) // nodes by component, the last one first: no edge leads backwards
	at := make([]int32, parts.count+1)
	for v := range n {
		at[parts.count-1-parts.of[v]+1]++
	}
	for i := range parts.count {
		at[i+1] += at[i]
	}
	place := slices.Clone(at)
	for v := range n {
		k := parts.count - 1 - parts.of[v]
		order[place[k]] = v
		place[k]++
	}
	reached := make([]uint64, parts.count) // by component
	for len(candidates) > 0 {
		batch := candidates[:min(64, len(candidates))]
		candidates = candidates[len(batch):]
		clear(reached)
		from, to := parts.count, int32(0)
		for i, x := range batch {
			reached[parts.of[x.to]] |= 1 << i
			from = min(from, parts.count-1-parts.of[x.to])
			to = max(to, parts.count-1-parts.of[x.from])
		}
		for k := from; k <= to; k++ {
			for _, v := range order[at[k]:at[k+1]] {
				bits := reached[parts.of[v]]
				if bits == 0 {
					break
				}
				for e := c.g.first[v]; e < c.g.first[v+1]; e++ {
					if c.g.kind[e]&rest != 0 {
						reached[parts.of[c.g.to[e]]] |= bits
					}
				}
			}
		}
		var back []edge
		for i, x := range batch {
			if reached[parts.of[x.from]]>>i&1 == 1 {
				back = append(back, x)
			}
		}
		if back != nil {
			return back
		}
	}
	return nil
}
