package harness

import (
	"iter"
	"slices"

	"github.com/lastseat/lastseat/harness/spool"
)

// History is what a row's clients were told, and what the store held before and after.
type History struct {
	Label  Label
	Seed   uint64
	Counts bool     // operations were counted, not recorded: Logs are empty
	Terse  bool     // checks need not put what they find into words
	Model  string   // the isolation model that was promised; empty: none was
	Turn   int64    // times count turns, and one takes so much; 0: they are nanoseconds
	Names  []string // operation names, by Record.Name
	Start  State
	Final  State
	Logs   []*Log // one a process; a client is a new process after an unknown outcome
	Faults []Fault

	// Clocks are those that the records were timed by, by Log.Clock; none: one clock timed all.
	Clocks []Clock

	// Spool holds what is too large for memory; nil: nothing is. A check takes from it what grows with the history, and need not give it back.
	Spool *spool.Spool

	// Ended, where the history is judged, says why that is given up; nil: nobody gives it up. What ranges over operations asks, and ends all that is
	// under way in spool.Catch.
	Ended func() error
}

// Fault is something that was broken while clients ran.
type Fault struct {
	What string `json:"what"` // server killed
	From int64  `json:"from"` // nanoseconds since the row's start: when it broke
	To   int64  `json:"to"`   // when it was mended
}

// Label names a row.
type Label struct {
	Workload  string `json:"workload"`
	Target    string `json:"target"`
	Strategy  string `json:"strategy"`
	Isolation Level  `json:"isolation"`
	Env       string `json:"env,omitempty"`   // components, the innermost first, with + between: cache+redis
	Fault     string `json:"fault,omitempty"` // what was broken meanwhile: kill-server
}

// String is the row as it is written everywhere: postgres/for-update@read-committed, postgres/naive-tx+redis@read-committed!kill-server.
func (l Label) String() string { return l.Target + "/" + l.Row(string(l.Isolation)) }

// Row is the row without its target, the level by the given name: naive-tx+redis@rc!kill-server.
func (l Label) Row(level string) string {
	s := l.Composed()
	if l.Isolation != NoLevel {
		s += "@" + level
	}
	if l.Fault != "" {
		s += "!" + l.Fault
	}
	return s
}

// Composed is the strategy with what is around it: naive-tx+redis.
func (l Label) Composed() string {
	if l.Env == "" {
		return l.Strategy
	}
	return l.Strategy + "+" + l.Env
}

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

// close hands a full chunk to the spool, packed if it goes to disk, and answers the room for the next one.
func (l *Log) close(c *chunk) (records []Record, accesses []Access) {
	room := len(c.accesses)
	if l.Spool.Spills() {
		l.pack = c.pack(l.pack[:0])
		if packed, spare := spool.Keep(l.Spool, l.pack); spare != nil {
			records, accesses = c.records[:0], c.accesses[:0]
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
		accesses = make([]Access, 0, room)
	}
	return records, accesses
}

// Recorded is a Record with its identity and the cells it touched.
type Recorded struct {
	*Record
	ID       int64
	Accesses []Access
}

// Process is the client that did it.
func (r *Recorded) Process() int32 { return OpProcess(r.ID) }

// Wrote reports whether the operation was to change anything.
func (r *Recorded) Wrote() bool {
	for i := range r.Accesses {
		if r.Accesses[i].Kind.Changes() {
			return true
		}
	}
	return false
}

// Ops ranges over all recorded operations, process by process, each in its own order.
func (h *History) Ops() iter.Seq[Recorded] {
	return func(yield func(Recorded) bool) {
		for _, l := range h.Logs {
			for r := range h.OpsOf(l) {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// OpsOf ranges over the operations of one of the history's logs, in order.
func (h *History) OpsOf(l *Log) iter.Seq[Recorded] {
	return func(yield func(Recorded) bool) {
		i := 0
		for r := range l.From(0) {
			if i%chunkSize == 0 {
				h.goOn()
			}
			if i++; !yield(r) {
				return
			}
		}
	}
}

// goOn ends what is under way if the judgement is given up.
func (h *History) goOn() {
	if h.Ended == nil {
		return
	}
	if err := h.Ended(); err != nil {
		spool.End(err)
	}
}

// Len is how many operations are recorded.
func (h *History) Len() int {
	n := 0
	for _, l := range h.Logs {
		n += l.n
	}
	return n
}

// Finder looks operations up by ID, for one goroutine.
func (h *History) Finder() func(id int64) (Recorded, bool) {
	logs := make(map[int32]*Log, len(h.Logs))
	for _, l := range h.Logs {
		logs[l.Process] = l
	}
	var last *chunk
	var records []Record
	var accesses []Access
	return func(id int64) (Recorded, bool) {
		l, seq := logs[OpProcess(id)], OpSeq(id)
		if l == nil || seq < 1 || seq > l.n {
			return Recorded{}, false
		}
		if c := l.chunks[(seq-1)/chunkSize]; c != last {
			last = c
			records, accesses = c.rows()
		}
		return l.recorded(seq-1, records, accesses), true
	}
}

// Edited is a copy of the history in which edit has replaced some operations' records; the copy shares the rest. It is
// how a corruption is planted.
func (h *History) Edited(id int64, edit func(r *Record, accesses []Access)) *History {
	c := *h
	c.Logs = append([]*Log(nil), h.Logs...)
	for i, l := range c.Logs {
		if l.Process != OpProcess(id) {
			continue
		}
		l2 := *l
		l2.chunks = append([]*chunk(nil), l.chunks...)
		k := OpSeq(id) - 1
		old := l2.chunks[k/chunkSize]
		records, accesses := old.rows()
		ch := &chunk{records: slices.Clone(records), accesses: slices.Clone(accesses)}
		l2.chunks[k/chunkSize] = ch
		r := &ch.records[k%chunkSize]
		edit(r, ch.accesses[r.first:r.first+r.count])
		c.Logs[i] = &l2
	}
	return &c
}

// Writes reports whether the operation was to change the cell.
func (r *Recorded) Writes(c Cell) bool {
	return slices.ContainsFunc(r.Accesses, func(a Access) bool { return a.Cell == c && a.Kind.Changes() })
}
