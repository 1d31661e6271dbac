package certificate

import (
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// facts are what a history says, looked up.
type facts struct {
	*history.Transactions
	keys     map[string]int32
	lists    map[int32]bool       // by key: it is a list, else a register
	wrote    map[[2]int32][]int32 // by key and value: who wrote it and may have happened
	final    map[[2]int32][]int32 // of these, who left it so
	doubled  map[[2]int32]bool    // by key and value: it was written more than once, by those that may have happened
	writes   []map[int32][]int32  // by transaction and key: the values that it wrote
	observed []bool               // by transaction: it happened
}

func newFacts(t *history.Transactions) *facts {
	f := &facts{
		Transactions: t, keys: map[string]int32{}, lists: map[int32]bool{}, wrote: map[[2]int32][]int32{}, final: map[[2]int32][]int32{},
		doubled: map[[2]int32]bool{}, writes: make([]map[int32][]int32, t.Len()), observed: make([]bool, t.Len()),
	}
	for i := range int32(t.Len()) {
		f.writes[i] = map[int32][]int32{}
		for _, op := range t.Steps(i) {
			f.keys[t.Keys.Text(op.Key)], f.lists[op.Key] = op.Key, op.Kind == history.Lists
			if op.Write && f.possible(i) {
				f.writes[i][op.Key] = append(f.writes[i][op.Key], op.Value)
			}
		}
		for key, values := range f.writes[i] {
			last := [2]int32{key, values[len(values)-1]}
			f.final[last] = append(f.final[last], i)
			for _, v := range values {
				at := [2]int32{key, v}
				if len(f.wrote[at]) > 0 {
					f.doubled[at] = true
				}
				if by := f.wrote[at]; len(by) == 0 || by[len(by)-1] != i {
					f.wrote[at] = append(by, i)
				}
			}
		}
	}
	for i := range int32(t.Len()) {
		f.observe(i)
	}
	return f
}

// observe notes that those happened whose writes a transaction read, and who committed.
func (f *facts) observe(i int32) {
	if !f.ok(i) {
		return
	}
	f.observed[i] = true
	for _, op := range f.Steps(i) {
		if op.Write || !f.answered(&op) {
			continue
		}
		if from, ok := f.sources(i, op.Key); ok && len(from) == 1 && from[0] >= 0 {
			f.observed[from[0]] = true
		}
		for _, v := range f.found(&op) {
			if by := f.wrote[[2]int32{op.Key, v}]; len(by) == 1 {
				f.observed[by[0]] = true
			}
		}
	}
	f.eachRead(i, func(key int32, found, own []int32) bool {
		if !f.lists[key] && len(found) > 0 && !slices.Contains(own, found[0]) {
			if by := f.finalOfOthers(i, key, found[0]); len(by) == 1 {
				f.observed[by[0]] = true
			}
		}
		return true
	})
}

func (f *facts) ok(i int32) bool { return f.Outcome[i] == harness.OK }

func (f *facts) possible(i int32) bool { return f.ok(i) || f.Outcome[i] == harness.Unknown }

func (f *facts) answered(op *history.TxnOp) bool {
	return op.Len != history.NotRead && op.Value != history.NotRead
}

// found are the values that a read found.
func (f *facts) found(op *history.TxnOp) []int32 {
	switch {
	case op.Kind == history.Lists:
		return f.List(op)
	case op.Value == history.Initial:
		return nil
	}
	return []int32{op.Value}
}

// session reports whether a came before b in one process.
func (f *facts) session(a, b int32) bool {
	return a < b && f.Process[a] == f.Process[b] && f.Process[a] != history.NoProcess && f.ok(a) && f.Complete[a] >= 0 && f.possible(b)
}

// realtime reports whether a was answered before b began, as far as clocks prove it.
func (f *facts) realtime(a, b int32) bool {
	began, answered := f.Invoke[b], f.Complete[a]
	if len(f.Clock) > 0 && f.Clock[a] != f.Clock[b] {
		began, answered = f.Earliest[b], f.Latest[a]
	}
	return f.ok(a) && answered >= 0 && began > answered && f.possible(b)
}

// firstRead is what a transaction found in a key before it wrote it; of a list, what it found before its own elements.
func (f *facts) firstRead(i, key int32) (found []int32, ok bool) {
	if !f.ok(i) {
		return nil, false
	}
	for _, op := range f.Steps(i) {
		switch {
		case op.Key != key:
		case op.Write && op.Kind == history.Registers:
			return nil, false
		case !op.Write && f.answered(&op):
			found = f.found(&op)
			for n := len(found); n > 0 && slices.Contains(f.writes[i][key], found[n-1]) && f.lists[key]; n-- {
				found = found[:n-1]
			}
			return found, true
		}
	}
	return nil, false
}

// sources are who may have written what a transaction found first in a key; Initial: nobody.
func (f *facts) sources(i, key int32) (from []int32, ok bool) {
	found, ok := f.firstRead(i, key)
	switch {
	case !ok:
		return nil, false
	case len(found) == 0:
		return []int32{Initial}, true
	}
	by := f.wrote
	if !f.lists[key] {
		by = f.final
	}
	for _, w := range by[[2]int32{key, found[len(found)-1]}] {
		if w != i {
			from = append(from, w)
		}
	}
	return from, true
}

// readsOwn reports whether a transaction read a key after it had written it.
func (f *facts) readsOwn(i, key int32) bool {
	wrote := false
	for _, op := range f.Steps(i) {
		if op.Key == key && op.Write {
			wrote = true
		} else if op.Key == key && wrote && f.answered(&op) {
			return true
		}
	}
	return false
}

// twice is an element that was read of a list and appended to it twice: it does not say whose it is.
func (f *facts) twice() (key, value int32, is bool) {
	for i := range int32(f.Len()) {
		for _, op := range f.Steps(i) {
			if op.Write || op.Kind != history.Lists || !f.ok(i) || !f.answered(&op) {
				continue
			}
			for _, v := range f.found(&op) {
				if f.doubled[[2]int32{op.Key, v}] {
					return op.Key, v, true
				}
			}
		}
	}
	return 0, 0, false
}

// saw reports whether the history shows that b read in a key what a wrote, and only a.
func (f *facts) saw(a, b, key int32) bool {
	if !f.ok(b) || a == b {
		return false
	}
	if from, ok := f.sources(b, key); ok && len(from) == 1 && from[0] == a {
		return true
	}
	for _, op := range f.Steps(b) {
		if op.Key != key || op.Write || !f.answered(&op) {
			continue
		}
		for _, v := range f.found(&op) {
			if by := f.wrote[[2]int32{key, v}]; len(by) == 1 && by[0] == a {
				return true
			}
		}
	}
	return false
}

// before reports whether some read of a list shows that a's elements came before b's.
func (f *facts) before(a, b, key int32, lists map[int32][][]int32) bool {
	for _, list := range lists[key] {
		at := func(txn int32) int {
			return slices.IndexFunc(list, func(v int32) bool {
				by := f.wrote[[2]int32{key, v}]
				return len(by) == 1 && by[0] == txn
			})
		}
		if x, y := at(a), at(b); x >= 0 && (y < 0 || x < y) {
			return true
		}
	}
	return false
}

// versions are, by key that is a list, what was read of it, each once.
func (f *facts) versions() map[int32][][]int32 {
	all := map[int32][][]int32{}
	for i := range int32(f.Len()) {
		for _, op := range f.Steps(i) {
			if list := f.List(&op); !op.Write && f.ok(i) && f.answered(&op) && len(list) > 0 {
				all[op.Key] = append(all[op.Key], list)
			}
		}
	}
	for key, lists := range all { // the longest first, and of others none that is its beginning: they show no more
		slices.SortStableFunc(lists, func(a, b []int32) int { return len(b) - len(a) })
		kept := lists[:1]
		for _, l := range lists[1:] {
			if !slices.Equal(l, lists[0][:len(l)]) || len(kept) == 1 {
				kept = append(kept, l)
			}
		}
		all[key] = kept
	}
	return all
}
