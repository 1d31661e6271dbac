package harness

import (
	"cmp"
	"iter"
	"math"
	"slices"
)

// turn is a chunk's place among those of other logs.
type turn struct {
	from       int64 // when its first operation was wanted
	log, chunk int
}

// turns are the chunks of the logs in the order in which they are gone through: the first of each log, log by log, then always the one that begins
// earliest. So a history on disk is read once from its beginning to its end, as its clients wrote it side by side, and what is kept by cell and time is
// met in order. Chunks that begin after a time are left out. They are appended to all.
func turns(all []turn, logs []*Log, until int64) []turn {
	for i, l := range logs {
		from := int64(math.MinInt64)
		for k := 0; k*chunkSize < l.n; k++ {
			if k > 0 {
				from = max(from, l.chunks[k].begins()) // a log keeps its order whatever its times are
			}
			if from <= until {
				all = append(all, turn{from, i, k})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b turn) int { return cmp.Compare(a.from, b.from) })
	return all
}

// begins is when the chunk's first operation was wanted.
func (c *chunk) begins() int64 {
	if c.packed == nil && len(c.records) > 0 {
		return c.records[0].Invoke
	}
	return c.from
}

// Together ranges over the operations of some of the history's logs, side by side: about as time went by, those of each log in their own order. Of short
// histories, whose logs have up to 1,024 operations each, it is log by log.
func (h *History) Together(logs []*Log) iter.Seq2[*Log, Recorded] {
	return h.together(logs, math.MaxInt64)
}

func (h *History) together(logs []*Log, until int64) iter.Seq2[*Log, Recorded] {
	return func(yield func(*Log, Recorded) bool) {
		var few [16]turn
		for _, t := range turns(few[:0], logs, until) {
			h.GoOn()
			l := logs[t.log]
			records, accesses := l.chunks[t.chunk].rows()
			for i, to := t.chunk*chunkSize, min(l.n, (t.chunk+1)*chunkSize); i < to; i++ {
				if !yield(l, l.recorded(i, records, accesses)) {
					return
				}
			}
		}
	}
}

// Ops ranges over all recorded operations: see Together.
func (h *History) Ops() iter.Seq[Recorded] { return h.OpsUntil(math.MaxInt64) }

// OpsUntil is Ops without many of those that were wanted after a time, in nanoseconds since the row's start, by the clock of each log.
func (h *History) OpsUntil(time int64) iter.Seq[Recorded] {
	return func(yield func(Recorded) bool) {
		for _, r := range h.together(h.Logs, time) {
			if !yield(r) {
				return
			}
		}
	}
}
