package certificate

import (
	"slices"

	"github.com/lastseat/lastseat/harness/history"
)

// inexplicable reports whether no order explains a transaction's answers: it read what nobody left so, or another thing than its own
// steps before say.
func (f *facts) inexplicable(i int32) bool {
	if !f.ok(i) {
		return false
	}
	known := map[int32][]int32{} // by key: what it holds, by what was read and written
	own := map[int32][]int32{}   // by key not read yet: what was written
	for _, op := range f.Steps(i) {
		before, read := known[op.Key]
		switch {
		case op.Write && op.Kind == history.Registers:
			known[op.Key] = []int32{op.Value}
		case op.Write && read:
			known[op.Key] = append(slices.Clone(before), op.Value)
		case op.Write:
			own[op.Key] = append(own[op.Key], op.Value)
		case !f.answered(&op):
		case read:
			if !slices.Equal(before, f.found(&op)) {
				return true
			}
		default:
			found := f.found(&op)
			n := len(found) - len(own[op.Key])
			if n < 0 || !slices.Equal(found[n:], own[op.Key]) || !f.version(i, op.Key, found[:n]) {
				return true
			}
			known[op.Key] = found
		}
	}
	return false
}

// alone reports whether nothing explains a transaction's answers: see inexplicable, and, of loose models, uncommitted.
func (f *facts) alone(i int32, loose bool) bool {
	if loose {
		return f.uncommitted(i)
	}
	return f.inexplicable(i)
}

// Contradiction is what no order explains under the model, if the history has such a thing: else nil.
func Contradiction(t *history.Transactions, model string) *Refutation {
	f := newFacts(t)
	loose := rules[model].loose
	longest := map[int32]int32{} // by key: who read most of it
	read := map[int32][]int32{}
	for i := range int32(t.Len()) {
		if f.alone(i, loose) {
			return &Refutation{Alone: &i}
		}
		for _, op := range t.Steps(i) {
			if list := t.List(&op); !op.Write && f.ok(i) && f.answered(&op) && len(list) > len(read[op.Key]) {
				longest[op.Key], read[op.Key] = i, list
			}
		}
	}
	for i := range int32(t.Len()) {
		for _, op := range t.Steps(i) {
			if op.Write || !f.ok(i) || !f.answered(&op) || len(t.List(&op)) == 0 {
				continue
			}
			if f.incompatible(i, longest[op.Key], op.Key) {
				return &Refutation{Versions: &Versions{[2]int32{i, longest[op.Key]}, t.Keys.Text(op.Key)}}
			}
		}
	}
	return nil
}

// version reports whether others than the transaction may have left the key so.
func (f *facts) version(i, key int32, found []int32) bool {
	if !f.lists[key] {
		return len(found) == 0 || slices.ContainsFunc(f.final[[2]int32{key, found[0]}], func(w int32) bool { return w != i })
	}
	for len(found) > 0 {
		by := f.wrote[[2]int32{key, found[0]}]
		if len(by) != 1 || by[0] == i {
			return len(by) > 1 // which of them it was is not known
		}
		whole := f.writes[by[0]][key]
		if len(whole) > len(found) || !slices.Equal(whole, found[:len(whole)]) {
			return false
		}
		found = found[len(whole):]
	}
	return true
}

// incompatible reports whether two transactions read a list in two ways, of which neither is the beginning of the other.
func (f *facts) incompatible(a, b, key int32) bool {
	for _, x := range f.Steps(a) {
		for _, y := range f.Steps(b) {
			if x.Write || y.Write || x.Key != key || y.Key != key || !f.answered(&x) || !f.answered(&y) {
				continue
			}
			l, m := f.List(&x), f.List(&y)
			n := min(len(l), len(m))
			if !slices.Equal(l[:n], m[:n]) {
				return f.lists[key] && f.ok(a) && f.ok(b)
			}
		}
	}
	return false
}
