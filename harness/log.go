package harness

import (
	"iter"

	"github.com/lastseat/lastseat/harness/spool"
)

// Record is one operation as its client knew it. Times are nanoseconds since the row's start, by the clock of its log.
type Record struct {
	Undoes  int64 // the ID of the operation this one reverses, or 0
	Invoke  int64 // the client wanted it
	Begin   int64 // its first attempt began (a connection was there)
	End     int64 // it was answered
	first   uint32
	count   uint32
	Tries   uint16 // attempts made, at least 1
	Name    uint8  // index of History.Names
	Outcome Outcome

	// Declined: a Call of the operation declines. If it was rejected, the state need not be why.
	Declined bool
}

// chunkSize keeps allocations rare. A log's first chunk grows as it is filled: many a process ends after a few operations,
// because each unknown outcome makes a new one.
const chunkSize = 1024

type chunk struct {
	records  []Record
	accesses []Access
	packed   []byte // nil: the records are there as they are
	touched  int    // of what is packed: how many accesses
	from     int64  // of what is packed: when the first was wanted
}

// Log holds the records of one process, in order. Appending takes no lock and almost never allocates.
type Log struct {
	Process int32
	Clock   int // index of History.Clocks
	chunks  []*chunk
	n       int
	// Errors are what failed and unknown operations met, by ID: the first few of the log.
	Errors map[int64]string
	// Spool takes in the chunks that are full; nil: they stay in memory.
	Spool *spool.Spool
	pack  []byte // where chunks are packed
}

// maxErrors bounds Log.Errors.
const maxErrors = 8

// Len is how many operations are recorded.
func (l *Log) Len() int { return l.n }

// At is the i-th operation (from 0). Of a log on disk it unpacks many: see From and History.Finder.
func (l *Log) At(i int) Recorded {
	records, accesses := l.chunks[i/chunkSize].rows()
	return l.recorded(i, records, accesses)
}

// recorded is the i-th operation, out of its chunk.
func (l *Log) recorded(i int, records []Record, accesses []Access) Recorded {
	r := &records[i%chunkSize]
	return Recorded{Record: r, ID: OpID(l.Process, i+1), Accesses: accesses[r.first : r.first+r.count]}
}

// From ranges over the operations from the i-th on (from 0), in order.
func (l *Log) From(i int) iter.Seq[Recorded] {
	return func(yield func(Recorded) bool) {
		for i < l.n {
			records, accesses := l.chunks[i/chunkSize].rows()
			for end := min(l.n, i-i%chunkSize+chunkSize); i < end; i++ {
				if !yield(l.recorded(i, records, accesses)) {
					return
				}
			}
		}
	}
}

// Append records an operation. The accesses are copied.
func (l *Log) Append(r Record, accesses ...Access) {
	c := l.open()
	r.first, r.count = uint32(len(c.accesses)), uint32(len(accesses))
	c.accesses = append(c.accesses, accesses...)
	c.records = append(c.records, r)
	l.n++
}

// AppendAll records operations that come one after the other: touched says how many of the accesses each of them has, in order. All is copied.
func (l *Log) AppendAll(records []Record, touched []uint32, accesses []Access) {
	for len(records) > 0 {
		c := l.open()
		from, first := len(c.records), len(c.accesses)
		if from == 0 {
			spool.Populate(c.records)
			spool.Populate(c.accesses)
		}
		n, all := min(len(records), chunkSize-from), 0
		c.records = append(c.records, records[:n]...)
		for i := range n {
			r := &c.records[from+i]
			r.first, r.count = uint32(first+all), touched[i]
			all += int(touched[i])
		}
		c.accesses = append(c.accesses, accesses[:all]...)
		records, touched, accesses = records[n:], touched[n:], accesses[all:]
		l.n += n
	}
}

