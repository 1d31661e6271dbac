package polygraph

import "slices"

// lit is a choice: of variable l>>1, that the first of its writers came first, or, if l is odd, that the second did.
type lit int32

// certain is what follows from no choice.
const certain lit = -1

func (l lit) not() lit { return l ^ 1 }

// search looks for an order by trying. Its variables are pairs of writers of the same key, made when an order that was tried contradicts
// a read; its clauses are what was learnt from cycles (conflict-driven clause learning, with Pearce and Kelly's graph as the theory).
type search struct {
	*instance
	graph  *dynamic
	limits *Limits

	pairs  []Pair
	number map[Pair]int32
	value  []int8 // by variable: 0 open, 1 the first came first, -1 the second
	phase  []int8 // what it was last
	level  []int32
	why    []int32 // by variable: the clause that it follows from, or -1
	queue  queue
	bump   float64
	tried  map[Pair]bool

	trail     []lit
	levels    []mark
	head      int
	clauses   [][]lit
	watches   [][]int32 // by literal: clauses that watch it
	seen      []bool
	conflicts int64
}

// mark is where a level of the search began.
type mark struct{ trail, edges int }

// newSearch begins with the edges that are certain, which have no cycle, in the given order.
func newSearch(in *instance, order []int32, limits *Limits) *search {
	s := &search{instance: in, graph: newDynamic(slices.Clone(order)), limits: limits, number: map[Pair]int32{}, bump: 1, tried: map[Pair]bool{}}
	for i := range in.edges {
		s.graph.add(in.edges[i].from, in.edges[i].to, certain)
	}
	return s
}

// run searches until there is an order, it is known that there is none, or the limits are met.
func (s *search) run() Status {
	restart, since := luby(1), int64(0)
	for n := 1; ; {
		conflict, hurt := s.propagate()
		if hurt {
			s.conflicts++
			since++
			if !s.learn(conflict) {
				return Refuted
			}
			continue
		}
		if s.limits.Met(s.graph.steps) {
			return Open
		}
		if since > 64*restart {
			n++
			restart, since = luby(n), 0
			s.cancel(0)
			continue
		}
		if v := s.pick(); v >= 0 {
			s.levels = append(s.levels, mark{len(s.trail), len(s.graph.trail)})
			l := lit(2 * v)
			if s.phase[v] < 0 {
				l = l.not()
			}
			s.assign(l, -1)
			continue
		}
		if clause, violated := s.violated(); violated {
			if !s.learn(clause) {
				return Refuted
			}
			continue
		}
		if !s.doubt() {
			return Holds
		}
	}
}

// luby is the n-th term of the sequence 1 1 2 1 1 2 4 …
func luby(n int) int64 {
	for k := 1; ; k++ {
		switch {
		case n == 1<<k-1:
			return 1 << (k - 1)
		case n < 1<<k-1:
			return luby(n - (1<<(k-1) - 1))
		}
	}
}

// variable is the choice that a came before b. prefer is what is tried first, if it is new.
func (s *search) variable(a, b int32, prefer bool) lit {
	if v, ok := s.number[Pair{a, b}]; ok {
		return lit(2 * v)
	}
	if v, ok := s.number[Pair{b, a}]; ok {
		return lit(2*v + 1)
	}
	v := int32(len(s.pairs))
	s.number[Pair{a, b}] = v
	s.pairs = append(s.pairs, Pair{a, b})
	phase := int8(1)
	if !prefer {
		phase = -1
	}
	s.value, s.phase = append(s.value, 0), append(s.phase, phase)
	s.level, s.why = append(s.level, 0), append(s.why, -1)
	s.seen = append(s.seen, false)
	s.queue.grow()
	s.watches = append(s.watches, nil, nil)
	return lit(2 * v)
}

func (s *search) holds(l lit) int8 {
	if l&1 == 1 {
		return -s.value[l>>1]
	}
	return s.value[l>>1]
}

func (s *search) assign(l lit, why int32) {
	v := l >> 1
	s.value[v] = 1
	if l&1 == 1 {
		s.value[v] = -1
	}
	s.phase[v] = s.value[v]
	s.level[v], s.why[v] = int32(len(s.levels)), why
	s.trail = append(s.trail, l)
}

// propagate draws conclusions from the choices made. It returns a clause that they contradict, if there is one.
func (s *search) propagate() (conflict []lit, hurt bool) {
	for s.head < len(s.trail) {
		l := s.trail[s.head]
		s.head++
		if conflict, hurt = s.insert(l); hurt {
			return conflict, true
		}
		if conflict, hurt = s.units(l.not()); hurt {
			return conflict, true
		}
	}
	return nil, false
}

