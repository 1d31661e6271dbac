package history

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/lastseat/lastseat/harness"
)

// kindOf is what transactions over cells of that content are.
var kindOf = map[harness.Content]Kind{harness.Registers: Registers, harness.Lists: Lists, harness.Rows: Sets}

// TransactionsOf is the transactions that a run recorded, the steps of each in their own order. Their keys are the cells, under
// the names that State gives them. Invoke and Complete come from when an operation's first attempt began and when it was answered; at the same moment
// beginnings come first, so that a tie orders nothing. An error says which operation is no transaction over what its cells hold.
//
// Of a history that lacks operations (History.Cut), these are the transactions that are known, as any order of all shows them: values that
// nobody wrote are left out of what was found, and a register that held one was not read.
func TransactionsOf(h *harness.History) (*Transactions, error) {
	content, same := h.Start.Content()
	kind, ok := kindOf[content]
	if !same || !ok {
		return nil, fmt.Errorf("the operations of %q are not transactions over registers, lists or rows", h.Label.Workload)
	}
	ops := make([]harness.Recorded, 0, h.Len())
	for _, l := range h.Logs {
		for r := range h.OpsOf(l) {
			ops = append(ops, r)
		}
	}
	if len(ops) > math.MaxInt32/2 {
		return nil, fmt.Errorf("%d operations are more than can be numbered", len(ops))
	}
	begin, end, order := InTime(h.Logs, ops)
	clocks, earliest, latest := Between(h, ops)
	t := &Transactions{
		First:   make([]int32, 1, len(ops)+1),
		Outcome: make([]harness.Outcome, 0, len(ops)), Process: make([]int32, 0, len(ops)),
		Invoke: make([]int32, 0, len(ops)), Complete: make([]int32, 0, len(ops)),
	}
	steps, elements := sizes(ops)
	t.Ops = make([]TxnOp, 0, steps)
	if kind != Registers {
		t.Elements = make([]int32, 0, elements)
	}
	process := processes(h.Logs)
	key := t.cellKeys(&h.Start)
	wrote := knownWrites(h)
	for _, i := range order {
		r := &ops[i]
		if err := t.addRecorded(r, kind, key, wrote); err != nil {
			return nil, fmt.Errorf("operation %d of process %d: %w", harness.OpSeq(r.ID), r.Process(), err)
		}
		t.Process = append(t.Process, process[i])
		t.Invoke, t.Complete = append(t.Invoke, begin[i]), append(t.Complete, end[i])
		if clocks != nil {
			t.Clock, t.Earliest, t.Latest = append(t.Clock, clocks[i]), append(t.Earliest, earliest[i]), append(t.Latest, latest[i])
		}
	}
	return t, nil
}

// knownWrites reports whether an operation that is known was to put the value into the cell; of a history that lacks none, it is so.
func knownWrites(h *harness.History) func(a *harness.Access) bool {
	if h.Cut() == "" {
		return func(*harness.Access) bool { return true }
	}
	type put struct {
		cell  harness.Cell
		value int64
	}
	all := map[put]bool{}
	for r := range h.Ops() {
		for i := range r.Accesses {
			if a := &r.Accesses[i]; a.Kind.Changes() {
				all[put{a.Cell, a.Value}] = true
			}
		}
	}
	return func(a *harness.Access) bool { return all[put{a.Cell, a.Value}] }
}

// sizes is how many steps there are, and how many values they found.
func sizes(ops []harness.Recorded) (steps, elements int) {
	for i := range ops {
		for j := range ops[i].Accesses {
			if ops[i].Accesses[j].Kind == harness.Holds {
				elements++
			} else {
				steps++
			}
		}
	}
	return steps, elements
}

// cellKeys gives the number of a cell's name, which is made when it is first asked for.
func (t *Transactions) cellKeys(start *harness.State) func(harness.Cell) int32 {
	keys := make([]int32, len(start.Values)) // 0: not made yet, for no name has that number
	return func(c harness.Cell) int32 {
		if keys[c] == 0 {
			keys[c] = t.Keys.Number(start.CellName(c))
		}
		return keys[c]
	}
}

// processes is the dense number of each operation's process.
func processes(logs []*harness.Log) []int32 {
	var all []int32
	for p, l := range logs {
		all = append(all, slices.Repeat([]int32{int32(p)}, l.Len())...)
	}
	return all
}

// addRecorded adds an operation's outcome and steps.
func (t *Transactions) addRecorded(r *harness.Recorded, kind Kind, key func(harness.Cell) int32, wrote func(*harness.Access) bool) error {
	outcome := r.Outcome
	if outcome == harness.Rejected {
		outcome = harness.Failed
	}
	t.Outcome = append(t.Outcome, outcome)
	for i := 0; i < len(r.Accesses); i++ {
		a := &r.Accesses[i]
		switch {
		case a.Kind == harness.Finds:
			n := found(a)
			if n < 0 || n >= len(r.Accesses)-i {
				return fmt.Errorf("cell %d: %d values were found, and fewer are there", a.Cell, n)
			}
			if err := t.addRead(TxnOp{Kind: kind, Key: key(a.Cell)}, a, r.Accesses[i+1:i+1+n], outcome == harness.OK, wrote); err != nil {
				return fmt.Errorf("cell %d: %w", a.Cell, err)
			}
			i += n
		case a.Value == harness.NotSeen:
			return fmt.Errorf("cell %d: nobody knows what was written", a.Cell)
		case a.Kind == harness.Sets && kind == Registers, a.Kind == harness.Appends && kind != Registers:
			t.Ops = append(t.Ops, TxnOp{Write: true, Kind: kind, Key: key(a.Cell), Value: t.number(a.Value)})
		default:
			return fmt.Errorf("cell %d: expected steps over %s only", a.Cell, contentOf(kind))
		}
	}
	if len(t.Ops) > math.MaxInt32 || len(t.Elements) > math.MaxInt32 {
		return fmt.Errorf("%d steps and %d values are more than can be numbered", len(t.Ops), len(t.Elements))
	}
	t.First = append(t.First, int32(len(t.Ops)))
	return nil
}

