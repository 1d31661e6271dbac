package polygraph

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// draw is a small problem: who wrote what, who read whose write, and what came first.
func draw(t *rapid.T) *Problem {
	p := &Problem{Txns: int32(rapid.IntRange(1, 6).Draw(t, "transactions"))}
	txn := rapid.Int32Range(0, p.Txns-1)
	for range rapid.IntRange(0, 2).Draw(t, "before") {
		a, b := txn.Draw(t, "first"), txn.Draw(t, "second")
		if a != b {
			p.Before = append(p.Before, Pair{a, b})
		}
	}
	for range rapid.IntRange(1, 3).Draw(t, "keys") {
		writers := rapid.SliceOfNDistinct(txn, 0, int(p.Txns), rapid.ID).Draw(t, "writers")
		k := Key{Writers: writers}
		for _, r := range rapid.SliceOfNDistinct(txn, 0, int(p.Txns), rapid.ID).Draw(t, "readers") {
			from := int32(Initial)
			if i := rapid.IntRange(-1, len(writers)-1).Draw(t, "from"); i >= 0 {
				from = writers[i]
			}
			if from != r {
				k.Reads = append(k.Reads, Read{r, from})
			}
		}
		if rapid.IntRange(0, 3).Draw(t, "list") == 0 {
			k.Known = rapid.IntRange(0, len(writers)).Draw(t, "known")
		}
		p.Keys = append(p.Keys, k)
	}
	if rapid.Bool().Draw(t, "guesses") {
		for range p.Txns {
			b := rapid.Int32Range(0, 9).Draw(t, "begin")
			p.Begin, p.End = append(p.Begin, b), append(p.End, b+rapid.Int32Range(0, 5).Draw(t, "length"))
		}
	}
	return p
}

// permutations calls do for each order of 0 to n-1, until it returns true.
func permutations(n int, do func([]int) bool) bool {
	var next func(done []int) bool
	next = func(done []int) bool {
		if len(done) == n {
			return do(done)
		}
		for v := range n {
			if !slices.Contains(done, v) && next(append(slices.Clone(done), v)) {
				return true
			}
		}
		return false
	}
	return next(nil)
}

// keeps reports whether an order of a key's writers, by place, keeps to what is known of it.
func (k *Key) keeps(place []int) bool {
	for i := 0; i < k.Known; i++ {
		for j := i + 1; j < len(k.Writers); j++ {
			if place[k.Writers[i]] > place[k.Writers[j]] {
				return false
			}
		}
	}
	return true
}

// commits tries all orders of commits, and all snapshots.
func commits(p *Problem, rule Rule) bool {
	n := int(p.Txns)
	return permutations(n, func(order []int) bool {
		place := make([]int, n)
		for i, v := range order {
			place[v] = i
		}
		for k := range p.Keys {
			if !p.Keys[k].keeps(place) {
				return false
			}
		}
		for t := range n {
			from := 0
			if rule == Serializable {
				from = place[t]
			}
			found := false
			for s := from; s <= place[t] && !found; s++ {
				found = p.fits(int32(t), s, place, rule)
			}
			if !found {
				return false
			}
		}
		return true
	})
}

// fits reports whether a transaction may have read the first s commits.
func (p *Problem) fits(t int32, s int, place []int, rule Rule) bool {
	for _, b := range p.Before {
		if b.Second == t && place[b.First] >= s {
			return false
		}
	}
	for k := range p.Keys {
		key := &p.Keys[k]
		last := int32(Initial)
		for _, w := range key.Writers {
			if w != t && place[w] < s && (last == Initial || place[w] > place[last]) {
				last = w
			}
			if rule == Snapshot && slices.Contains(key.Writers, t) && w != t && place[w] >= s && place[w] < place[t] {
				return false
			}
		}
		for _, r := range key.Reads {
			if r.Txn == t && r.From != last {
				return false
			}
		}
	}
	return true
}

// parallel reports whether parallel snapshot isolation explains the problem.
func parallel(p *Problem) bool {
	n := int(p.Txns)
	orders := make([][]int, len(p.Keys))
	var next func(k int) bool
	next = func(k int) bool {
		if k == len(p.Keys) {
			sees := make([][]bool, n)
			for i := range sees {
				sees[i] = make([]bool, n)
			}
			for _, b := range p.Before {
				sees[b.Second][b.First] = true
			}
			for k := range p.Keys {
				key := &p.Keys[k]
				for i := 1; i < len(orders[k]); i++ {
					sees[key.Writers[orders[k][i]]][key.Writers[orders[k][i-1]]] = true
				}
				for _, r := range key.Reads {
					if r.From != Initial {
						sees[r.Txn][r.From] = true
					}
				}
			}
			for m := range n {
				for i := range n {
					for j := range n {
						sees[i][j] = sees[i][j] || sees[i][m] && sees[m][j]
					}
				}
			}
			return finest(p, orders, sees)
		}
		return permutations(len(p.Keys[k].Writers), func(order []int) bool {
			place := make([]int, n)
			for i, v := range order {
				place[p.Keys[k].Writers[v]] = i
			}
			orders[k] = order
			return p.Keys[k].keeps(place) && next(k+1)
		})
	}
	return next(0)
}

