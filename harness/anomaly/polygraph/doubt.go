package polygraph

import (
	"cmp"
	"slices"
)

// doubt looks where the order that the graph has now contradicts what was read, makes a choice of each such place, and reports whether
// there was any.
func (s *search) doubt() bool {
	if s.rule == ParallelSnapshot {
		return s.unordered()
	}
	before := len(s.pairs)
	var sorted []*version
	place := s.graph.place
	for k := range s.Keys {
		versions := s.ofKey(int32(k))
		sorted = sorted[:0]
		for i := range versions {
			sorted = append(sorted, &versions[i])
		}
		s.graph.steps += int64(len(versions) * 4)
		slices.SortFunc(sorted, func(a, b *version) int {
			return cmp.Compare(place[s.commit(a.writer)], place[s.commit(b.writer)])
		})
		for i := range sorted {
			s.doubtful(sorted[i:])
		}
	}
	return len(s.pairs) > before
}

// doubtful makes a choice of the first version and one that came too early after it.
func (s *search) doubtful(sorted []*version) {
	a, place := sorted[0], s.graph.place
	if s.rule == Snapshot && len(sorted) > 1 && place[s.commit(a.writer)] > place[s.begin(sorted[1].writer)] {
		s.choose(a.writer, sorted[1].writer)
	}
	for _, r := range a.readers {
		for _, b := range sorted[1:] {
			if place[s.commit(b.writer)] > place[s.begin(r)] {
				break
			}
			if b.writer != r {
				s.choose(a.writer, b.writer)
			}
		}
	}
}

// choose makes a variable of the order of two writers. The one that is guessed to have been first is tried first.
func (s *search) choose(a, b int32) {
	s.variable(a, b, s.guessed[a] <= s.guessed[b])
}

// unordered makes choices of writers of the same key neither of which is known to see the other.
func (s *search) unordered() bool {
	before := len(s.pairs)
	c := s.now()
	for k := range s.Keys {
		versions := s.ofKey(int32(k))
		for i := range versions {
			for j := range i {
				a, b := versions[i].writer, versions[j].writer
				if !c.before[a].has(b) && !c.before[b].has(a) {
					s.choose(a, b)
				}
			}
		}
	}
	return len(s.pairs) > before
}

// now is the closure of the graph as it is.
func (s *search) now() *closure {
	in := instance{nodes: s.nodes}
	for v := range s.graph.out {
		for _, a := range s.graph.out[v] {
			in.edges = append(in.edges, edge{from: int32(v), to: a.node})
		}
	}
	c := in.close(s.graph.nodes)
	s.graph.steps += c.words + 16*int64(len(in.edges))
	return c
}

// violated is a clause of the choices because of which a transaction sees a write and read what that had overwritten, which only parallel
// snapshot isolation asks for.
func (s *search) violated() ([]lit, bool) {
	if s.rule != ParallelSnapshot {
		return nil, false
	}
	c := s.now()
	for k := range s.Keys {
		versions := s.ofKey(int32(k))
		for _, r := range s.initial[k] {
			for i := range versions {
				if w := versions[i].writer; w != r && c.before[r].has(w) {
					return clause(s.graph.path(w, r)), true
				}
			}
		}
		for i := range versions {
			a := &versions[i]
			s.graph.steps += int64(len(a.readers) * len(versions))
			for _, r := range a.readers {
				for j := range versions {
					b := versions[j].writer
					if j != i && b != r && c.before[b].has(a.writer) && c.before[r].has(b) {
						return clause(append(s.graph.path(a.writer, b), s.graph.path(b, r)...)), true
					}
				}
			}
		}
	}
	return nil, false
}
