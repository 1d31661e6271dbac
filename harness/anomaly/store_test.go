package anomaly

import (
	"cmp"
	"slices"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// level is what a simulated store promises, and how it comes to that.
type level struct {
	name, model string // model is the strongest one that it keeps
	atomic      bool   // a transaction happens in one moment
	statement   bool   // every statement sees what is committed by then; writes lock their row
	dirty       bool   // and what others are about to commit
	late        late   // how old the snapshot of a transaction may be
	readers     bool   // only transactions without writes may see an old one
	loses       bool   // commits may vanish
}

// late is how far behind a snapshot may be.
type late uint8

const (
	latest  late = iota
	session      // not older than what its process has seen or done
	older        // any state that the store once had
	forked       // any set of transactions that holds all that those in it saw
)

var levels = []level{
	{name: "strict", model: StrictSerializable, atomic: true},
	{name: "session", model: "strong-session-serializable", atomic: true, late: session, readers: true},
	{name: "stale", model: "serializable", atomic: true, late: older, readers: true},
	{name: "strong SI", model: "strong-snapshot-isolation"},
	{name: "session SI", model: "strong-session-snapshot-isolation", late: session},
	{name: "SI", model: "snapshot-isolation", late: older},
	{name: "PSI", model: "parallel-snapshot-isolation", late: forked},
	{name: "read committed", model: "strong-read-committed", statement: true},
	{name: "read uncommitted", model: "strong-read-uncommitted", statement: true, dirty: true},
}

// lossy keeps nothing: a write that it acknowledged may be gone.
var lossy = level{name: "lossy", atomic: true, loses: true}

// doing is a transaction under way.
type doing struct {
	process          int32
	steps            []history.TxnOp
	found            [][]int32 // by step: what it read
	at               int       // the next step
	view             []bool    // of what is committed: what it sees
	committed, gone  bool
	invoke, complete int32
	outcome          harness.Outcome
}

// store is a simulated database with its clients.
type store struct {
	level
	t        *rapid.T
	kinds    []history.Kind // by key
	keys     int
	chains   bool // every write of a register first reads it
	last     []int32
	done     []*doing      // committed, in that order
	active   []*doing      // neither committed nor rolled back
	clients  []*doing      // by client; nil: idle
	process  []int32       // by client
	seen     map[int32]int // by process: how much of done it has seen
	ended    []*doing      // answered, given up, or never answered
	events   int32
	programs func() []history.TxnOp
}

func newStore(t *rapid.T, l level, kind history.Kind, clients, keys int) *store {
	s := &store{level: l, t: t, keys: keys, seen: map[int32]int{}}
	for k := range int32(keys) {
		s.kinds = append(s.kinds, kind)
		if kind == mixed {
			s.kinds[k] = kindOf(k)
		}
	}
	s.last, s.clients = make([]int32, keys), make([]*doing, clients)
	for c := range int32(clients) {
		s.process = append(s.process, c)
	}
	s.programs = s.program
	return s
}

// kindOf is what a key of a mixed history holds.
func kindOf(key int32) history.Kind {
	return []history.Kind{history.Registers, history.Lists}[key%2]
}

func (s *store) chance(oneIn int, what string) bool {
	return rapid.IntRange(1, oneIn).Draw(s.t, what) == oneIn
}

// program draws what a transaction does.
func (s *store) program() []history.TxnOp {
	var steps []history.TxnOp
	for range rapid.IntRange(1, 4).Draw(s.t, "steps") {
		op := history.TxnOp{Key: int32(rapid.IntRange(0, s.keys-1).Draw(s.t, "key")), Write: rapid.Bool().Draw(s.t, "write")}
		op.Kind = s.kinds[op.Key]
		if op.Write {
			if s.chains && !slices.ContainsFunc(steps, func(o history.TxnOp) bool { return o.Key == op.Key }) {
				steps = append(steps, history.TxnOp{Kind: op.Kind, Key: op.Key})
			}
			s.last[op.Key]++
			op.Value = s.last[op.Key]
		}
		steps = append(steps, op)
	}
	return steps
}

// run does n transactions, as many at once as there are clients, and returns the history.
func (s *store) run(n int) *history.Transactions {
	for n > 0 || slices.ContainsFunc(s.clients, func(d *doing) bool { return d != nil }) {
		c := rapid.IntRange(0, len(s.clients)-1).Draw(s.t, "client")
		switch d := s.clients[c]; {
		case d == nil && n > 0:
			n--
			d = &doing{process: s.process[c], steps: s.programs(), invoke: s.event()}
			d.found = make([][]int32, len(d.steps))
			s.clients[c], s.active = d, append(s.active, d)
		case d == nil:
		case s.chance(24, "give up"):
			s.end(c, harness.Unknown)
		case d.gone:
			s.end(c, harness.Failed)
		case d.committed:
			s.seen[d.process] = len(s.done)
			s.end(c, harness.OK)
		case s.chance(24, "roll back"):
			s.rollBack(d)
		default:
			s.advance(d)
		}
		if i := rapid.IntRange(0, 3*len(s.active)).Draw(s.t, "background"); i < len(s.active) && s.active[i].outcome == harness.Unknown {
			s.advance(s.active[i])
		}
	}
	return s.history()
}

func (s *store) event() int32 { s.events++; return s.events - 1 }

// end answers a client, or lets it give up: then its transaction may go on without it.
func (s *store) end(c int, outcome harness.Outcome) {
	d := s.clients[c]
	d.outcome, d.complete = outcome, -1
	if outcome != harness.Unknown || s.chance(2, "says so") {
		d.complete = s.event()
	}
	if outcome == harness.Unknown {
		s.process[c] += int32(len(s.clients))
		if s.chance(2, "dies") {
			s.rollBack(d)
		}
	}
	s.ended, s.clients[c] = append(s.ended, d), nil
}

func (s *store) rollBack(d *doing) {
	if !d.committed {
		d.gone = true
		s.active = slices.DeleteFunc(s.active, func(a *doing) bool { return a == d })
	}
}

// advance does the next step of a transaction, or all at once.
func (s *store) advance(d *doing) {
	if d.view == nil {
		d.view = s.snapshot(d)
	}
	for d.at < len(d.steps) {
		if !s.step(d) || !s.atomic {
			return
		}
	}
	s.commit(d)
}

// step reports whether the transaction may go on.
func (s *store) step(d *doing) bool {
	op := &d.steps[d.at]
	if s.statement {
		d.view = slices.Repeat([]bool{true}, len(s.done))
	}
	if !op.Write {
		d.found[d.at] = s.read(d, op.Key)
	} else if s.statement && op.Kind != history.Sets && slices.ContainsFunc(s.active, func(a *doing) bool { return a != d && a.writes(op.Key) }) {
		if s.chance(4, "lock timeout") {
			s.rollBack(d)
		}
		return false
	}
	d.at++
	return true
}

// writes reports whether the transaction has written the key so far.
func (d *doing) writes(key int32) bool {
	return slices.ContainsFunc(d.steps[:d.at], func(op history.TxnOp) bool { return op.Write && op.Key == key })
}

// snapshot is what the transaction sees of all that is committed.
func (s *store) snapshot(d *doing) []bool {
	n := len(s.done)
	view := make([]bool, n)
	from := n
	if !s.readers || !slices.ContainsFunc(d.steps, func(op history.TxnOp) bool { return op.Write }) {
		switch s.late {
		case session:
			from = rapid.IntRange(s.seen[d.process], n).Draw(s.t, "snapshot")
			s.seen[d.process] = from
		case older:
			from = rapid.IntRange(0, n).Draw(s.t, "snapshot")
		case forked:
			from = 0
			for i := range n {
				own := s.done[i].process == d.process && s.done[i].outcome == harness.OK
				if own || s.chance(2, "arrived") {
					view[i] = true
					for j, saw := range s.done[i].view {
						view[j] = view[j] || saw
					}
				}
			}
		}
	}
	for i := range from {
		view[i] = true
	}
	return view
}

// read is what the key holds for the transaction.
func (s *store) read(d *doing, key int32) []int32 {
	var values []int32
	add := func(by *doing) {
		for _, op := range by.steps[:by.at] {
			if op.Write && op.Key == key {
				if op.Kind == history.Registers {
					values = values[:0]
				}
				values = append(values, op.Value)
			}
		}
	}
	for i, by := range s.done {
		if i < len(d.view) && d.view[i] {
			add(by)
		}
	}
	for _, by := range s.active {
		if s.dirty && by != d {
			add(by)
		}
	}
	add(d)
	return values
}

// commit refuses a transaction that would overwrite what its snapshot does not hold: the first committer wins.
func (s *store) commit(d *doing) {
	for i, by := range s.done {
		for _, op := range d.steps {
			if op.Write && op.Kind != history.Sets && !s.statement && (i >= len(d.view) || !d.view[i]) && by.writes(op.Key) {
				s.rollBack(d)
				return
			}
		}
	}
	s.active = slices.DeleteFunc(s.active, func(a *doing) bool { return a == d })
	d.committed = true
	if !s.loses || !s.chance(3, "loses") {
		s.done = append(s.done, d)
	}
}

// history is what the clients were told.
func (s *store) history() *history.Transactions {
	slices.SortFunc(s.ended, func(a, b *doing) int { return cmp.Compare(a.stands(), b.stands()) })
	h := &history.Transactions{First: []int32{0}}
	for _, d := range s.ended {
		h.Outcome, h.Process = append(h.Outcome, d.outcome), append(h.Process, d.process)
		h.Invoke, h.Complete = append(h.Invoke, d.invoke), append(h.Complete, d.complete)
		for i, op := range d.steps {
			if !op.Write {
				answer(h, &op, d.found[i], d.outcome == harness.OK)
			}
			h.Ops = append(h.Ops, op)
		}
		h.First = append(h.First, int32(len(h.Ops)))
	}
	return h
}

// stands is the event by which the transaction is ordered in a history.
func (d *doing) stands() int32 {
	if d.complete >= 0 {
		return d.complete
	}
	return d.invoke
}

// answer notes what a read found, if that is known.
func answer(h *history.Transactions, op *history.TxnOp, found []int32, known bool) {
	switch {
	case op.Kind == history.Lists && known && len(found) == 0 && len(h.Ops)%2 == 0:
		op.Value, op.Len = history.Initial, 0 // nil, which stands for an empty list as well
	case op.Kind != history.Registers && known:
		op.Value, op.Len = int32(len(h.Elements)), int32(len(found))
		h.Elements = append(h.Elements, found...)
	case op.Kind != history.Registers:
		op.Len = history.NotRead
	case !known:
		op.Value = history.NotRead
	case len(found) == 0:
		op.Value = history.Initial
	default:
		op.Value = found[len(found)-1]
	}
}
