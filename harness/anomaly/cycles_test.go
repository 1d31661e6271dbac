package anomaly

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// web is a small graph of transactions, once as the search gets it, with helpers and times, and once written out in full.
type web struct {
	in    inferred
	order edgeKind
	when  *times
	few   int
	plain []edge // every edge, for brute force
	// beside says that helpers may stand for edges which run beside others.
	beside bool
}

func drawWeb(t *rapid.T) *web {
	w := &web{}
	n := int32(rapid.IntRange(2, 6).Draw(t, "transactions"))
	w.in.txns = n
	kinds := []edgeKind{ww, wwx, wr, rw, rwp}
	w.order = rapid.SampledFrom([]edgeKind{0, process, realtime}).Draw(t, "order")
	if w.order != 0 {
		kinds = append(kinds, w.order, w.order)
	}
	txn := rapid.Int32Range(0, n-1)
	for range rapid.IntRange(1, int(3*n)).Draw(t, "edges") {
		w.in.edge(txn.Draw(t, "from"), txn.Draw(t, "to"), rapid.SampledFrom(kinds).Draw(t, "kind"))
	}
	w.plain = slices.Concat(w.in.edges...)
	return w
}

// drawProducts adds edges from each of some to each of others, which the search gets by way of helpers.
func (w *web) drawProducts(t *rapid.T) {
	kind := rapid.SampledFrom([]edgeKind{ww, rw}).Draw(t, "kind of product")
	full := inferred{}
	for range rapid.IntRange(1, 2).Draw(t, "products") {
		some := rapid.SliceOfNDistinct(rapid.Int32Range(0, w.in.txns-1), 1, -1, rapid.ID[int32])
		before, after := some.Draw(t, "before"), some.Draw(t, "after")
		w.in.product(before, after, kind)
		for _, a := range before {
			for _, b := range after {
				full.edge(a, b, kind)
			}
		}
	}
	fullEdges := slices.Concat(full.edges...)
	if rapid.Bool().Draw(t, "beside no other edges") {
		beside := func(e edge) bool {
			return slices.ContainsFunc(fullEdges, func(o edge) bool { return o.from == e.from && o.to == e.to })
		}
		w.plain = slices.DeleteFunc(w.plain, beside)
		w.in.edges = edgeBlocks{slices.DeleteFunc(slices.Concat(w.in.edges...), beside)}
	} else {
		w.beside = true
	}
	w.plain = append(w.plain, fullEdges...)
}

// drawTimes draws when each transaction began and was answered, if it was.
func (w *web) drawTimes(t *rapid.T) {
	w.plain = slices.DeleteFunc(w.plain, func(e edge) bool { return e.kind == process || e.kind == realtime })
	w.in.edges, w.order = edgeBlocks{slices.Clone(w.plain)}, realtime
	w.few = rapid.IntRange(0, int(w.in.txns)).Draw(t, "few")
	n := int(w.in.txns)
	w.when = &times{begin: slices.Repeat([]int32{-1}, n), end: slices.Repeat([]int32{-1}, n)}
	for place, e := range rapid.Permutation(slices.Repeat(places(n), 2)).Draw(t, "events") {
		switch {
		case w.when.begin[e] < 0:
			w.when.begin[e] = int32(place)
		case rapid.IntRange(0, 5).Draw(t, "answered") > 0:
			w.when.end[e] = int32(place)
		}
	}
	for a := range int32(n) {
		for b := range int32(n) {
			if a != b && w.when.end[a] >= 0 && w.when.end[a] < w.when.begin[b] {
				w.plain = append(w.plain, edge{a, b, realtime})
			}
		}
	}
}

func places(n int) []int32 {
	var all []int32
	for i := range int32(n) {
		all = append(all, i)
	}
	return all
}

// search is what the search says: by component, its names with the least length of each, and the models ruled out besides.
func (w *web) search(t *rapid.T) (found map[int32]map[string]int, hidden []string) {
	s := searcher{order: w.order, when: w.when, few: w.few, clocks: w.in.txns + w.in.helpers}
	nodes, edges := s.clocks, [][]edge(w.in.edges)
	if w.when != nil {
		more, helpers := w.when.clock(nodes)
		nodes, edges = nodes+helpers, append(edges, more...)
	}
	hits, hidden := s.search(newGraph(w.in.txns, nodes, edges...))
	found = map[int32]map[string]int{}
	parts := w.components()
	for _, h := range hits {
		if got := h.cycle.name(); got != h.name {
			t.Fatalf("called %s, is %s", h.name, got)
		}
		if slices.ContainsFunc(h.cycle.txns, func(v int32) bool { return v >= w.in.txns }) {
			t.Fatalf("%s leads through a helper: %v", h.name, h.cycle.txns)
		}
		if len(slices.Compact(slices.Sorted(slices.Values(h.cycle.txns)))) < len(h.cycle.txns) {
			t.Fatalf("%s meets a transaction twice: %v", h.name, h.cycle.txns)
		}
		for i, from := range h.cycle.txns {
			if e := (edge{from, h.cycle.txns[(i+1)%len(h.cycle.txns)], h.cycle.kinds[i]}); !slices.Contains(w.plain, e) {
				t.Fatalf("%s has an edge that is not there: %v", h.name, e)
			}
		}
		note(found, parts.of[h.cycle.txns[0]], h.name, len(h.cycle.txns))
	}
	return found, hidden
}