// AppendOp records op as answered by res: one access a write, then what else was seen. Where cells hold no numbers, reads
// stand between the writes as the steps do.
func (l *Log) AppendOp(r Record, op *Op, res *Result) {
	c := l.open()
	first, found := len(c.accesses), 0
	for i := range op.Steps {
		s := &op.Steps[i]
		switch s.Kind {
		case Add:
			c.accesses = append(c.accesses, addAccess(s, res.Seen))
		case Write:
			c.accesses = append(c.accesses, Access{Cell: s.Cell, Kind: Sets, Value: s.Value, Version: NotSeen})
		case Append:
			c.accesses = append(c.accesses, Access{Cell: s.Cell, Kind: Appends, Value: s.Value, Version: NotSeen})
		case Read:
			found = c.find(op, s, res.Seen, found)
		case Call:
		}
	}
	for j := range res.Seen {
		if res.Seen[j].Kind == Reads {
			c.accesses = append(c.accesses, res.Seen[j])
		}
	}
	if call := op.Refusal(); call != nil {
		r.Declined = call.Outcome == Rejected
	}
	r.first, r.count = uint32(first), uint32(len(c.accesses)-first)
	c.records = append(c.records, r)
	l.n++
	if res.Err != nil && len(l.Errors) < maxErrors {
		if l.Errors == nil {
			l.Errors = map[int64]string{}
		}
		l.Errors[OpID(l.Process, l.n)] = res.Err.Error()
	}
}

// addAccess is the access of an Add, with what it saw of its cell.
func addAccess(s *Step, all []Access) Access {
	a := Access{Cell: s.Cell, Kind: Writes, Delta: s.Delta, Value: NotSeen, Version: NotSeen}
	for j := range all {
		if seen := &all[j]; seen.Kind != Reads && seen.Cell == s.Cell {
			a.Kind, a.Value, a.Version = seen.Kind, seen.Value, seen.Version
		}
	}
	return a
}

// find records what a step found in cells that hold no numbers, all[from:] being what was seen from this step on. It answers
// where the next step's begins. A step that was not answered found nothing that is known.
func (c *chunk) find(op *Op, s *Step, all []Access, from int) (next int) {
	for _, cell := range s.Cells {
		if from < len(all) && all[from].Kind == Finds {
			to := from + 1
			for to < len(all) && all[to].Kind == Holds {
				to++
			}
			c.accesses = append(c.accesses, all[from:to]...)
			from = to
		} else if op.puts() {
			c.accesses = append(c.accesses, Access{Cell: cell, Kind: Finds, Value: NotSeen, Version: NotSeen})
		}
	}
	return from
}

// open is the chunk with room for one more record.
func (l *Log) open() *chunk {
	if l.n%chunkSize != 0 || l.n == 0 && len(l.chunks) > 0 {
		return l.chunks[len(l.chunks)-1]
	}
	c := &chunk{}
	if n := len(l.chunks); n > 0 {
		c.records, c.accesses = l.close(l.chunks[n-1])
	}
	l.chunks = append(l.chunks, c)
	return c
}

// Reserve gives an empty log room for about n operations, as far as its first chunk goes. The room has been written to: no page of it is
// the system's to find while operations run, which takes a virtual machine longer than many an operation.
func (l *Log) Reserve(n int) {
	n = min(n, chunkSize)
	c := &chunk{records: make([]Record, n), accesses: make([]Access, reservedAccesses*n)}
	clear(c.records)
	clear(c.accesses)
	c.records, c.accesses = c.records[:0], c.accesses[:0]
	l.chunks = append(l.chunks[:0], c)
}

// reservedAccesses is how many accesses most operations have.
const reservedAccesses = 2

// Reset empties the log, which has no Spool, and keeps its memory: what was got from it must not be used any more.
func (l *Log) Reset() {
	if len(l.chunks) > 0 {
		c := l.chunks[0]
		c.records, c.accesses, l.chunks = c.records[:0], c.accesses[:0], l.chunks[:1]
	}
	l.n, l.Errors = 0, nil
}

// spareAccesses: a chunk has room for one access in so many more than the one before had. It is seldom copied as it grows, and has little room that stays empty.
const spareAccesses = 16

// close hands a full chunk to the spool, packed if it goes to disk, and answers the room for the next one.
func (l *Log) close(c *chunk) (records []Record, accesses []Access) {
	room := len(c.accesses)
	if l.Spool.Spills() {
		l.pack = c.pack(l.pack[:0])
		if packed, spare := spool.Keep(l.Spool, l.pack); spare != nil {
			records, accesses = c.records[:0], c.accesses[:0]
			c.from = c.records[0].Invoke
			c.packed, c.touched, c.records, c.accesses = packed, room, nil, nil
			return records, accesses
		}
	}
	c.records, records = spool.Keep(l.Spool, c.records)
	c.accesses, accesses = spool.Keep(l.Spool, c.accesses)
	if records == nil {
		records = make([]Record, 0, chunkSize)
	}
	if accesses == nil {
		accesses = make([]Access, 0, room+room/spareAccesses)
	}
	return records, accesses
}
