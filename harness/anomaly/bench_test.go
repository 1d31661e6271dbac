package anomaly

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/internal/draw"
)

func BenchmarkJudge(b *testing.B) {
	for _, c := range []struct {
		name string
		kind history.Kind
		slip int
	}{{"append", history.Lists, 0}, {"append-broken", history.Lists, 1}, {"register", history.Registers, 0}, {"register-broken", history.Registers, 1}} {
		for n := 10_000; n <= 1_000_000; n *= 10 {
			t := draw.Rotating{Kind: c.kind, Transactions: n, Slip: c.slip}.Draw(1)
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					r, err := JudgeChains(b.Context(), t, "")
					if err != nil || (c.slip == 0) != (r.Verdict == harness.Safe) {
						b.Fatal(err, r)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/txn")
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				b.ReportMetric(float64(m.Sys)/(1<<20), "MB-sys")
			})
		}
	}
}

// ring is a history of one strongly connected component: n transactions append to one list, one after the other, and the
// last one misses what the first one wrote. Noise of short ways hangs off each.
func ring(n int) *history.Transactions {
	t := &history.Transactions{First: []int32{0}}
	add := func(ops ...history.TxnOp) {
		t.Ops = append(t.Ops, ops...)
		t.First = append(t.First, int32(len(t.Ops)))
		t.Outcome, t.Process = append(t.Outcome, harness.OK), append(t.Process, 0)
		t.Invoke, t.Complete = append(t.Invoke, -1), append(t.Complete, int32(t.Len()))
	}
	const chain, missed = 0, 1
	for i := range int32(n) {
		write := history.TxnOp{Write: true, Key: chain, Value: i}
		switch i {
		case 0:
			add(write, history.TxnOp{Write: true, Key: missed, Value: 0})
		case int32(n) - 1:
			add(write, history.TxnOp{Key: missed})
		default:
			add(write, history.TxnOp{Write: true, Key: 2 + 2*i, Value: 0})
		}
		if i > 0 && i < int32(n)-1 {
			add(history.TxnOp{Key: 2 + 2*i, Value: 0, Len: 1}, history.TxnOp{Key: 3 + 2*i})
			add(history.TxnOp{Write: true, Key: 3 + 2*i, Value: 0}, history.TxnOp{Key: chain})
		}
	}
	for i := range int32(n) {
		t.Elements = append(t.Elements, i)
	}
	add(history.TxnOp{Key: chain, Len: int32(n)})
	return t
}

// BenchmarkComponent is a strongly connected component of 3 times as many transactions, in which the only cycle with a single
// rw edge leads through a third of them.
func BenchmarkComponent(b *testing.B) {
	for _, n := range []int{1_000, 17_000, 50_000} {
		t := ring(n)
		b.Run(fmt.Sprint(t.Len()), func(b *testing.B) {
			for b.Loop() {
				r, err := Judge(b.Context(), t, "snapshot-isolation")
				if err != nil || len(r.Anomalies) != 1 || r.Anomalies[0] != "G-single-item" {
					b.Fatal(err, r.Anomalies)
				}
			}
		})
	}
}
