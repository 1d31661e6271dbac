package anomaly

// edgeKind says why one transaction comes before another.
type edgeKind uint8

const (
	ww       edgeKind = 1 << iota // overwrote what it wrote
	wwx                           // the same, if it was not rolled back: its end is unknown, and nobody saw this write
	wr                            // read what it wrote
	rw                            // overwrote what it had read
	rwp                           // wrote into a range that it had read
	process                       // came later in the same process
	realtime                      // began after it was answered
	pass                          // from a helper node on: of the kind by which the helper was reached
)

const (
	reads = wr | ww | wwx
	skews = rw | rwp
)

func (k edgeKind) String() string {
	switch k {
	case ww, wwx:
		return "ww"
	case wr:
		return "wr"
	case rw, rwp:
		return "rw"
	case process:
		return "process"
	case realtime:
		return "realtime"
	}
	return ""
}

type edge struct {
	from, to int32
	kind     edgeKind
}

// edgeBlocks are edges in the order in which they were found, a block after the other: to add one moves none of the others, of which there
// may be many millions.
type edgeBlocks [][]edge

// smallBlock and largeBlock are how many edges the first block has, and the largest ones.
const (
	smallBlock = 64
	largeBlock = 1 << 15
)

func (b *edgeBlocks) add(e edge) {
	last := len(*b) - 1
	if last < 0 || len((*b)[last]) == cap((*b)[last]) {
		size := smallBlock
		if last >= 0 {
			size = min(2*cap((*b)[last]), largeBlock)
		}
		*b = append(*b, make([]edge, 0, size))
		last++
	}
	(*b)[last] = append((*b)[last], e)
}

// graph is a directed graph in compressed rows: out of node v go to[first[v]:first[v+1]]. The first txns nodes are
// transactions; the rest are helpers, each of which stands for all pairs of those before it with those after it.
type graph struct {
	txns  int32
	first []int32
	to    []int32
	kind  []edgeKind
}

func (g *graph) nodes() int32 { return int32(len(g.first) - 1) }

func (g *graph) edges() int { return len(g.to) }

// newGraph is the graph of the edges, in the order of their origins. An edge from a node to itself says nothing.
func newGraph(txns, nodes int32, parts ...[]edge) *graph {
	g := &graph{txns: txns, first: make([]int32, nodes+1)}
	n := 0
	for _, part := range parts {
		for i := range part {
			g.first[part[i].from+1]++
		}
		n += len(part)
	}
	for v := range nodes {
		g.first[v+1] += g.first[v]
	}
	g.to, g.kind = make([]int32, n), make([]edgeKind, n)
	at := append([]int32(nil), g.first[:nodes]...)
	for _, part := range parts {
		for _, e := range part {
			g.to[at[e.from]], g.kind[at[e.from]] = e.to, e.kind
			at[e.from]++
		}
	}
	return g
}

// within are the edges between the given nodes, whose places in nodes become their numbers. local is scratch: for each node
// of g its new number plus 1, all zero before and after.
func (g *graph) within(nodes []int32, local []int32) []edge {
	var edges []edge
	for i, v := range nodes {
		local[v] = int32(i) + 1
	}
	for i, v := range nodes {
		for e := g.first[v]; e < g.first[v+1]; e++ {
			if to := local[g.to[e]]; to > 0 {
				edges = append(edges, edge{int32(i), to - 1, g.kind[e]})
			}
		}
	}
	for _, v := range nodes {
		local[v] = 0
	}
	return edges
}

// helps reports whether a node is a helper that leads anywhere.
func (g *graph) helps(v int32) bool { return g.first[v] < g.first[v+1] && g.kind[g.first[v]] == pass }

// told is the graph with one edge from a node to another, the one by which a cycle is told; fewer reports that there were
// others of other kinds.
func (g *graph) told() (t *graph, fewer bool) {
	t = &graph{txns: g.txns, first: make([]int32, len(g.first))}
	least := make([]edgeKind, g.nodes()) // by node, of those from the one that is looked at
	for v := range g.nodes() {
		for e := g.first[v]; e < g.first[v+1]; e++ {
			k := &least[g.to[e]]
			fewer = fewer || *k != 0 && *k != g.kind[e]
			if *k == 0 || g.kind[e] < *k {
				*k = g.kind[e]
			}
		}
		for e := g.first[v]; e < g.first[v+1]; e++ {
			if k := &least[g.to[e]]; g.kind[e] == *k {
				t.to, t.kind = append(t.to, g.to[e]), append(t.kind, *k)
				*k = 0
			}
		}
		t.first[v+1] = int32(len(t.to))
	}
	return t, fewer
}

// layered is the graph in which no two rw edges follow each other, over the kinds in mask: node v stands for having come to
// v by another edge, node v+n for having come by an rw edge. Its cycles are those that snapshot isolation forbids.
func (g *graph) layered(mask edgeKind) *graph {
	n := g.nodes()
	l := &graph{txns: 2 * n, first: make([]int32, 2*n+1)}
	for layer := range int32(2) {
		for v := range n {
			for e := g.first[v]; e < g.first[v+1]; e++ {
				k := g.kind[e]
				switch {
				case k&(mask|pass) == 0 || k&skews != 0 && layer == 1:
					continue
				case k&skews != 0 || k == pass && layer == 1:
					l.to = append(l.to, g.to[e]+n)
				default:
					l.to = append(l.to, g.to[e])
				}
				l.kind = append(l.kind, k)
			}
			l.first[layer*n+v+1] = int32(len(l.to))
		}
	}
	return l
}
