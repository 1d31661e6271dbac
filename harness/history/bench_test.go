package history

import (
	"bytes"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// million is a history of a million read-modify-writes: 64 clients, 1,000 cells, each write naming its predecessor.
func million() (Header, *harness.History) {
	const clients, ops, cells = 64, 1_000_000, 1000
	h, _ := sample()
	h.Start = harness.NewState(harness.Group{Table: "stock", Column: "available", Len: cells}, "orders", 1_000_000)
	hist := newHistory(&h)
	for p := range int32(clients) {
		hist.Logs = append(hist.Logs, &harness.Log{Process: p})
	}
	s := h.Start.Clone()
	random, now := uint64(1), int64(0)
	for i := range ops {
		random = random*6364136223846793005 + 1442695040888963407
		cell, took := harness.Cell(random>>33%cells), int64(random>>40%2_000_000)
		now += 20_000 + took/100
		l := hist.Logs[i%clients]
		l.Append(harness.Record{Invoke: now, Begin: now, End: now + 300_000 + took, Tries: 1, Outcome: harness.OK},
			harness.Access{Cell: cell, Kind: harness.Writes, Delta: -1, Value: s.Values[cell], Version: s.Versions[cell]})
		s.Values[cell]--
		s.Versions[cell]++
		s.Entries = append(s.Entries, harness.Entry{Op: harness.OpID(l.Process, l.Len()), Cell: cell, Delta: -1, Version: s.Versions[cell]})
	}
	hist.Final = s
	return h, hist
}

// counter is a file that only has a size.
type counter int

func (c *counter) Write(b []byte) (int, error) { *c += counter(len(b)); return len(b), nil }

func (*counter) Close() error { return nil }

// BenchmarkWrite is a million operations and their million journal entries: two million rows.
func BenchmarkWrite(b *testing.B) {
	h, hist := million()
	for _, name := range suffixes {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var out counter
			for b.Loop() {
				out = 0
				rewrite(b, &File{Header: h, History: hist}, &out, name)
			}
			b.ReportMetric(float64(out)/float64(hist.Len()+len(hist.Final.Entries)), "B/row")
		})
	}
}

// BenchmarkRead reads them again.
func BenchmarkRead(b *testing.B) {
	h, hist := million()
	for _, name := range suffixes {
		data := written(b, name, h, hist)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if f, err := Read(bytes.NewReader(data), name); err != nil || f.History.Len() != hist.Len() {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkTransactionsOf makes a million read-modify-writes of registers into transactions.
func BenchmarkTransactionsOf(b *testing.B) {
	const clients, ops, cells = 64, 1_000_000, 1000
	h := &harness.History{Start: harness.NewState(harness.Group{Table: "register", Len: cells, Holds: harness.Registers}, "", 0)}
	for p := range int32(clients) {
		h.Logs = append(h.Logs, &harness.Log{Process: p})
	}
	random := uint64(1)
	last := make([]int64, cells)
	var accesses []harness.Access
	for i := range int64(ops) {
		random = random*6364136223846793005 + 1442695040888963407
		cell, took := harness.Cell(random>>33%cells), int64(random>>40%1_200_000) // less than until the client's next
		accesses = harness.Found(accesses[:0], cell, last[cell:cell+1])
		last[cell] = i + 1
		accesses = append(accesses, harness.Access{Cell: cell, Kind: harness.Sets, Value: last[cell], Version: harness.NotSeen})
		at := i * 20_000
		h.Logs[i%clients].Append(harness.Record{Invoke: at, Begin: at, End: at + took, Tries: 1, Outcome: harness.OK}, accesses...)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := TransactionsOf(h); err != nil {
			b.Fatal(err)
		}
	}
}
