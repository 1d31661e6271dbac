package history

import (
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// sample is a small history with a bit of everything: the last of two seats is sold twice. It is the example of
// docs/history.md.
func sample() (Header, *harness.History) {
	start := harness.NewState(harness.Group{Table: "stock", Column: "available", Len: 2, Claims: "ticket"}, "orders", 1)
	h := Header{
		Label: harness.Label{Workload: "seats", Target: "postgres", Strategy: "naive-tx", Isolation: harness.ReadCommitted},
		Seed:  7,
		Server: store.ServerInfo{
			Product: "PostgreSQL", Version: "15.19", DefaultLevel: harness.ReadCommitted,
			Settings: []store.Setting{{Name: "synchronous_commit", Value: "on"}}, Durable: true, Throwaway: true, Connections: 64,
		},
		Config: map[string]string{"concurrency": "2", "gap": "2ms", "max-tries": "20"},
		Start:  start,
	}
	hist := newHistory(&h)
	hist.Names = []string{"buy", "cancel"}
	first, second := &harness.Log{Process: 0}, &harness.Log{Process: 1}
	hist.Logs = []*harness.Log{first, second}
	seen := harness.Access{Cell: 0, Kind: harness.Writes, Delta: -1, Value: 1, Version: 0}
	first.Append(harness.Record{Invoke: 1000, Begin: 1200, End: 2_401_000, Tries: 1, Outcome: harness.OK}, seen)
	first.Append(harness.Record{Name: 1, Undoes: harness.OpID(0, 1), Invoke: 2_402_000, Begin: 2_402_000, End: 9_000_000, Tries: 3, Outcome: harness.Unknown},
		harness.Access{Cell: 0, Kind: harness.Writes, Delta: 1, Value: harness.NotSeen, Version: harness.NotSeen})
	first.Errors = map[int64]string{harness.OpID(0, 2): "unexpected EOF"}
	second.Append(harness.Record{Invoke: 1100, Begin: 1300, End: 2_398_000, Tries: 1, Outcome: harness.OK}, seen)
	second.Append(harness.Record{Invoke: 2_500_000, Begin: 2_500_000, End: 3_100_000, Tries: 1, Outcome: harness.Rejected, Declined: true},
		harness.Access{Cell: 1, Kind: harness.Reads, Value: 0, Version: 4})
	hist.Final = start.Clone()
	hist.Final.Values, hist.Final.Versions = []int64{0, 1}, []int64{1, 0}
	hist.Final.Entries = []harness.Entry{
		{Op: harness.OpID(1, 1), Cell: 0, Delta: -1, Version: 1}, {Op: harness.OpID(0, 1), Cell: 0, Delta: -1, Version: 1},
	}
	return h, hist
}

// lists is a small history of transactions: one client appends to two lists, another reads them, and one of its operations
// fails. It is the second example of docs/history.md.
func lists() (Header, *harness.History) {
	h := Header{
		Label: harness.Label{Workload: "append", Target: "postgres", Strategy: "plain", Isolation: harness.RepeatableRead},
		Model: "snapshot-isolation",
		Seed:  7,
		Start: harness.NewState(harness.Group{Table: "list", Column: "val", Len: 2, Holds: harness.Lists}, "", 0),
	}
	h.Start.Versions = nil
	hist := newHistory(&h)
	hist.Names = []string{"txn"}
	first, second := &harness.Log{Process: 0}, &harness.Log{Process: 1}
	hist.Logs = []*harness.Log{first, second}
	appends := func(c harness.Cell, v int64) harness.Access {
		return harness.Access{Cell: c, Kind: harness.Appends, Value: v, Version: harness.NotSeen}
	}
	lost := harness.Access{Cell: 1, Kind: harness.Finds, Value: harness.NotSeen, Version: harness.NotSeen}
	first.Append(harness.Record{Invoke: 1000, Begin: 1200, End: 901_000, Tries: 1, Outcome: harness.OK},
		append(harness.Found([]harness.Access{appends(0, 1024)}, 1, nil), appends(1, 2048))...)
	second.Append(harness.Record{Invoke: 1100, Begin: 1300, End: 950_000, Tries: 1, Outcome: harness.Failed}, lost, appends(0, 1025))
	second.Append(harness.Record{Invoke: 960_000, Begin: 960_000, End: 1_400_000, Tries: 1, Outcome: harness.OK},
		harness.Found(harness.Found(nil, 0, []int64{1024}), 1, []int64{2048})...)
	hist.Final = h.Start.Clone()
	return h, hist
}

// paid is a small history of a shop beside a payment service, which was asked twice while it did not answer. It is the third example of
// docs/history.md.
func paid() (Header, *harness.History) {
	h := Header{
		Label: harness.Label{
			Workload: "checkout", Target: "postgres", Strategy: "for-update", Isolation: harness.ReadCommitted, Env: "call-inside",
			Fault: "payment-timeout",
		},
		Seed: 7,
		Start: harness.NewState(harness.Group{Table: "seat", Column: "available", Len: 1}, "orders", 2).
			With(harness.Group{Table: "wallet", Column: "balance", Len: 1}, 25).With(harness.Group{Table: "sold", Column: "seats", Len: 1}, 0),
	}
	hist := newHistory(&h)
	hist.Names = []string{"checkout"}
	only := &harness.Log{Process: 0}
	hist.Logs = []*harness.Log{only}
	only.Append(harness.Record{Invoke: 1000, Begin: 1200, End: 103_000_000, Tries: 1, Outcome: harness.Failed},
		harness.Access{Cell: 0, Kind: harness.Writes, Delta: -1, Value: harness.NotSeen, Version: harness.NotSeen},
		harness.Access{Cell: 1, Kind: harness.Writes, Delta: -10, Value: harness.NotSeen, Version: harness.NotSeen},
		harness.Access{Cell: 2, Kind: harness.Writes, Delta: 1, Value: harness.NotSeen, Version: harness.NotSeen})
	only.Errors = map[int64]string{harness.OpID(0, 1): "payment service is down: no answer within 100ms"}
	hist.Faults = []harness.Fault{{What: "payment service does not answer", From: 900, To: 150_000_000}}
	hist.Final = h.Start.Clone()
	hist.Final.Charges = []harness.Charge{{Op: harness.OpID(0, 1), Amount: 10}}
	return h, hist
}

// timed is a small history of two workers, of which the second one's clock may be 80 µs off. It is the fourth example of docs/history.md.
func timed() (Header, *harness.History) {
	h := Header{
		Label: harness.Label{Workload: "seats", Target: "postgres", Strategy: "conditional", Isolation: harness.ReadCommitted},
		Seed:  7,
		Start: harness.NewState(harness.Group{Table: "stock", Column: "available", Len: 1}, "orders", 2),
	}
	hist := newHistory(&h)
	hist.Names = []string{"buy"}
	hist.Clocks = []harness.Clock{{Name: "w1"}, {Name: "w2", Slack: 80_000}}
	first, second := &harness.Log{Process: 0}, &harness.Log{Process: 1, Clock: 1}
	hist.Logs = []*harness.Log{first, second}
	seen := func(value, version int64) harness.Access {
		return harness.Access{Cell: 0, Kind: harness.Writes, Delta: -1, Value: value, Version: version}
	}
	first.Append(harness.Record{Invoke: 1000, Begin: 1200, End: 900_000, Tries: 1, Outcome: harness.OK}, seen(2, 0))
	second.Append(harness.Record{Invoke: 950_000, Begin: 950_000, End: 1_400_000, Tries: 1, Outcome: harness.OK}, seen(1, 1))
	hist.Final = h.Start.Clone()
	hist.Final.Values, hist.Final.Versions = []int64{0}, []int64{2}
	hist.Final.Entries = []harness.Entry{
		{Op: harness.OpID(0, 1), Cell: 0, Delta: -1, Version: 1}, {Op: harness.OpID(1, 1), Cell: 0, Delta: -1, Version: 2},
	}
	return h, hist
}

// written is a history as the bytes of a file of that name.
func written(t testing.TB, name string, h Header, hist *harness.History) []byte {
	t.Helper()
	var out buffer
	f := File{Header: h, History: hist}
	if hist.Final.Values == nil {
		f.Incomplete = "not finished"
	}
	rewrite(t, &f, &out, name)
	return out.Bytes()
}
