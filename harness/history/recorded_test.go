package history

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
)

// TestTransactionsOf: the sample's transactions, with nothing left out.
func TestTransactionsOf(t *testing.T) {
	_, h := lists()
	got, err := TransactionsOf(h)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, ok bool) {
		t.Helper()
		if !ok {
			t.Errorf("%s: %+v", what, got)
		}
	}
	check("kind", got.Workload() == "append" && got.Len() == 3)
	check("outcomes", slices.Equal(got.Outcome, []harness.Outcome{harness.OK, harness.Failed, harness.OK}))
	check("processes", slices.Equal(got.Process, []int32{0, 1, 1}))
	check("positions", slices.Equal(got.Invoke, []int32{0, 1, 4}) && slices.Equal(got.Complete, []int32{2, 3, 5}))
	a, b := got.Keys.Number("list 0"), got.Keys.Number("list 1")
	check("first", slices.Equal(got.Steps(0), []TxnOp{{Write: true, Key: a, Value: 1024}, {Key: b}, {Write: true, Key: b, Value: 2048}}))
	check("failed", slices.Equal(got.Steps(1), []TxnOp{{Key: b, Len: NotRead}, {Write: true, Key: a, Value: 1025}}))
	read := got.Steps(2)
	check("reads", slices.Equal(got.List(&read[0]), []int32{1024}) && slices.Equal(got.List(&read[1]), []int32{2048}))
}

// TestTransactionsOfRegisters: what registers hold, what is not known of them, and values that are no small numbers.
func TestTransactionsOfRegisters(t *testing.T) {
	h := &harness.History{Start: harness.NewState(harness.Group{Table: "register", Len: 2, Holds: harness.Registers}, "", 0)}
	l := &harness.Log{Process: 4}
	h.Logs = []*harness.Log{l}
	sets := harness.Access{Cell: 1, Kind: harness.Sets, Value: 1 << 40, Version: harness.NotSeen}
	l.Append(harness.Record{End: 1, Tries: 1, Outcome: harness.OK}, append(harness.Found(nil, 1, nil), sets)...)
	l.Append(harness.Record{Begin: 2, End: 3, Tries: 1, Outcome: harness.Unknown}, append(harness.Found(nil, 1, []int64{1 << 40}), sets)...)
	l.Append(harness.Record{Begin: 4, End: 4, Tries: 1, Outcome: harness.OK}, harness.Found(nil, 1, []int64{1 << 40})...)
	got, err := TransactionsOf(h)
	if err != nil {
		t.Fatal(err)
	}
	key, big := got.Keys.Number("register 1"), got.Values.Number("1099511627776")
	for i, want := range [][]TxnOp{
		{{Kind: Registers, Key: key, Value: Initial}, {Write: true, Kind: Registers, Key: key, Value: big}},
		{{Kind: Registers, Key: key, Value: NotRead}, {Write: true, Kind: Registers, Key: key, Value: big}},
		{{Kind: Registers, Key: key, Value: big}},
	} {
		if !slices.Equal(got.Steps(int32(i)), want) {
			t.Errorf("transaction %d is %+v, want %+v", i, got.Steps(int32(i)), want)
		}
	}
	if got.Values.Text(big) != "1099511627776" || got.Invoke[2] != 4 || got.Complete[2] != 5 {
		t.Errorf("%+v", got)
	}
}

func TestTransactionsOfOtherThings(t *testing.T) {
	_, seats := sample()
	for want, spoil := range map[string]func(h *harness.History, l *harness.Log){
		"not transactions over": func(h *harness.History, _ *harness.Log) { h.Start = seats.Start },
		"nobody knows what": func(_ *harness.History, l *harness.Log) {
			l.Append(harness.Record{}, harness.Access{Kind: harness.Appends, Value: harness.NotSeen})
		},
		"fewer are there": func(_ *harness.History, l *harness.Log) {
			l.Append(harness.Record{}, harness.Access{Kind: harness.Finds, Value: 2})
		},
		"steps over lists only": func(_ *harness.History, l *harness.Log) {
			l.Append(harness.Record{}, harness.Access{Kind: harness.Sets, Value: 2})
		},
		"operation 1 of process 9: ": func(_ *harness.History, l *harness.Log) { l.Append(harness.Record{}, harness.Access{}) },
	} {
		_, h := lists()
		l := &harness.Log{Process: 9}
		h.Logs = append(h.Logs, l)
		spoil(h, l)
		if _, err := TransactionsOf(h); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want … %s …", err, want)
		}
	}
}

