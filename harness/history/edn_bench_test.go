package history

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
)

// appends is an EDN file of n transactions by 10 clients over lists of up to 32 elements, as Elle's generator draws them.
func appends(n int) []byte {
	const clients, active, writes = 10, 10, 32
	r := rand.New(rand.NewPCG(1, 2))
	lists, keys := make([][]int, active), make([]int, active)
	for k := range keys {
		keys[k] = k
	}
	next := active
	var b bytes.Buffer
	type step struct {
		write bool
		k     int
	}
	index := 0
	line := func(kind string, client int, steps func()) {
		fmt.Fprintf(&b, "{:type :%s, :f :txn, :value [", kind)
		steps()
		fmt.Fprintf(&b, "], :process %d, :time %d, :index %d}\n", client, 1000*index, index)
		index++
	}
	for range n {
		client := r.IntN(clients)
		var steps []step
		for range 1 + r.IntN(4) {
			steps = append(steps, step{write: r.IntN(2) == 0, k: r.IntN(active)})
		}
		line("invoke", client, func() {
			for _, s := range steps {
				if s.write {
					fmt.Fprintf(&b, "[:append %d %d] ", keys[s.k], len(lists[s.k])+1)
				} else {
					fmt.Fprintf(&b, "[:r %d nil] ", keys[s.k])
				}
			}
		})
		line("ok", client, func() {
			for _, s := range steps {
				if !s.write {
					fmt.Fprintf(&b, "[:r %d %v] ", keys[s.k], lists[s.k])
					continue
				}
				lists[s.k] = append(lists[s.k], len(lists[s.k])+1)
				fmt.Fprintf(&b, "[:append %d %d] ", keys[s.k], len(lists[s.k]))
				if len(lists[s.k]) == writes {
					lists[s.k], keys[s.k] = nil, next
					next++
				}
			}
		})
	}
	return b.Bytes()
}

func BenchmarkReadEDN(b *testing.B) {
	for n := 10_000; n <= 1_000_000; n *= 10 {
		data := appends(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				rec, err := ReadAny(bytes.NewReader(data), "h", "")
				if err != nil || rec.Operations != n {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/txn")
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.Sys)/(1<<20), "MB-sys")
		})
	}
}
