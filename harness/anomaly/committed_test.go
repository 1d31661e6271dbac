package anomaly

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// graphs tries all orders of versions, and of each read all writes that it may have found, and looks at the graph of each (Adya 1999): what
// is read must be committed and finished, and the graph have no cycle of reads and overwrites.
type graphs struct {
	h      *history.Transactions
	order  edgeKind
	single bool // forbidden is a cycle with one anti-dependency
	reads  []foundBy
	keys   []int32
	orders map[int32][]int32 // by key: its writers, in the order that is tried
}

// foundBy is a read of what another transaction wrote.
type foundBy struct {
	kind               history.Kind
	reader, key, value int32
	list               []int32
	from               int32 // -1: nobody
}

// committedSo reports whether some graph is free of what read-committed forbids; single: or consistent-view.
func committedSo(h *history.Transactions, order edgeKind, single bool) bool {
	return (&graphs{h: h, order: order, single: single}).holds()
}

func (g *graphs) holds() bool {
	h := g.h
	g.orders = map[int32][]int32{}
	for i := range int32(h.Len()) {
		if h.Outcome[i] == harness.OK && !g.read(i) {
			return false
		}
	}
	for _, op := range h.Ops {
		if !slices.Contains(g.keys, op.Key) {
			g.keys = append(g.keys, op.Key)
		}
	}
	return g.source(0)
}

// left is what a transaction left of a key.
func (g *graphs) left(i, key int32) (values []int32) {
	for _, op := range g.h.Steps(i) {
		if !op.Write || op.Key != key || g.h.Outcome[i] == harness.Failed {
			continue
		}
		if op.Kind == history.Registers {
			values = nil
		}
		values = append(values, op.Value)
	}
	return values
}

// read notes what a transaction found, and reports false if no version is so.
func (g *graphs) read(i int32) bool {
	steps := g.h.Steps(i)
	for j := range steps {
		op := &steps[j]
		if op.Write || op.Value == history.NotRead || op.Len == history.NotRead {
			continue
		}
		r := foundBy{kind: op.Kind, reader: i, key: op.Key, value: op.Value, from: -1}
		if op.Kind == history.Lists {
			r.list = g.h.List(op)
		} else if slices.ContainsFunc(steps[:j], func(o history.TxnOp) bool { return o.Write && o.Key == op.Key && o.Value == op.Value }) {
			continue // its own
		}
		for _, v := range r.list { // its own elements it must have appended
			mine := func(o history.TxnOp) bool { return o.Write && o.Key == op.Key && o.Value == v }
			if slices.ContainsFunc(steps[j:], mine) && !slices.ContainsFunc(steps[:j], mine) {
				return false
			}
		}
		g.reads = append(g.reads, r)
	}
	return true
}

// source tries who wrote what the n-th read found.
func (g *graphs) source(n int) bool {
	if n == len(g.reads) {
		return g.version(0)
	}
	r := &g.reads[n]
	if r.kind == history.Registers && r.value == history.Initial || r.kind == history.Lists && len(r.list) == 0 {
		r.from = -1
		return g.source(n + 1)
	}
	for w := range int32(g.h.Len()) {
		values := g.left(w, r.key)
		last := r.value
		if r.kind == history.Lists {
			last = r.list[len(r.list)-1]
		}
		own := w == r.reader && slices.Contains(values, last) && r.kind == history.Lists
		if own || w != r.reader && len(values) > 0 && values[len(values)-1] == last {
			r.from = w
			if g.source(n + 1) {
				return true
			}
		}
	}
	return false
}

func (g *graphs) happened(i int32) bool {
	return g.h.Outcome[i] == harness.OK || slices.ContainsFunc(g.reads, func(r foundBy) bool {
		return r.from == i || slices.ContainsFunc(r.list, func(v int32) bool { return slices.Contains(g.left(i, r.key), v) })
	})
}

// version tries the orders of the n-th key's versions.
func (g *graphs) version(n int) bool {
	if n == len(g.keys) {
		return !g.cyclic()
	}
	var writers []int32
	for i := range int32(g.h.Len()) {
		if len(g.left(i, g.keys[n])) > 0 && g.happened(i) {
			writers = append(writers, i)
		}
	}
	return permutations(writers, 0, func() bool {
		g.orders[g.keys[n]] = slices.Clone(writers)
		return g.prefixes(g.keys[n]) && g.version(n+1)
	})
}