// TestInTimeIsAnOrder: one operation completes before another begins if and only if its time says so, however the times lie, and
// transactions come in the order of their ends.
func TestInTimeIsAnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, h := lists()
		h.Logs = nil
		for p := range rapid.IntRange(0, 5).Draw(t, "processes") {
			l := &harness.Log{Process: int32(p)}
			for range rapid.IntRange(0, 4).Draw(t, "operations") {
				at := rapid.Int64Range(0, 20).Draw(t, "begin")
				l.Append(harness.Record{
					Invoke: 0, Begin: at, End: at + rapid.Int64Range(0, 5).Draw(t, "took"), Tries: 1, Outcome: harness.OK,
				}, harness.Access{Kind: harness.Appends, Value: at})
			}
			h.Logs = append(h.Logs, l)
		}
		got, err := TransactionsOf(h)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSorted(got.Complete) || got.Len() != h.Len() {
			t.Fatalf("%d of %d, ends at %v", got.Len(), h.Len(), got.Complete)
		}
		var ops []harness.Recorded
		for r := range h.Ops() {
			ops = append(ops, r)
		}
		slices.SortStableFunc(ops, func(a, b harness.Recorded) int { return cmp.Compare(a.End, b.End) })
		for i := range ops {
			if got.Process[i] != ops[i].Process() {
				t.Fatalf("transaction %d is of process %d, want %d", i, got.Process[i], ops[i].Process())
			}
			for j := range ops {
				if before := got.Complete[i] < got.Invoke[j]; before != (ops[i].End < ops[j].Begin) {
					t.Fatalf("%d before %d: %v, with the times %+v and %+v", i, j, before, ops[i].Record, ops[j].Record)
				}
			}
		}
	})
}

// TestBetweenClocks: of two clocks, one operation is answered before another begins if and only if they are farther apart than both may be off.
// EDN, which knows one clock, does not take such a history.
func TestBetweenClocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, h := lists()
		h.Logs = nil
		for range rapid.IntRange(2, 3).Draw(t, "clocks") {
			h.Clocks = append(h.Clocks, harness.Clock{Slack: rapid.SampledFrom([]int64{0, 2, 7, harness.Incomparable}).Draw(t, "slack")})
		}
		var logs []*harness.Log
		for p := range rapid.IntRange(2, 5).Draw(t, "processes") {
			l := &harness.Log{Process: int32(p), Clock: p % len(h.Clocks)}
			at := int64(0)
			for range rapid.IntRange(1, 4).Draw(t, "operations") {
				begin := at + rapid.Int64Range(0, 9).Draw(t, "pause")
				at = begin + rapid.Int64Range(0, 5).Draw(t, "took")
				l.Append(harness.Record{Begin: begin, End: at, Tries: 1, Outcome: harness.OK}, harness.Access{Kind: harness.Appends, Value: begin})
				logs = append(logs, l)
			}
			h.Logs = append(h.Logs, l)
		}
		var ops []harness.Recorded
		for r := range h.Ops() {
			ops = append(ops, r)
		}
		clocks, earliest, latest := Between(h, ops)
		for i := range ops {
			for j := range ops {
				margin := h.Margin(logs[i], logs[j])
				if logs[i].Clock == logs[j].Clock {
					continue
				}
				if before := latest[i] < earliest[j]; before != (ops[i].End < ops[j].Begin-margin) || int(clocks[i]) != logs[i].Clock {
					t.Fatalf("%d before %d: %v, margin %d, with the times %+v and %+v", i, j, before, margin, ops[i].Record, ops[j].Record)
				}
			}
		}
		got, err := TransactionsOf(h)
		if err != nil || len(got.Clock) != len(ops) || len(got.Earliest) != len(ops) {
			t.Fatal(err, got.Clock, got.Earliest)
		}
		if err := WriteEDN(io.Discard, got); got.Clocks() > 1 && (err == nil || !strings.Contains(err.Error(), "clocks, and EDN has one order")) {
			t.Fatal(err)
		}
	})
}
