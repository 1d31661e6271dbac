package polygraph

import "slices"

// walker looks for shortest ways along the edges of an instance.
type walker struct {
	in    *instance
	out   *rows
	free  []bool // nodes that no way leads through; nil: there are none
	goal  []bool
	via   []int32 // by node: the edge by which it was reached
	seen  []int32 // by node: the walk in which it was
	walks int32
	queue []int32
}

func newWalker(in *instance, out *rows) *walker {
	return &walker{in: in, out: out, goal: make([]bool, in.nodes), via: make([]int32, in.nodes), seen: make([]int32, in.nodes)}
}

// around is a shortest cycle through v, or nil.
func (w *walker) around(v int32) []edge { return w.way(v, v) }

// way is a shortest way to one of the goals, or nil. One to where it starts is a cycle.
func (w *walker) way(start int32, goals ...int32) []edge {
	for _, g := range goals {
		w.goal[g] = true
	}
	end := w.walk(start)
	for _, g := range goals {
		w.goal[g] = false
	}
	if end < 0 {
		return nil
	}
	var back []edge
	for at := end; ; {
		e := w.in.edges[w.via[at]]
		back = append(back, e)
		if at = e.from; at == start {
			slices.Reverse(back)
			return back
		}
	}
}

// walk is the goal that is reached first, or -1.
func (w *walker) walk(start int32) int32 {
	w.walks++
	w.queue = append(w.queue[:0], start)
	for i := 0; i < len(w.queue); i++ {
		for _, e := range w.out.of(w.queue[i]) {
			u := w.in.edges[e].to
			if w.seen[u] == w.walks || w.free != nil && w.free[u] {
				continue
			}
			w.seen[u], w.via[u] = w.walks, e
			if w.goal[u] {
				return u
			}
			if u != start {
				w.queue = append(w.queue, u)
			}
		}
	}
	return -1
}
