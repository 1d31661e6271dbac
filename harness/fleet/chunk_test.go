package fleet

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/clock"
	"github.com/lastseat/lastseat/harness/engine"
)

// drawn is an operation as a client may have recorded it.
func drawn(t *rapid.T, names int) engine.Collected {
	number := rapid.Int64Range(math.MinInt64/4, math.MaxInt64/4)
	seen := rapid.OneOf(rapid.Just(int64(harness.NotSeen)), number)
	rec := harness.Record{
		Undoes: rapid.OneOf(rapid.Just(int64(0)), number).Draw(t, "undoes"), Invoke: number.Draw(t, "invoke"), Begin: number.Draw(t, "begin"),
		End: number.Draw(t, "end"), Tries: rapid.Uint16().Draw(t, "tries"), Name: uint8(rapid.IntRange(0, names-1).Draw(t, "name")),
		Outcome: harness.Outcome(rapid.IntRange(0, harness.Outcomes-1).Draw(t, "outcome")), Declined: rapid.Bool().Draw(t, "declined"),
	}
	c := engine.Collected{
		Error: rapid.StringN(0, 20, -1).Draw(t, "error"), Open: rapid.Bool().Draw(t, "open"),
		Recorded: harness.Recorded{Record: &rec, ID: harness.OpID(rapid.Int32Range(0, 1<<20).Draw(t, "process"), rapid.IntRange(1, 1<<30).Draw(t, "seq"))},
	}
	for range rapid.IntRange(0, 5).Draw(t, "accesses") {
		c.Accesses = append(c.Accesses, harness.Access{
			Cell: harness.Cell(rapid.Int32Range(0, 1000).Draw(t, "cell")), Kind: harness.AccessKind(rapid.IntRange(0, int(harness.Appends)).Draw(t, "kind")),
			Delta: number.Draw(t, "delta"), Value: seen.Draw(t, "value"), Version: seen.Draw(t, "version"),
		})
	}
	return c
}

// TestChunksTravel: what is read is what was written.
func TestChunksTravel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"buy", "cancel", "", "look"}
		var w writer
		w.begin()
		var all []engine.Collected
		for range rapid.IntRange(0, 20).Draw(t, "n") {
			c := drawn(t, len(names))
			w.add(&c)
			all = append(all, c)
		}
		faults := rapid.SliceOf(rapid.Custom(func(t *rapid.T) harness.Fault {
			return harness.Fault{What: rapid.String().Draw(t, "what"), From: rapid.Int64().Draw(t, "from"), To: rapid.Int64().Draw(t, "to")}
		})).Draw(t, "faults")
		r, err := read(w.end(3, 17, names, faults))
		if err != nil {
			t.Fatal(err)
		}
		if r.job != 3 || r.number != 17 || !cmp.Equal(r.names, names) || len(faults) > 0 && !cmp.Equal(r.faults, faults) {
			t.Fatalf("job %d, chunk %d, names %q, faults %+v", r.job, r.number, r.names, r.faults)
		}
		var got engine.Collected
		for i := range all {
			if !r.next(&got) {
				t.Fatalf("operation %d of %d: %v", i, len(all), r.err())
			}
			want := all[i]
			if got.ID != want.ID || got.Error != want.Error || got.Open != want.Open || len(got.Accesses) != len(want.Accesses) ||
				!cmp.Equal(*got.Record, *want.Record, cmp.AllowUnexported(harness.Record{})) {
				t.Fatalf("operation %d: got %+v %+v, want %+v %+v", i, got, got.Record, want, want.Record)
			}
			for k := range want.Accesses {
				if got.Accesses[k] != want.Accesses[k] {
					t.Fatalf("access %d: got %+v, want %+v", k, got.Accesses[k], want.Accesses[k])
				}
			}
		}
		if r.next(&got) || r.err() != nil {
			t.Fatalf("there is more: %+v, %v", got, r.err())
		}
	})
}