func permutations(all []int32, from int, try func() bool) bool {
	if from == len(all) {
		return try()
	}
	for i := from; i < len(all); i++ {
		all[from], all[i] = all[i], all[from]
		if permutations(all, from+1, try) {
			return true
		}
		all[from], all[i] = all[i], all[from]
	}
	return false
}

// prefixes reports whether the reads of a list are beginnings of what was appended in the order.
func (g *graphs) prefixes(key int32) bool {
	var whole []int32
	for _, w := range g.orders[key] {
		whole = append(whole, g.left(w, key)...)
	}
	return !slices.ContainsFunc(g.reads, func(r foundBy) bool {
		return r.key == key && (len(r.list) > len(whole) || !slices.Equal(r.list, whole[:len(r.list)]))
	})
}

// cyclic reports whether the graph has a cycle that is forbidden.
func (g *graphs) cyclic() bool {
	n := g.h.Len()
	to := make([][]bool, n)
	for i := range to {
		to[i] = make([]bool, n)
	}
	var anti [][2]int32
	for i := range int32(n) {
		for j := range int32(n) {
			over := g.order != 0 && g.h.Outcome[i] == harness.OK && g.h.Complete[i] < g.h.Invoke[j] && g.happened(j)
			to[i][j] = over && (g.order == realtime || g.h.Process[i] == g.h.Process[j])
		}
	}
	for _, writers := range g.orders {
		for i, a := range writers {
			for _, b := range writers[i+1:] {
				to[a][b] = true
			}
		}
	}
	for _, r := range g.reads {
		if r.from >= 0 && r.from != r.reader {
			to[r.from][r.reader] = true
		}
		after := slices.Index(g.orders[r.key], r.from) + 1
		for _, w := range g.orders[r.key][after:] {
			if w != r.reader {
				anti = append(anti, [2]int32{r.reader, w})
			}
		}
	}
	for k := range to {
		for i := range to {
			for j := range to {
				to[i][j] = to[i][j] || to[i][k] && to[k][j]
			}
		}
	}
	for i := range to {
		if to[i][i] {
			return true
		}
	}
	return g.single && slices.ContainsFunc(anti, func(e [2]int32) bool { return to[e[1]][e[0]] })
}

// TestBruteForceOfCommitted: read-committed, with sessions and in real time, is decided as trying everything decides it; of consistent-view
// and repeatable-read nothing is said that is not so.
func TestBruteForceOfCommitted(t *testing.T) {
	l := newLattice()
	for _, kind := range []history.Kind{history.Lists, history.Registers, mixed} {
		t.Run(kindNames[kind], func(t *testing.T) {
			count := map[bool]int{}
			rapid.Check(t, func(t *rapid.T) {
				h := tiny(t, kind, rapid.Bool().Draw(t, "chains"))
				if kind != history.Lists && rapid.Bool().Draw(t, "twice") {
					writeTwice(t, h)
				}
				all, err := Judge(t.Context(), h, "")
				if err != nil {
					t.Fatal(err)
				}
				for _, model := range []string{"read-committed", "strong-session-read-committed", "strong-read-committed", "consistent-view", "repeatable-read"} {
					so := explainable(h, model)
					count[so]++
					r, err := Judge(t.Context(), h, model)
					holds, out := reach(all.ConsistentWith, l.includes)[model], slices.Contains(slices.Concat(all.Not, all.AlsoNot), model)
					switch {
					case err != nil, so && (r.Verdict == harness.Unsafe || out), !so && (r.Verdict == harness.Safe || holds):
						t.Fatalf("%s could have been so: %t, and is %s, holds: %t, ruled out: %t: %s\n%s", model, so, r.Verdict, holds, out, r.Reason, show(h, r))
					case l.forbiddenBy("strong-read-committed", l.cycleExists(model)) && r.Verdict == harness.Inconclusive && len(r.Undecided) > 0 && slices.Contains(r.Undecided, model):
						t.Fatalf("%s is undecided\n%s", model, show(h, r))
					}
				}
			})
			if count[true] == 0 || count[false] == 0 {
				t.Errorf("nothing to tell apart: %v", count)
			}
		})
	}
}
