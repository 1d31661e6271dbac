package harness

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness/spool"
)

// drawLog appends operations of all kinds to logs, some more than fill a chunk.
func drawLog(t *rapid.T, logs ...*Log) {
	number := rapid.OneOf(rapid.SampledFrom([]int64{0, 1, -1, NotSeen, math.MaxInt64, math.MinInt64 + 1}), rapid.Int64(), rapid.Int64Range(-100, 100_000))
	ops := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Record {
		return Record{
			Undoes: number.Draw(t, "undoes"), Invoke: number.Draw(t, "invoke"), Begin: number.Draw(t, "begin"), End: number.Draw(t, "end"),
			Tries: rapid.Uint16().Draw(t, "tries"), Name: rapid.Byte().Draw(t, "name"), Outcome: Outcome(rapid.IntRange(0, Outcomes-1).Draw(t, "outcome")),
			Declined: rapid.Bool().Draw(t, "declined"),
		}
	}), 1, 8).Draw(t, "records")
	accesses := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Access {
		return Access{
			Cell: Cell(rapid.Int32().Draw(t, "cell")), Kind: AccessKind(rapid.IntRange(0, int(Appends)).Draw(t, "kind")),
			Delta: number.Draw(t, "delta"), Value: number.Draw(t, "value"), Version: number.Draw(t, "version"),
		}
	}), 0, 5).Draw(t, "accesses")
	for i := range rapid.SampledFrom([]int{1, chunkSize, chunkSize + 1, 3 * chunkSize}).Draw(t, "operations") {
		from := i % (len(accesses) + 1)
		for _, l := range logs {
			l.Append(ops[i%len(ops)], accesses[from:]...)
		}
	}
}

// TestPacked: a log on disk holds what one in memory does, read from the start, from anywhere and one by one; and it takes its chunks packed.
func TestPacked(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		disk := spool.New(t.TempDir(), 0)
		if disk == nil {
			t.Skip("this system maps no files")
		}
		defer disk.Close()
		plain, packed := &Log{Process: 3}, &Log{Process: 3, Spool: disk}
		drawLog(r, plain, packed)
		for i, c := range packed.chunks {
			if last := i == len(packed.chunks)-1; i > 0 && (c.packed == nil) != last {
				r.Fatalf("chunk %d of %d is packed: %t", i, len(packed.chunks), c.packed != nil)
			}
		}
		from := rapid.IntRange(0, plain.Len()-1).Draw(r, "from")
		want, got := slices.Collect(plain.From(from)), slices.Collect(packed.From(from))
		opt := cmp.AllowUnexported(Record{})
		if d := cmp.Diff(want, got, opt); d != "" {
			r.Fatal(d)
		}
		if d := cmp.Diff(plain.At(from), packed.At(from), opt); d != "" {
			r.Fatal(d)
		}
		h := &History{Logs: []*Log{packed}}
		if found, ok := h.Finder()(OpID(3, from+1)); !ok || !cmp.Equal(found, want[0], opt) {
			r.Fatalf("found %v, want %v", found, want[0])
		}
		edited := h.Edited(OpID(3, from+1), func(r *Record, _ []Access) { r.Undoes = 77 })
		if r1, _ := edited.Finder()(OpID(3, from+1)); r1.Undoes != 77 || packed.At(from).Undoes != plain.At(from).Undoes {
			r.Fatal("an edited copy is not edited, or more than the copy is")
		}
	})
}
