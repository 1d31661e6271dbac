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
	Terse  bool     // whether something broke is all that is asked: checks need not put it into words, and may end with the first that they find
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
	// under way in spool.Catch. What takes long otherwise, over many millions of operations, calls GoOn now and then.
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

// OpsOf ranges over the operations of one of the history's logs, in order.
func (h *History) OpsOf(l *Log) iter.Seq[Recorded] {
	return func(yield func(Recorded) bool) {
		i := 0
		for r := range l.From(0) {
			if i%chunkSize == 0 {
				h.GoOn()
			}
			if i++; !yield(r) {
				return
			}
		}
	}
}

// GoOn ends what is under way in spool.Catch if the judgement is given up: see Ended.
func (h *History) GoOn() {
	if h.Ended == nil {
		return
	}
	if err := h.Ended(); err != nil {
		spool.End(err)
	}
}

// Asking is a comparison for a sort that may take long: now and then it ends what is under way if the judgement is given up.
func Asking[T any](h *History, compare func(a, b T) int) func(a, b T) int {
	const often = 1 << 20
	compared := 0
	return func(a, b T) int {
		if compared++; compared%often == 0 {
			h.GoOn()
		}
		return compare(a, b)
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
