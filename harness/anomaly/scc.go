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
	c := &components{of: make([]int32, n)}
	low := make([]int32, n)  // 0: not seen yet; done: in a component
	next := make([]int32, n) // the edge to look at when v is on top again
	var path, open []int32
	mask |= pass
	var order int32
	for root := range n {
		if low[root] != 0 {
			continue
		}
		order++
		low[root], c.of[root], next[root] = order, order, g.first[root]
		path, open = append(path, root), append(open, root)
	walk:
		for len(path) > 0 {
			v := path[len(path)-1]
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
					path, open = append(path, w), append(open, w)
					continue walk
				case low[w] < low[v]:
					low[v] = low[w]
				}
			}
			path = path[:len(path)-1]
			if low[v] == c.of[v] { // of holds the node's order until its component is known
				var size int32
				for {
					w := open[len(open)-1]
					open = open[:len(open)-1]
					low[w], c.of[w] = done, c.count
					size++
					if w == v {
						break
					}
				}
				c.size = append(c.size, size)
				c.count++
			}
			if len(path) > 0 {
				if u := path[len(path)-1]; low[v] < low[u] {
					low[u] = low[v]
				}
			}
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
