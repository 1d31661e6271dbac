package payment

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"github.com/lastseat/lastseat/harness"
)

// book holds what is to be known of operations that are not settled: what a shop would store in the columns of its outbox beside the
// operation's number. Whether such a row is there at all is not asked of the book, but of the journal.
type book struct {
	legs func(op *harness.Op) (first, second []harness.Step)
	mu   sync.Mutex
	left map[int64]*unsettled // by operation
}

// unsettled is an operation on its way.
type unsettled struct {
	op            harness.Op
	first, second []harness.Step // what commits before the service is asked, and after it said yes
	maybe         bool           // some attempt at the first leg has committed, or may have
}

func newBook(w *method) *book { return &book{legs: w.legs, left: map[int64]*unsettled{}} }

// open notes an operation before the store hears of it. One that was tried before is there already.
func (b *book) open(op *harness.Op) *unsettled {
	b.mu.Lock()
	defer b.mu.Unlock()
	if u := b.left[op.ID]; u != nil {
		return u
	}
	u := &unsettled{op: *op}
	u.op.Steps = slices.Clone(op.Steps)
	u.first, u.second = b.legs(&u.op)
	b.left[op.ID] = u
	return u
}

// begun notes that the first leg is there, or may be, now or later.
func (b *book) begun(u *unsettled) {
	b.mu.Lock()
	defer b.mu.Unlock()
	u.maybe = true
}

// never notes that an attempt at the first leg did not happen. Others may have.
func (b *book) never(u *unsettled) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !u.maybe {
		delete(b.left, u.op.ID)
	}
}

// settled notes that nothing is left to do.
func (b *book) settled(u *unsettled) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.left, u.op.ID)
}

// unfinished is the operations that are not settled, oldest first by client.
func (b *book) unfinished() []*unsettled {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.SortedFunc(maps.Values(b.left), func(x, y *unsettled) int { return cmp.Compare(x.op.ID, y.op.ID) })
}