func contentOf(k Kind) harness.Content {
	for c, kind := range kindOf {
		if kind == k {
			return c
		}
	}
	return harness.Numbers
}

// addRead adds a read and what it found. What an operation found that did not end well is not known: it may have been retried.
func (t *Transactions) addRead(op TxnOp, a *harness.Access, holds []harness.Access, ended bool, wrote func(*harness.Access) bool) error {
	known := ended && a.Value != harness.NotSeen
	switch {
	case op.Kind != Registers && known:
		op.Value = int32(len(t.Elements))
		for i := range holds {
			if wrote(&holds[i]) {
				t.Elements = append(t.Elements, t.number(holds[i].Value))
			}
		}
		op.Len = int32(len(t.Elements)) - op.Value
	case op.Kind != Registers:
		op.Len = NotRead
	case !known:
		op.Value = NotRead
	case len(holds) == 0:
		op.Value = Initial
	case len(holds) == 1 && !wrote(&holds[0]):
		op.Value = NotRead
	case len(holds) == 1:
		op.Value = t.number(holds[0].Value)
	default:
		return fmt.Errorf("a register holds one value, and %d were found", len(holds))
	}
	t.Ops = append(t.Ops, op)
	return nil
}

// number is the number of a value.
func (t *Transactions) number(v int64) int32 {
	if v >= 0 && v < 1<<30 {
		return int32(v)
	}
	return t.Values.Number(strconv.FormatInt(v, 10))
}

// moment is when an operation, counted over all logs, begins or ends.
type moment struct {
	at  int64
	op  int32
	end bool
}

func (m moment) compare(o moment) int {
	if m.at != o.at {
		return cmp.Compare(m.at, o.at)
	}
	if m.end != o.end {
		if o.end {
			return -1
		}
		return 1
	}
	return cmp.Compare(m.op, o.op)
}

// InTime puts the beginnings and ends of all operations, which are log by log, in one order: the position of each, and the
// operations in the order in which they ended.
func InTime(logs []*harness.Log, ops []harness.Recorded) (begin, end, order []int32) {
	return inOrder(logs, ops, func(_ *harness.Log, r *harness.Recorded) (begin, end int64) { return r.Begin, r.End })
}

// Between puts the operations, which are log by log, in an order for several clocks: by whose clock each was timed, and the positions of when
// it began at the earliest and was answered at the latest. Nil: one clock timed all.
func Between(h *harness.History, ops []harness.Recorded) (clocks, earliest, latest []int32) {
	if len(h.Clocks) < 2 {
		return nil, nil, nil
	}
	for _, l := range h.Logs {
		clocks = append(clocks, slices.Repeat([]int32{int32(l.Clock)}, l.Len())...)
	}
	earliest, latest, _ = inOrder(h.Logs, ops, func(l *harness.Log, r *harness.Recorded) (begin, end int64) {
		slack := h.Clocks[l.Clock].Slack
		return harness.Sooner(r.Begin, slack), harness.Later(r.End, slack)
	})
	return clocks, earliest, latest
}

// inOrder puts beginnings and ends in one order.
func inOrder(logs []*harness.Log, ops []harness.Recorded, times func(*harness.Log, *harness.Recorded) (begin, end int64)) (begin, end, order []int32) {
	all := make([]moment, 0, 2*len(ops))
	runs := []int{0}
	for _, l := range logs {
		for range l.Len() {
			i := len(all) / 2
			begin, end := times(l, &ops[i])
			all = append(all, moment{begin, int32(i), false}, moment{end, int32(i), true})
		}
		// A process does one thing after the other, as long as nobody has edited its file.
		if run := all[runs[len(runs)-1]:]; !slices.IsSortedFunc(run, moment.compare) {
			slices.SortFunc(run, moment.compare)
		}
		runs = append(runs, len(all))
	}
	begin, end = make([]int32, len(ops)), make([]int32, len(ops))
	order = make([]int32, 0, len(ops))
	for i, m := range merged(all, runs) {
		if !m.end {
			begin[m.op] = int32(i)
			continue
		}
		end[m.op] = int32(i)
		order = append(order, m.op)
	}
	return begin, end, order
}

// merged is all, which consists of sorted runs, each from one of bounds to the next, as one.
func merged(all []moment, bounds []int) []moment {
	other := make([]moment, len(all))
	for len(bounds) > 2 {
		next := []int{0}
		for i := 0; i+1 < len(bounds); i += 2 {
			lo, mid := bounds[i], bounds[i+1]
			hi := mid
			if i+2 < len(bounds) {
				hi = bounds[i+2]
			}
			merge(other[lo:hi], all[lo:mid], all[mid:hi])
			next = append(next, hi)
		}
		all, other, bounds = other, all, next
	}
	return all
}

func merge(into, a, b []moment) {
	for i := range into {
		if len(b) == 0 || len(a) > 0 && a[0].compare(b[0]) <= 0 {
			into[i], a = a[0], a[1:]
		} else {
			into[i], b = b[0], b[1:]
		}
	}
}
