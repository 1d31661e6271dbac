package check

import (
	"math/rand/v2"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// BenchmarkRecordedRegisters judges a million operations of ten clients on a thousand keys, every value written once.
func BenchmarkRecordedRegisters(b *testing.B) {
	const operations, clients, keys = 1_000_000, 10, 1000
	r := rand.New(rand.NewPCG(1, 2))
	values := make([]any, keys)
	var open [clients]*history.Event
	var events []history.Event
	for len(events) < 2*operations {
		p := r.IntN(clients)
		if e := open[p]; e != nil {
			e.Type = history.OK
			if key := e.Value.([]any)[0].(int64); e.F == "read" {
				e.Value = vec(key, values[key])
			} else {
				values[key] = e.Value.([]any)[1]
			}
			events, open[p] = append(events, *e), nil
			continue
		}
		e := invoke(int64(p), "read", vec(r.Int64N(keys), nil))
		if r.IntN(2) == 0 {
			e = invoke(int64(p), "write", vec(r.Int64N(keys), int64(len(events))))
		}
		events, open[p] = append(events, e), &e
	}
	events = record(events)
	b.ReportMetric(float64(len(events)/2), "operations")
	for b.Loop() {
		v, err := Recorded(b.Context(), "cas-register", events, RecordedOptions{})
		if err != nil || v.Verdict != harness.Safe {
			b.Fatal(v, err)
		}
	}
}
