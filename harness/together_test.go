package harness

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness/spool"
)

// TestTogether: logs are gone through side by side, a chunk at a time: the first of each, then always the one that begins earliest. Each log keeps its
// order, on disk as in memory.
func TestTogether(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		disk := spool.New(t.TempDir(), 0)
		if disk == nil {
			t.Skip("this system maps no files")
		}
		defer disk.Close()
		h, onDisk := &History{}, &History{}
		for process := range int32(rapid.IntRange(1, 4).Draw(r, "logs")) {
			plain, packed := &Log{Process: process}, &Log{Process: process, Spool: disk}
			at := rapid.Int64Range(0, 10).Draw(r, "start")
			every := rapid.Int64Range(1, 5).Draw(r, "every")
			for range rapid.SampledFrom([]int{0, 1, chunkSize, chunkSize + 1, 3*chunkSize + 5}).Draw(r, "operations") {
				at += every
				for _, l := range []*Log{plain, packed} {
					l.Append(Record{Invoke: at, Begin: at, End: at + 1, Tries: 1}, Access{Delta: at})
				}
			}
			h.Logs, onDisk.Logs = append(h.Logs, plain), append(onDisk.Logs, packed)
		}
		until := rapid.Int64Range(0, 20_000).Draw(r, "until")
		var ids, early, idsOnDisk []int64
		seen, lastBegan := map[int32]int{}, int64(0)
		for l, op := range h.Together(h.Logs) {
			ids = append(ids, op.ID)
			if op.Process() != l.Process || OpSeq(op.ID) != seen[l.Process]+1 || op.Accesses[0].Delta != op.Invoke {
				r.Fatalf("operation %d of process %d follows %d", OpSeq(op.ID), l.Process, seen[l.Process])
			}
			if seen[l.Process]++; OpSeq(op.ID)%chunkSize == 1 && OpSeq(op.ID) > 1 {
				if op.Invoke < lastBegan {
					r.Fatalf("a chunk that began at %d comes after one that began at %d", op.Invoke, lastBegan)
				}
				lastBegan = op.Invoke
			}
			if op.Invoke <= until {
				early = append(early, op.ID)
			}
		}
		for op := range onDisk.Ops() {
			idsOnDisk = append(idsOnDisk, op.ID)
		}
		if len(ids) != h.Len() {
			r.Fatalf("%d of %d operations", len(ids), h.Len())
		}
		if d := cmp.Diff(ids, idsOnDisk); d != "" {
			r.Fatalf("on disk they are in another order: %s", d)
		}
		n := 0
		for op := range h.OpsUntil(until) {
			if n < len(early) && op.ID == early[n] {
				n++
			}
		}
		if n < len(early) {
			r.Fatalf("until %d: %d of %d operations", until, n, len(early))
		}
	})
}

// TestShortLogsInTurn: logs of one chunk each come one after the other, whenever they began.
func TestShortLogsInTurn(t *testing.T) {
	h := &History{}
	for process := range int32(3) {
		l := &Log{Process: process}
		for i := range int64(chunkSize) {
			l.Append(Record{Invoke: i - int64(process), Tries: 1})
		}
		h.Logs = append(h.Logs, l)
	}
	n := 0
	for op := range h.Ops() {
		if want := OpID(int32(n/chunkSize), n%chunkSize+1); op.ID != want {
			t.Fatalf("operation %d is %d, want %d", n, op.ID, want)
		}
		n++
	}
}

// TestTogetherEnds: a judgement that is given up ends before the next chunk.
func TestTogetherEnds(t *testing.T) {
	l := &Log{}
	for range 3 * chunkSize {
		l.Append(Record{Tries: 1})
	}
	enough := errors.New("enough")
	left := 2
	h := &History{Logs: []*Log{l}, Ended: func() error {
		if left--; left < 0 {
			return enough
		}
		return nil
	}}
	n := 0
	if err := spool.Catch(func() {
		for range h.Ops() {
			n++
		}
	}); !errors.Is(err, enough) || n != 2*chunkSize {
		t.Errorf("%v after %d operations", err, n)
	}
}
