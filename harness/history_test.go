package harness

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
)

// TestLogKeepsWhatWasAppended: across many chunks, with numbers of accesses that outgrow the room a chunk was given.
func TestLogKeepsWhatWasAppended(t *testing.T) {
	t.Run("as it comes", func(t *testing.T) { testKeeps(t, &Log{Process: 3}) })
	t.Run("many at once", testAppendAll)
	for _, n := range []int{0, 100, chunkSize, 2 * chunkSize} {
		t.Run(fmt.Sprintf("%d reserved", n), func(t *testing.T) {
			l := &Log{Process: 3}
			l.Reserve(n)
			testKeeps(t, l)
		})
	}
}

// kept is how many operations the log is given, and accesses are what each touches.
const kept = 5*chunkSize + 3

func accesses(i int) []Access {
	as := make([]Access, i%7*(i/200))
	for j := range as {
		as[j] = Access{Cell: Cell(j), Delta: int64(i)}
	}
	return as
}

func testKeeps(t *testing.T, l *Log) {
	for i := range kept {
		l.Append(Record{Invoke: int64(i)}, accesses(i)...)
	}
	testKept(t, l)
}

// testAppendAll: in pieces that end within chunks and with them, and one longer than two.
func testAppendAll(t *testing.T) {
	l, i := &Log{Process: 3}, 0
	for _, n := range []int{1, chunkSize - 1, 0, 2*chunkSize + 5, chunkSize, chunkSize - 2} {
		var records []Record
		var touched []uint32
		var all []Access
		for range n {
			records, touched, all = append(records, Record{Invoke: int64(i)}), append(touched, uint32(len(accesses(i)))), append(all, accesses(i)...)
			i++
		}
		l.AppendAll(records, touched, all)
		clear(records)
		clear(all)
	}
	testKept(t, l)
}

func testKept(t *testing.T, l *Log) {
	const n = kept
	h := &History{Logs: []*Log{{Process: 1}, l}}
	if l.Len() != n || h.Len() != n || len(l.chunks) != 6 {
		t.Fatalf("%d operations in %d chunks", l.Len(), len(l.chunks))
	}
	find := h.Finder()
	i := 0
	for r := range h.Ops() {
		if r.ID != OpID(3, i+1) || r.Process() != 3 || r.Invoke != int64(i) || len(r.Accesses) != len(accesses(i)) {
			t.Fatalf("operation %d is %+v", i, r)
		}
		for j, a := range accesses(i) {
			if r.Accesses[j] != a {
				t.Fatalf("operation %d has %+v", i, r.Accesses)
			}
		}
		if found, ok := find(r.ID); !ok || found.Record != r.Record {
			t.Fatalf("operation %d is not found", i)
		}
		i++
	}
	for _, id := range []int64{0, OpID(3, 0), OpID(3, n+1), OpID(2, 1), OpID(1, 1)} {
		if _, ok := find(id); ok {
			t.Errorf("found %d", id)
		}
	}
}

func TestOpsStopsWhenToldTo(t *testing.T) {
	l := &Log{}
	l.Append(Record{})
	l.Append(Record{})
	n := 0
	for range (&History{Logs: []*Log{l, l}}).Ops() {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Error(n)
	}
}

// TestEditedSharesNothingThatChanges: the original keeps its record, the copy differs in that one alone.
func TestEditedSharesNothingThatChanges(t *testing.T) {
	l := &Log{Process: 2}
	for i := range 2 * chunkSize {
		l.Append(Record{Invoke: int64(i)}, Access{Cell: Cell(i)})
	}
	h := &History{Logs: []*Log{l}}
	id := OpID(2, chunkSize+5)
	c := h.Edited(id, func(r *Record, as []Access) { r.Outcome, as[0].Delta = OK, 9 })
	for i := range l.Len() {
		old, edited := l.At(i), c.Logs[0].At(i)
		if old.Outcome != Failed || old.Accesses[0].Delta != 0 {
			t.Fatalf("the original's operation %d changed", i)
		}
		if changed := edited.Outcome == OK && edited.Accesses[0].Delta == 9; changed != (old.ID == id) {
			t.Fatalf("operation %d of the copy: changed %v", i, changed)
		}
	}
}