// told are the edges of which cycles are told: in components of more than few, real time without what follows through a third.
func (w *web) told() []edge {
	if w.when == nil {
		return w.plain
	}
	parts := w.components()
	many := func(e edge) bool {
		return e.kind == realtime && (parts.of[e.from] != parts.of[e.to] || parts.size[parts.of[e.from]] > int32(w.few))
	}
	told := slices.DeleteFunc(slices.Clone(w.plain), many)
	for _, nodes := range parts.groups() {
		if len(nodes) <= w.few {
			continue
		}
		for _, e := range w.when.next(nodes) {
			told = append(told, edge{nodes[e.from], nodes[e.to], realtime})
		}
	}
	return told
}

func note(found map[int32]map[string]int, part int32, name string, length int) {
	if found[part] == nil {
		found[part] = map[string]int{}
	}
	if least, ok := found[part][name]; !ok || length < least {
		found[part][name] = length
	}
}

func (w *web) components() *components {
	return newGraph(w.in.txns, w.in.txns, w.plain).components(reads | skews | w.order)
}

// cycles finds all cycles that meet no transaction twice, by component, under every name that each can be told by; or, with
// told, under the one by which it is told, each edge as the one that says most.
func (w *web) cycles(edges []edge, told bool) map[int32]map[string]int {
	found := map[int32]map[string]int{}
	parts := w.components()
	path := &cycle{}
	var from func(v int32)
	from = func(v int32) {
		path.txns = append(path.txns, v)
		for _, e := range edges {
			if e.from != v || told && slices.ContainsFunc(edges, func(o edge) bool { return o.from == v && o.to == e.to && o.kind < e.kind }) {
				continue
			}
			path.kinds = append(path.kinds, e.kind)
			switch {
			case e.to == path.txns[0]:
				note(found, parts.of[v], path.name(), len(path.txns))
			case e.to > path.txns[0] && !slices.Contains(path.txns, e.to):
				from(e.to)
			}
			path.kinds = path.kinds[:len(path.kinds)-1]
		}
		path.txns = path.txns[:len(path.txns)-1]
	}
	for v := range w.in.txns {
		from(v)
	}
	return found
}

// worst are the names of which none is a special case of another.
func worst(names map[string]int) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(names)), func(name string) bool {
		for other := range names {
			if other != name && implied([]string{other})[name] {
				return true
			}
		}
		return false
	})
}

// TestSearchAgainstBruteForce: of each component the search names the worst cycles there are, by shortest examples; and it rules
// out the models that any cycle rules out, however it may be told. Two things differ:
//
//   - As with Elle: where edges of writes and time alone go round, and no such cycle is told as G0-process or G0-realtime, because
//     something else says more about each, then G1c-process or G1c-realtime is not looked for.
//   - Where helpers stand for edges that run beside others, either may be told.
func TestSearchAgainstBruteForce(t *testing.T) {
	for name, draw := range map[string]func(*web, *rapid.T){
		"edges":    func(*web, *rapid.T) {},
		"products": (*web).drawProducts,
		"times":    (*web).drawTimes,
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				w := drawWeb(t)
				draw(w, t)
				found, hidden := w.search(t)
				if told := w.cycles(w.told(), true); !w.beside {
					w.mustName(t, found, told)
				}
				l := newLattice()
				var names, all []string
				for _, cycles := range found {
					names = slices.AppendSeq(names, maps.Keys(cycles))
				}
				for _, model := range hidden {
					names = append(names, l.cycleExists(model))
				}
				for _, cycles := range w.cycles(w.plain, false) {
					all = slices.AppendSeq(all, maps.Keys(cycles))
				}
				if got, want := l.ruledOut(names), l.ruledOut(all); !maps.Equal(got, want) {
					t.Fatalf("%v rule out %v, not %v; %+v", names, got, want, w)
				}
			})
		})
	}
}

// mustName fails unless the names found are those of the cycles there are.
func (w *web) mustName(t *rapid.T, found, there map[int32]map[string]int) {
	for part, cycles := range there {
		for _, name := range worst(cycles) {
			length, ok := found[part][name]
			if (!ok || length > cycles[name]) && (w.order == 0 || name != "G1c-"+w.order.String()) {
				t.Fatalf("component %d has a %s of %d, found %v; %+v", part, name, cycles[name], found, w)
			}
		}
		for name := range found[part] {
			if _, ok := cycles[name]; !ok {
				t.Fatalf("component %d has no %s; %+v", part, name, w)
			}
		}
	}
}