// TestDamagedChunks: no chunk with a wrong bit is taken for a whole one.
func TestDamagedChunks(t *testing.T) {
	var w writer
	w.begin()
	for i := range 3 {
		w.add(&engine.Collected{Recorded: harness.Recorded{Record: &harness.Record{Tries: 1, Invoke: 5, Begin: 6, End: 7}, ID: harness.OpID(0, i+1)}})
	}
	whole := w.end(1, 1, []string{"buy"}, nil)
	for i := range whole {
		for bit := range 8 {
			chunk := append([]byte(nil), whole...)
			chunk[i] ^= 1 << bit
			if _, err := read(chunk); !errors.Is(err, errChunk) {
				t.Fatalf("bit %d of byte %d is wrong, and it was read: %v", bit, i, err)
			}
		}
		if _, err := read(whole[:i]); !errors.Is(err, errChunk) {
			t.Fatalf("the first %d bytes were read: %v", i, err)
		}
	}
}

// FuzzChunks: any bytes are a chunk or an error.
func FuzzChunks(f *testing.F) {
	var w writer
	w.begin()
	w.add(&engine.Collected{Recorded: harness.Recorded{Record: &harness.Record{Tries: 1}, ID: 1<<32 | 1, Accesses: []harness.Access{{Value: 3}}}, Error: "x"})
	whole := w.end(1, 1, []string{"buy"}, nil)
	f.Add(whole[:len(whole)-4])
	f.Fuzz(func(t *testing.T, body []byte) {
		var sealed writer
		sealed.buf = body
		if len(body) > 0 {
			r := &reader{rest: body, size: len(body), names: []string{"buy"}}
			var c engine.Collected
			for r.next(&c) {
			}
			if r.wrong && !errors.Is(r.err(), errChunk) {
				t.Error(r.err())
			}
		}
	})
}

// intake is a part without a fleet that works, and the chunks for it: a chunk an operation.
func intake(n int) (*part, [][]byte) {
	f := &Fleet{begun: time.Now()}
	c := &clients{fleet: f, job: 1, cfg: engine.Config{Concurrency: 4}}
	p := newPart(c, &member{fleet: f, name: "w1"}, 0, 2, 1)
	p.clock = clock.New(clock.DriftPPM)
	p.clock.Add(0, 1, 2)
	p.clock.Add(1e9, 1e9+1, 1e9+2)
	var chunks [][]byte
	for i := range n {
		var w writer
		w.begin()
		at := int64(10 * (i + 1))
		w.add(&engine.Collected{Recorded: harness.Recorded{
			Record: &harness.Record{Tries: 1, Invoke: at, Begin: at, End: at + 5}, ID: harness.OpID(1, i+1), Accesses: []harness.Access{{Kind: harness.Writes, Delta: 1}},
		}})
		chunks = append(chunks, w.end(1, uint64(i+1), []string{"buy"}, nil))
	}
	return p, chunks
}

// TestChunksComeInAnyOrder: chunks that come twice, or out of order, make the history that was sent.
func TestChunksComeInAnyOrder(t *testing.T) {
	p, chunks := intake(4)
	for _, i := range []int{0, 0, 2, 3, 2, 0, 1, 1, 3} {
		p.takeIn(chunks[i])
	}
	if p.damaged != nil || p.chunks != 4 || p.logs[1].Len() != 4 {
		t.Fatalf("%v, %d chunks, %d operations", p.damaged, p.chunks, p.logs[1].Len())
	}
	if p.of.beat.Chunks = 4; !p.whole() {
		t.Error("all came, and something is missed")
	}
	other, chunks := intake(2)
	other.clients.job = 2
	if other.takeIn(chunks[0]); other.chunks != 0 || len(other.logs) != 0 {
		t.Error("a chunk of the row before was taken in")
	}
}

// TestLostAndDamagedChunks: what is missing is missed, and what is damaged is noticed.
func TestLostAndDamagedChunks(t *testing.T) {
	p, chunks := intake(4)
	p.of.beat.Chunks = 4
	for _, i := range []int{0, 2, 3} {
		p.takeIn(chunks[i])
	}
	if p.whole() || p.chunks != 1 {
		t.Error("the second chunk never came, and nothing is missed")
	}
	chunks[1][5] ^= 1
	if p.takeIn(chunks[1]); p.damaged == nil || p.whole() {
		t.Error("the second chunk is damaged, and nobody noticed")
	}
	p, _ = intake(0)
	var w writer
	w.begin()
	w.add(&engine.Collected{Recorded: harness.Recorded{Record: &harness.Record{Tries: 1}, ID: harness.OpID(1, 2)}})
	p.takeIn(w.end(1, 1, []string{"buy"}, nil))
	if p.damaged == nil || !strings.Contains(p.damaged.Error(), "comes after operation 0") {
		t.Errorf("an operation is missing: %v", p.damaged)
	}
}

