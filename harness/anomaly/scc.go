package anomaly

import "math"

// components are the strongly connected components of a graph, over some kinds of edges.
type components struct {
	of    []int32 // by node: the component's number; components come after all that they lead to
	count int32
	size  []int32 // by component: its nodes
}

// components finds them by Tarjan's algorithm (SIAM J. Comput. 1972), without recursion: a history may be one long chain.
// Edges of other kinds than those of mask are as if they were not there; helpers let all through.
func (g *graph) components(mask edgeKind) *components {
	const done = math.MaxInt32
	n := g.nodes()
	c := &components{of: make([]int32, n), size: make([]int32, 0, n)}
	low := make([]int32, n)  // 0: not seen yet; done: in a component
	next := make([]int32, n) // the edge to look at when v is on top again
	// One stack from the left, the path to the node that is looked at, and one from the right, those that were left and are in no component
	// yet: no node is in both, so that neither grows (Pearce, A Space-Efficient Algorithm for Finding Strongly Connected Components, 2016).
	stacks := make([]int32, n)
	path, open := int32(0), n
	mask |= pass
	var order int32
	for root := range n {
		if low[root] != 0 {
			continue
		}
		order++
		low[root], c.of[root], next[root] = order, order, g.first[root]
		stacks[path] = root
		path++
	walk:
		for path > 0 {
			v := stacks[path-1]
			for next[v] < g.first[v+1] {
				e := next[v]
				next[v]++
				if g.kind[e]&mask == 0 {
					continue
				}
				w := g.to[e]
				switch {
				case low[w] == 0:
					order++
					low[w], c.of[w], next[w] = order, order, g.first[w]
					stacks[path] = w
					path++
					continue walk
				case low[w] < low[v]:
					low[v] = low[w]
				}
			}
			path--
			if path > 0 {
				if u := stacks[path-1]; low[v] < low[u] {
					low[u] = low[v]
				}
			}
			if low[v] < c.of[v] { // of holds the node's order until its component is known
				open--
				stacks[open] = v
				continue
			}
			size, first := int32(1), c.of[v]
			low[v], c.of[v] = done, c.count
			for ; open < n && c.of[stacks[open]] > first; open++ {
				w := stacks[open]
				low[w], c.of[w] = done, c.count
				size++
			}
			c.size = append(c.size, size)
			c.count++
		}
	}
	return c
}

// groups are the nodes of each component that has at least two, a component after the other, nodes in ascending order.
func (c *components) groups() [][]int32 {
	at := make(map[int32]int)
	var groups [][]int32
	for v, k := range c.of {
		if c.size[k] < 2 {
			continue
		}
		i, ok := at[k]
		if !ok {
			i = len(groups)
			at[k] = i
			groups = append(groups, make([]int32, 0, c.size[k]))
		}
		groups[i] = append(groups[i], int32(v))
	}
	return groups
}
