package linear

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"github.com/anishathalye/porcupine"
)

// candidate is an operation in a search. Those of unknown outcome that do the same are a class, and ranked by their calls:
// where one of them took effect, it may as well have been the first that had not. Without that, a search would try every set
// of them.
type candidate struct {
	*Op
	of    *Object
	class int // none: there is no other like it
	rank  uint32
	last  bool
}

// state is what a search has come to.
type state struct {
	value int64
	used  string // by class: how many have taken effect, in four bytes
}

// perClass is how many bytes of state.used a class has.
const perClass = 4

// over is the value after all known operations: what is unknown and has had no effect by then never has.
const over = math.MinInt64

// next is what the candidate does to a state; false: it cannot come next.
func (c *candidate) next(s state) (state, bool) {
	switch {
	case c.last:
		return state{over, s.used}, true
	case s.value == over:
		return s, true
	}
	after, ok := c.of.step(s.value, c.Op)
	if c.known() || !ok {
		return state{after, s.used}, ok
	}
	if after == s.value {
		return s, false // it may as well have no effect
	}
	if c.class != none {
		used := []byte(s.used)
		count := used[perClass*c.class:]
		if binary.LittleEndian.Uint32(count) != c.rank {
			return s, false
		}
		binary.LittleEndian.PutUint32(count, c.rank+1)
		s.used = string(used)
	}
	return state{after, s.used}, true
}

// candidates puts the unknown operations of ops in classes. If there are any, the last candidate stands for the end of what
// is known.
func (o *Object) candidates(ops []Op) (all []candidate, start string) {
	type effect struct {
		kind        Kind
		from, value int64
	}
	all = make([]candidate, len(ops), len(ops)+1)
	alike := map[effect][]int{}
	var end int64
	for i := range ops {
		op := &ops[i]
		all[i] = candidate{Op: op, of: o, class: none}
		if op.known() {
			end = max(end, op.Return)
		} else {
			e := effect{op.Kind, op.From, op.Value}
			alike[e] = append(alike[e], i)
		}
	}
	classes := 0
	for _, members := range alike {
		if len(members) == 1 {
			continue
		}
		slices.SortFunc(members, func(a, b int) int { return cmp.Compare(ops[a].Call, ops[b].Call) })
		for rank, i := range members {
			all[i].class, all[i].rank = classes, uint32(rank)
		}
		classes++
	}
	if len(alike) > 0 {
		all = append(all, candidate{Op: &Op{Call: end + 1, Return: end + 2}, last: true})
	}
	return all, string(make([]byte, perClass*classes))
}

// rarely is after how many steps a search looks at its limits.
const rarely = 4096

// order reports whether there is an order of ops, which are those of the object or some like them, that begins with the value start.
func (b *budget) order(o *Object, ops []Op, start int64) (ok bool, limit string) {
	all, used := o.candidates(ops)
	history := make([]porcupine.Operation, len(all))
	for i := range all {
		history[i] = porcupine.Operation{Input: &all[i], Call: all[i].Call, Return: all[i].Return}
	}
	steps := 0
	model := porcupine.Model{
		Init: func() any { return state{start, used} },
		Step: func(from, input, _ any) (bool, any) {
			if steps++; steps%rarely == 1 && limit == "" {
				limit = b.exceeded()
			}
			if limit != "" {
				return false, from // porcupine then soon runs out of places to look at
			}
			after, ok := input.(*candidate).next(from.(state))
			return ok, after
		},
		Hash: func(s any) uint64 { return uint64(s.(state).value) * 0x9e3779b97f4a7c15 },
	}
	ok = porcupine.CheckOperations(model, history)
	return ok && limit == "", limit
}
