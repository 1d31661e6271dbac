package certificate

import (
	"fmt"
	"slices"
)

// What read-committed asks: no read of what was taken back or not finished, and an order of the transactions in which each comes after
// those whose writes it read or overwrote (Adya's PL-2). Whether a transaction's reads fit each other is nothing to it.

// committedRead reports whether committed transactions, or the reader's own steps before, may have left a key as a read found it.
func (f *facts) committedRead(i, key int32, found, own []int32) bool {
	if !f.lists[key] {
		return len(found) == 0 || slices.Contains(own, found[0]) || len(f.finalOfOthers(i, key, found[0])) > 0
	}
	met := map[int32]bool{}
	for len(found) > 0 {
		by := f.wrote[[2]int32{key, found[0]}]
		if len(by) != 1 || met[by[0]] {
			return false
		}
		met[by[0]] = true
		if by[0] == i && len(found) <= len(own) && slices.Equal(found, own[:len(found)]) {
			return true
		}
		whole := f.writes[by[0]][key]
		if len(whole) > len(found) || !slices.Equal(whole, found[:len(whole)]) || by[0] == i && len(own) < len(whole) {
			return false
		}
		found = found[len(whole):]
	}
	return true
}

// finalOfOthers are who else may have left a register so.
func (f *facts) finalOfOthers(i, key, value int32) []int32 {
	return slices.DeleteFunc(slices.Clone(f.final[[2]int32{key, value}]), func(w int32) bool { return w == i })
}

// eachRead calls do for each answered read of a committed transaction, with what it found, and what it had written to the key by then.
func (f *facts) eachRead(i int32, do func(key int32, found, own []int32) bool) bool {
	if !f.ok(i) {
		return true
	}
	own := map[int32][]int32{}
	for _, op := range f.Steps(i) {
		switch {
		case op.Write:
			own[op.Key] = append(own[op.Key], op.Value)
		case f.answered(&op) && !do(op.Key, f.found(&op), own[op.Key]):
			return false
		}
	}
	return true
}

// uncommitted reports whether a transaction read what no committed one can have left so.
func (f *facts) uncommitted(i int32) bool {
	return !f.eachRead(i, func(key int32, found, own []int32) bool { return f.committedRead(i, key, found, own) })
}

// sawOnly reports whether b found in a register what, of others, only a left there.
func (f *facts) sawOnly(a, b, key int32) bool {
	return !f.lists[key] && !f.eachRead(b, func(k int32, found, own []int32) bool {
		if k != key || len(found) == 0 || slices.Contains(own, found[0]) {
			return true
		}
		by := f.finalOfOthers(b, key, found[0])
		return len(by) != 1 || by[0] != a
	})
}

// commits verifies that each transaction read what those before it in the order had left, be it long ago.
func (h *holding) commits() error {
	versions := map[int32][]int32{} // by key: all that is ever appended, in its order
	for _, i := range h.Order {
		for key, values := range h.writes[i] {
			versions[key] = append(versions[key], values...)
		}
	}
	for place, i := range h.Order {
		fits := h.eachRead(i, func(key int32, found, own []int32) bool {
			return h.committedRead(i, key, found, own) && h.committedBefore(int32(place), i, key, found, own, versions[key])
		})
		if !fits {
			return fmt.Errorf("transaction %d read what those before it in the order had not left", i)
		}
	}
	return nil
}

func (h *holding) committedBefore(place, i, key int32, found, own, version []int32) bool {
	before := func(w int32) bool { return h.done[w] >= 0 && h.done[w] < place }
	switch {
	case len(found) == 0:
		return true
	case !h.lists[key]:
		return slices.Contains(own, found[0]) || slices.ContainsFunc(h.finalOfOthers(i, key, found[0]), before)
	case len(found) > len(version) || !slices.Equal(found, version[:len(found)]):
		return false
	}
	last := h.wrote[[2]int32{key, found[len(found)-1]}][0]
	return last == i || before(last)
}