// TestAppendOp: one access a write, with what its write found; then what else was seen; then the first errors.
// TestReserve: as many operations as were announced take no memory when they come.
func TestReserve(t *testing.T) {
	const n = 100
	var l Log
	l.Reserve(n)
	allocated := testing.AllocsPerRun(1, func() { // runs it twice
		for range n / 2 {
			l.Append(Record{}, Access{}, Access{})
		}
	})
	if allocated != 0 || l.Len() != n {
		t.Errorf("%d operations, %v allocations", l.Len(), allocated)
	}
}

func TestAppendOp(t *testing.T) {
	l := &Log{}
	op := &Op{Steps: []Step{{Kind: Add, Cell: 1, Delta: -2}, {Kind: Add, Cell: 2, Delta: 2}}}
	res := &Result{Err: errors.New("gone"), Seen: []Access{
		{Cell: 7, Kind: Reads, Value: 4, Version: 5},
		{Cell: 2, Kind: Checks, Delta: 2, Value: 8, Version: 9},
	}}
	for range maxErrors + 2 {
		l.AppendOp(Record{Outcome: Unknown}, op, res)
	}
	want := []Access{
		{Cell: 1, Kind: Writes, Delta: -2, Value: NotSeen, Version: NotSeen},
		{Cell: 2, Kind: Checks, Delta: 2, Value: 8, Version: 9},
		{Cell: 7, Kind: Reads, Value: 4, Version: 5},
	}
	if got := l.At(1).Accesses; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if len(l.Errors) != maxErrors || l.Errors[OpID(0, 2)] != "gone" {
		t.Errorf("%+v", l.Errors)
	}
}

// TestTransactionsAreRecordedStepByStep: what steps wrote stands between what they found, also where no answer came, and an
// operation on numbers that did not end well still says nothing of what it read.
func TestTransactionsAreRecordedStepByStep(t *testing.T) {
	read := func(cells ...Cell) Step { return Step{Kind: Read, Cells: cells} }
	there := [][]int64{{7}, {1, 2}, nil}
	op := Op{Steps: []Step{read(1), {Kind: Append, Cell: 1, Value: 3}, read(0, 2), {Kind: Write, Cell: 0, Value: 8}, read(1)}}
	appends, sets := Access{1, Appends, 0, 3, NotSeen}, Access{0, Sets, 0, 8, NotSeen}
	found := func(before []Access, c Cell, values ...int64) []Access { return Found(before, c, values) }
	nothing := func(c Cell) Access { return Access{c, Finds, 0, NotSeen, NotSeen} }
	whole := append(found(nil, 1, 1, 2), appends)
	whole = append(found(found(whole, 0, 7), 2), sets)
	whole = found(whole, 1, 1, 2, 3)
	seen := ApplyContents(there, &op, nil)
	for name, c := range map[string]struct {
		op   Op
		seen []Access
		want []Access
	}{
		"answered":      {op, seen, whole},
		"not answered":  {op, nil, []Access{nothing(1), appends, nothing(0), nothing(2), sets, nothing(1)}},
		"halfway":       {op, seen[:3], append(append(found(nil, 1, 1, 2), appends), nothing(0), nothing(2), sets, nothing(1))},
		"reads alone":   {Op{Steps: []Step{read(1)}}, found(nil, 1, 1), found(nil, 1, 1)},
		"failed reads":  {Op{Steps: []Step{read(1)}}, nil, nil},
		"reads numbers": {Op{Steps: []Step{read(1)}}, []Access{{Cell: 1, Value: 5}}, []Access{{Cell: 1, Value: 5}}},
	} {
		l := &Log{}
		l.AppendOp(Record{}, &c.op, &Result{Seen: c.seen})
		if got := l.At(0).Accesses; !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if !slices.EqualFunc(there, [][]int64{{8}, {1, 2, 3}, nil}, slices.Equal) {
		t.Errorf("in the end there is %v", there)
	}
}
