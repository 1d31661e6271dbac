package polygraph

import "slices"

// dynamic is a graph without cycles to which edges are added and from which the last ones are taken away again. It keeps an order that its
// edges allow (Pearce and Kelly, J. Exp. Algorithmics 2007).
type dynamic struct {
	out, in [][]arc
	place   []int32 // by node: its place in the order
	nodes   []int32 // by place
	trail   []arc2  // edges in the order in which they were added

	via   []arc // scratch, by node: the edge by which it was reached, from where
	from  []int32
	seen  []int32
	round int32
	steps int64
}

// arc is one end of an edge, and the choice that it follows from.
type arc struct {
	node int32
	why  lit
}

type arc2 struct{ from, to int32 }

func newDynamic(order []int32) *dynamic {
	n := len(order)
	d := &dynamic{
		out: make([][]arc, n), in: make([][]arc, n), place: make([]int32, n), nodes: order,
		via: make([]arc, n), from: make([]int32, n), seen: make([]int32, n),
	}
	for i, v := range order {
		d.place[v] = int32(i)
	}
	return d
}

// add adds an edge. If that would close a cycle, it does not, and returns the choices that the rest of the cycle follows from.
func (d *dynamic) add(from, to int32, why lit) (cycle []lit, closes bool) {
	if from == to {
		return nil, true
	}
	if d.place[from] > d.place[to] {
		forward, met := d.reach(to, from, d.out, func(v int32) bool { return d.place[v] <= d.place[from] })
		if met {
			return d.back(to, from), true
		}
		backward, _ := d.reach(from, to, d.in, func(v int32) bool { return d.place[v] >= d.place[to] })
		d.reorder(backward, forward)
	}
	d.out[from] = append(d.out[from], arc{to, why})
	d.in[to] = append(d.in[to], arc{from, why})
	d.trail = append(d.trail, arc2{from, to})
	return nil, false
}

// undo takes away all edges but the first n that were added.
func (d *dynamic) undo(n int) {
	for len(d.trail) > n {
		e := d.trail[len(d.trail)-1]
		d.trail = d.trail[:len(d.trail)-1]
		d.out[e.from] = d.out[e.from][:len(d.out[e.from])-1]
		d.in[e.to] = d.in[e.to][:len(d.in[e.to])-1]
	}
}

// reach are the nodes that can be reached from one, itself included, until another one is.
func (d *dynamic) reach(start, goal int32, arcs [][]arc, within func(int32) bool) (nodes []int32, met bool) {
	d.round++
	d.seen[start] = d.round
	nodes = append(nodes, start)
	for i := 0; i < len(nodes); i++ {
		v := nodes[i]
		d.steps += int64(len(arcs[v])) + 1
		for _, a := range arcs[v] {
			if d.seen[a.node] == d.round || !within(a.node) {
				continue
			}
			d.seen[a.node] = d.round
			d.via[a.node], d.from[a.node] = a, v
			nodes = append(nodes, a.node)
			if a.node == goal {
				return nodes, true
			}
		}
	}
	return nodes, false
}

// back are the choices along the path by which the last reach came from start to goal.
func (d *dynamic) back(start, goal int32) []lit {
	var why []lit
	for v := goal; v != start; v = d.from[v] {
		if l := d.via[v].why; l != certain {
			why = append(why, l)
		}
	}
	return why
}

// path are the choices along a path between two nodes, which there is.
func (d *dynamic) path(from, to int32) []lit {
	if from == to {
		return nil
	}
	d.reach(from, to, d.out, func(v int32) bool { return d.place[v] <= d.place[to] })
	return d.back(from, to)
}

// reorder puts the nodes of backward before those of forward, in the places that both have.
func (d *dynamic) reorder(backward, forward []int32) {
	byPlace := func(a, b int32) int { return int(d.place[a]) - int(d.place[b]) }
	slices.SortFunc(backward, byPlace)
	slices.SortFunc(forward, byPlace)
	all := slices.Concat(backward, forward)
	places := make([]int32, len(all))
	for i, v := range all {
		places[i] = d.place[v]
	}
	slices.Sort(places)
	for i, v := range all {
		d.place[v], d.nodes[places[i]] = places[i], v
	}
	d.steps += int64(8 * len(all))
}