// insert adds the edges that a choice entails.
func (s *search) insert(l lit) (conflict []lit, hurt bool) {
	p := s.pairs[l>>1]
	if l&1 == 1 {
		p.First, p.Second = p.Second, p.First
	}
	s.graph.steps += int64(4 * (len(s.byTxn[p.First]) + len(s.byTxn[p.Second])))
	s.shared(p.First, p.Second, func(a, b *version) {
		s.entail(a.key, a, b, func(from, to int32, _ Why) {
			if hurt {
				return
			}
			if cycle, closes := s.graph.add(from, to, l); closes {
				conflict, hurt = clause(append(cycle, l)), true
			}
		})
	})
	return conflict, hurt
}

// clause is that not all of the choices are right.
func clause(choices []lit) []lit {
	slices.Sort(choices)
	choices = slices.Compact(choices)
	for i := range choices {
		choices[i] = choices[i].not()
	}
	return choices
}

// units looks at the clauses that watch a literal which has become false.
func (s *search) units(l lit) (conflict []lit, hurt bool) {
	watching := s.watches[l]
	kept := watching[:0]
	for i := 0; i < len(watching); i++ {
		c := s.clauses[watching[i]]
		s.graph.steps += 8
		if c[0] == l {
			c[0], c[1] = c[1], c[0]
		}
		if s.holds(c[0]) > 0 {
			kept = append(kept, watching[i])
			continue
		}
		moved := false
		for j := 2; j < len(c); j++ {
			if s.holds(c[j]) >= 0 {
				c[1], c[j] = c[j], c[1]
				s.watches[c[1]] = append(s.watches[c[1]], watching[i])
				moved = true
				break
			}
		}
		if moved {
			continue
		}
		kept = append(kept, watching[i])
		if s.holds(c[0]) < 0 {
			s.watches[l] = append(kept, watching[i+1:]...)
			return slices.Clone(c), true
		}
		s.assign(c[0], watching[i])
	}
	s.watches[l] = kept
	return nil, false
}

// learn goes back to where the conflict could have been avoided, and remembers how. It reports whether there is such a place.
func (s *search) learn(conflict []lit) bool {
	top := int32(0)
	for _, l := range conflict {
		top = max(top, s.level[l>>1])
		s.tried[s.pairs[l>>1]] = true
	}
	if top == 0 {
		return false
	}
	s.cancel(int(top))
	learnt, back := s.analyze(conflict)
	s.cancel(int(back))
	s.bump *= 1 / 0.95
	if s.bump > 1e100 {
		for i := range s.queue.activity {
			s.queue.activity[i] *= 1e-100
		}
		s.bump *= 1e-100
	}
	if len(learnt) == 1 {
		s.assign(learnt[0], -1)
		return true
	}
	n := int32(len(s.clauses))
	s.clauses = append(s.clauses, learnt)
	s.watches[learnt[0]] = append(s.watches[learnt[0]], n)
	s.watches[learnt[1]] = append(s.watches[learnt[1]], n)
	s.assign(learnt[0], n)
	return true
}

// analyze is the clause with one literal of the last level, which comes first, and the level at which that literal follows.
func (s *search) analyze(conflict []lit) (learnt []lit, back int32) {
	learnt = []lit{0}
	now := int32(len(s.levels))
	open, at := 0, len(s.trail)-1
	var marked []lit
	reason := conflict
	for {
		for _, l := range reason {
			v := l >> 1
			if s.seen[v] || s.level[v] == 0 {
				continue
			}
			s.seen[v] = true
			marked = append(marked, l)
			s.queue.bump(int32(v), s.bump)
			s.tried[s.pairs[v]] = true
			if s.level[v] == now {
				open++
			} else {
				learnt = append(learnt, l)
			}
		}
		for !s.seen[s.trail[at]>>1] {
			at--
		}
		l := s.trail[at]
		at--
		open--
		if open == 0 {
			learnt[0] = l.not()
			break
		}
		s.seen[l>>1] = true
		reason = nil
		for _, r := range s.clauses[s.why[l>>1]] {
			if r != l {
				reason = append(reason, r)
			}
		}
	}
	for _, l := range marked {
		s.seen[l>>1] = false
	}
	for i := 1; i < len(learnt); i++ {
		if s.level[learnt[i]>>1] > back {
			back = s.level[learnt[i]>>1]
			learnt[1], learnt[i] = learnt[i], learnt[1]
		}
	}
	return learnt, back
}

// cancel takes back all choices above a level.
func (s *search) cancel(level int) {
	if len(s.levels) <= level {
		return
	}
	m := s.levels[level]
	for _, l := range s.trail[m.trail:] {
		s.value[l>>1] = 0
		s.queue.push(int32(l >> 1))
	}
	s.trail = s.trail[:m.trail]
	s.graph.undo(m.edges)
	s.levels = s.levels[:level]
	s.head = min(s.head, len(s.trail))
}

// pick is the open variable that conflicts were most about of late, or -1.
func (s *search) pick() int32 {
	for {
		s.graph.steps += 16
		if v := s.queue.pop(); v < 0 || s.value[v] == 0 {
			return v
		}
	}
}
