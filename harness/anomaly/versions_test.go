package anomaly

import (
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// did is an operation on cells: what it read, and the versions that it produced.
type did struct {
	process     int32
	invoke, end int64
	outcome     harness.Outcome
	reads       map[harness.Cell]int64 // by cell: the version found
	wrote       map[harness.Cell]int64 // by cell: the version produced
}

func recorded(t *testing.T, ops ...did) *harness.History {
	t.Helper()
	h := &harness.History{
		Names: []string{"buy"},
		Start: harness.NewState(harness.Group{Table: "stock", Column: "available", Len: 4}, "orders", 10),
	}
	h.Final = h.Start.Clone()
	logs := map[int32]*harness.Log{}
	for _, d := range ops {
		l := logs[d.process]
		if l == nil {
			l = &harness.Log{Process: d.process}
			logs[d.process] = l
			h.Logs = append(h.Logs, l)
		}
		var accesses []harness.Access
		for cell := range harness.Cell(4) {
			read, looked := d.reads[cell]
			version, wrote := d.wrote[cell]
			a := harness.Access{Cell: cell, Value: 1, Version: harness.NotSeen}
			if looked {
				a.Version = read
			}
			if wrote {
				a.Kind, a.Delta = harness.Writes, -1
				h.Final.Entries = append(h.Final.Entries, harness.Entry{Op: harness.OpID(d.process, l.Len()+1), Cell: cell, Delta: -1, Version: version})
			}
			if looked || wrote {
				accesses = append(accesses, a)
			}
		}
		l.Append(harness.Record{Invoke: d.invoke, Begin: d.invoke, End: d.end, Tries: 1, Outcome: d.outcome}, accesses...)
	}
	return h
}

type at = map[harness.Cell]int64

// TestJudgeCells: what versions tell of lastseat's own operations.
func TestJudgeCells(t *testing.T) {
	for _, c := range []struct {
		name, model, anomalies, says string
		ops                          []did
	}{
		{
			name: "one after the other",
			ops: []did{
				{0, 0, 10, harness.OK, at{0: 0}, at{0: 1}},
				{1, 20, 30, harness.OK, at{0: 1}, at{0: 2}},
				{2, 40, 50, harness.OK, at{0: 2, 1: 0}, nil},
			},
		},
		{
			name: "both upon the same version", anomalies: "G-single-item lost-update",
			says: "Stock 0 was read at version 0 by both buy 1 of client 0 and buy 1 of client 1, and both wrote it",
			ops: []did{
				{0, 0, 10, harness.OK, at{0: 0}, at{0: 1}},
				{1, 5, 15, harness.OK, at{0: 0}, at{0: 2}},
			},
		},
		{
			name: "write skew", anomalies: "G2-item", says: "A read stock 1 at version 0, and B wrote version 1",
			ops: []did{
				{0, 0, 10, harness.OK, at{0: 0, 1: 0}, at{0: 1}},
				{1, 5, 15, harness.OK, at{0: 0, 1: 0}, at{1: 1}},
			},
		},
		{
			name: "write skew is legal under snapshot isolation", model: "snapshot-isolation",
			ops: []did{
				{0, 0, 10, harness.OK, at{0: 0, 1: 0}, at{0: 1}},
				{1, 5, 15, harness.OK, at{0: 0, 1: 0}, at{1: 1}},
			},
		},
		{
			name: "stale read", anomalies: "G-single-item-realtime", says: "was answered 1µs before",
			ops: []did{
				{0, 0, 1000, harness.OK, at{0: 0}, at{0: 1}},
				{1, 2000, 3000, harness.OK, at{0: 0}, nil},
			},
		},
		{
			name: "at the very same time is no order",
			ops: []did{
				{0, 0, 1000, harness.OK, at{0: 0}, at{0: 1}},
				{1, 1000, 3000, harness.OK, at{0: 0}, nil},
			},
		},
		{
			name: "half of an unknown operation", anomalies: "G-single-item",
			ops: []did{
				{0, 0, 10, harness.Unknown, nil, at{0: 1, 1: 1}},
				{1, 2, 20, harness.OK, at{0: 1, 1: 0}, nil},
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := JudgeCells(recorded(t, c.ops...), c.model)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(r.Anomalies, " "); got != c.anomalies {
				t.Errorf("found %q, want %q", got, c.anomalies)
			}
			if (r.Verdict == harness.Unsafe) != (c.anomalies != "") {
				t.Errorf("%s", r.Verdict)
			}
			said := ""
			for _, w := range r.Witnesses {
				said += w.Text + "\n"
			}
			if !strings.Contains(said, c.says) {
				t.Errorf("it does not say %q:\n%s", c.says, said)
			}
		})
	}
}