// TestOpenOperationsOfALostWorker: what it had begun is unknown, and nobody knows what it did after that.
func TestOpenOperationsOfALostWorker(t *testing.T) {
	p, chunks := intake(2)
	for _, c := range chunks {
		p.takeIn(c)
	}
	var w writer
	w.begin()
	w.add(&engine.Collected{Open: true, Recorded: harness.Recorded{
		Record: &harness.Record{Tries: 1, Invoke: 40, Begin: 40, Outcome: harness.Unknown}, ID: harness.OpID(1, 3), Accesses: []harness.Access{{Kind: harness.Writes, Delta: -1}},
	}})
	p.takeIn(w.end(1, 3, []string{"buy"}, nil))
	p.worked = true
	p.abandon()
	if p.unseen != 2 || p.logs[1].Len() != 3 {
		t.Fatalf("%d clients unseen, %d operations", p.unseen, p.logs[1].Len())
	}
	if last := p.logs[1].At(2); last.Outcome != harness.Unknown || last.End < last.Begin || last.Accesses[0].Delta != -1 {
		t.Errorf("the operation that was open: %+v", last.Record)
	}
	p, _ = intake(0)
	if p.abandon(); p.unseen != 0 {
		t.Error("between rounds nothing is under way, and something is unseen")
	}
}

// BenchmarkChunks is how fast records are written and taken in.
func BenchmarkChunks(b *testing.B) {
	rec := harness.Record{Tries: 1}
	accesses := []harness.Access{{Kind: harness.Writes, Delta: -1, Value: 12, Version: 9000}}
	var w writer
	var bytes, seq int64
	p, _ := intake(0)
	w.begin()
	b.ResetTimer()
	for b.Loop() {
		seq++
		rec.Invoke, rec.Begin, rec.End = seq*1000, seq*1000+10, seq*1000+900
		w.add(&engine.Collected{Recorded: harness.Recorded{Record: &rec, ID: harness.OpID(1, int(seq)), Accesses: accesses}})
		if w.full() {
			chunk := w.end(1, p.chunks+1, []string{"buy"}, nil)
			bytes += int64(len(chunk))
			p.takeIn(chunk)
			w.begin()
		}
	}
	b.ReportMetric(float64(bytes)/float64(seq), "B/record")
	if p.damaged != nil {
		b.Fatal(p.damaged)
	}
}

// BenchmarkTakingIn is how long the coordinator needs for a record of those that arrived: checked, its time moved, and put into its log.
func BenchmarkTakingIn(b *testing.B) {
	var w writer
	var chunks [][]byte
	const each, processes = 1000, 4
	names := []string{"add"}
	for n := range (b.N + each - 1) / each {
		w.begin()
		for i := range each {
			t := int64(1000 * (n*each + i))
			w.add(&engine.Collected{Recorded: harness.Recorded{
				Record: &harness.Record{Outcome: harness.OK, Tries: 1, Invoke: t, Begin: t, End: t + 500}, ID: harness.OpID(int32(n%processes), n/processes*each+i+1),
				Accesses: []harness.Access{{Kind: harness.Writes, Delta: 1, Value: 5, Version: 7}},
			}})
		}
		chunks = append(chunks, w.end(1, uint64(n+1), names, nil))
	}
	p := newPart(&clients{job: 1, cfg: engine.Config{Concurrency: processes}}, &member{}, 0, processes, 0)
	b.ReportAllocs()
	b.ResetTimer()
	for i, c := range chunks {
		if i%100 == 0 {
			at := int64(1000 * i * each)
			p.probed(at, at, at+1000, len(p.arrived))
		}
		p.takeIn(c)
	}
	b.StopTimer()
	if p.damaged != nil || p.chunks != uint64(len(chunks)) {
		b.Fatal(p.damaged, p.chunks)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