// finest reports whether each read found the last write that its transaction saw.
func finest(p *Problem, orders [][]int, sees [][]bool) bool {
	for i := range sees {
		if sees[i][i] {
			return false
		}
	}
	for k := range p.Keys {
		key := &p.Keys[k]
		for _, r := range key.Reads {
			last := int32(Initial)
			for _, i := range orders[k] {
				if w := key.Writers[i]; w != r.Txn && sees[r.Txn][w] {
					last = w
				}
			}
			if last != r.From {
				return false
			}
		}
	}
	return true
}

// saturated tries all commit orders for one in which no transaction read what came, for it, before another write that it saw: of all
// that it saw through others if causal, else of what it saw itself.
func saturated(p *Problem, rule Rule) bool {
	n := int(p.Txns)
	table := func() [][]bool {
		m := make([][]bool, n)
		for i := range m {
			m[i] = make([]bool, n)
		}
		return m
	}
	before, base := table(), table() // by first and second; so and wr; what else must be kept
	for _, s := range p.Sessions {
		for i := range s {
			for j := range i {
				before[s[j]][s[i]] = true
			}
		}
	}
	for k := range p.Keys {
		key := &p.Keys[k]
		for _, r := range key.Reads {
			if r.From != Initial {
				before[r.From][r.Txn] = true
			}
		}
		for i := range key.Known {
			for j := i + 1; j < len(key.Writers); j++ {
				base[key.Writers[i]][key.Writers[j]] = true
			}
		}
	}
	sees := table()
	for i := range n {
		copy(sees[i], before[i])
	}
	if rule == Causal {
		for m := range n {
			for i := range n {
				for j := range n {
					sees[i][j] = sees[i][j] || sees[i][m] && sees[m][j]
				}
			}
		}
	}
	return permutations(n, func(order []int) bool {
		place := make([]int, n)
		for i, v := range order {
			place[v] = i
		}
		for i := range n {
			for j := range n {
				if (before[i][j] || base[i][j]) && place[i] > place[j] {
					return false
				}
			}
		}
		for k := range p.Keys {
			for _, r := range p.Keys[k].Reads {
				for _, w := range p.Keys[k].Writers {
					if w != r.From && w != r.Txn && sees[w][r.Txn] && (r.From == Initial || place[w] > place[r.From]) {
						return rule == ReadCommitted
					}
				}
			}
		}
		return true
	})
}

// bothWays checks what is drawn, again and again until some of it holds and some is refuted: else there was nothing to tell apart.
func bothWays(t *testing.T, check func(*rapid.T) Status) {
	t.Helper()
	count := map[Status]int{}
	for range 100 {
		rapid.Check(t, func(t *rapid.T) { count[check(t)]++ })
		if count[Holds] > 0 && count[Refuted] > 0 {
			return
		}
	}
	t.Errorf("nothing to tell apart: %v", count)
}

// TestWeakIsRight: what is decided of the weak rules is what their axioms say.
func TestWeakIsRight(t *testing.T) {
	for _, rule := range []Rule{Causal, ReadAtomic, ReadCommitted} {
		bothWays(t, func(t *rapid.T) Status {
			p := draw(t)
			p.Before = nil
			if order := rapid.Permutation(slices.Collect(func(yield func(int32) bool) {
				for i := range p.Txns {
					if !yield(i) {
						return
					}
				}
			})).Draw(t, "sessions"); len(order) > 2 {
				p.Sessions = [][]int32{order[:len(order)/2], order[len(order)/2 : len(order)-1]}
			}
			if rule == ReadCommitted {
				p.Sessions = nil
			}
			want := Refuted
			if saturated(p, rule) {
				want = Holds
			}
			a := Decide(p, rule, DefaultLimits())
			if a.Status != want {
				t.Fatalf("rule %d: decided %d, want %d: %+v", rule, a.Status, want, p)
			}
			return a.Status
		})
	}
}

// TestDecideIsRight: what is decided is what trying out everything says.
func TestDecideIsRight(t *testing.T) {
	for rule, name := range []string{"serializable", "snapshot", "prefix", "parallel"} {
		t.Run(name, func(t *testing.T) {
			bothWays(t, func(t *rapid.T) Status {
				p := draw(t)
				rule := Rule(rule)
				want := Refuted
				if rule == ParallelSnapshot && parallel(p) || rule != ParallelSnapshot && commits(p, rule) {
					want = Holds
				}
				a := Decide(p, rule, DefaultLimits())
				if a.Status != want {
					t.Fatalf("decided %d, want %d: %+v\n%s", a.Status, want, p, fmt.Sprint(a))
				}
				b := decideUnpruned(p, rule)
				if b != want {
					t.Fatalf("without pruning decided %d, want %d: %+v", b, want, p)
				}
				return a.Status
			})
		})
	}
}

// decideUnpruned leaves all to the search.
func decideUnpruned(p *Problem, rule Rule) Status {
	in := newInstance(p, rule)
	order := in.sorted(in.ranks())
	if len(order) < int(in.nodes) {
		return Refuted
	}
	limits := DefaultLimits()
	return newSearch(in, order, &limits).run()
}
