package check

import (
	"context"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

var opNames = []string{"buy", "cancel", "transfer", "withdraw", "deposit", "read", "checkout", "refund"}

// nextProcess is by how much the process of a client grows after an operation whose outcome nobody knows.
const nextProcess = 1000

// sim is a store that does operations one after the other, while their clients wait for random times.
type sim struct {
	h         *harness.History
	versioned bool
	now       int64
	logs      map[int32]*harness.Log
	free      []int64 // by client: from when on it may invoke
	process   []int32 // by client
	values    []int64
	versions  []int64
	pending   map[harness.Cell]harness.Access // what the next writer will find instead of the truth
	force     bool                            // guards are ignored
}

func newSim(clients int, start ...int64) *sim {
	st := harness.NewState(harness.Group{Table: "stock", Column: "available", Len: len(start)}, "orders", 0)
	copy(st.Values, start)
	s := &sim{
		h: &harness.History{Names: opNames, Start: st}, versioned: true, now: 100, logs: map[int32]*harness.Log{},
		values: append([]int64(nil), start...), versions: make([]int64, len(start)), pending: map[harness.Cell]harness.Access{},
	}
	for c := range clients {
		s.addClient(int32(c))
	}
	return s
}

// share divides the cells among tables.
func (s *sim) share(tables []string) {
	s.h.Start.Groups = nil
	n := len(s.values) / len(tables)
	for i, table := range tables {
		g := harness.Group{Table: table, Column: "available", First: harness.Cell(i * n), Len: n}
		s.h.Start.Groups = append(s.h.Start.Groups, g)
	}
}

func (s *sim) addClient(p int32) int {
	s.process = append(s.process, p)
	s.free = append(s.free, 0)
	return len(s.free) - 1
}

func (s *sim) log(client int) *harness.Log {
	p := s.process[client]
	if s.logs[p] == nil {
		s.logs[p] = &harness.Log{Process: p}
		s.h.Logs = append(s.h.Logs, s.logs[p])
	}
	return s.logs[p]
}

// shot is how an operation goes, apart from what it does.
type shot struct {
	client      int
	invoke, end int64
	outcome     harness.Outcome // OK stands for "as the store decides"
	happens     bool            // of an unknown one
	hides       bool            // the strategy learns nothing that its writes depend on
}

// do carries op out at s.now, and returns its ID.
func (s *sim) do(op harness.Op, sh shot) int64 {
	log := s.log(sh.client)
	id := harness.OpID(log.Process, log.Len()+1)
	accesses, came := s.look(&op, sh.hides), harness.Failed
	if sh.outcome == harness.OK || sh.happens {
		came = s.apply(&op)
	}
	if sh.outcome == harness.OK {
		sh.outcome = came
	}
	if came == harness.OK {
		s.settle(id, accesses)
	}
	r := harness.Record{Invoke: sh.invoke, Begin: sh.invoke, End: sh.end, Tries: 1, Outcome: sh.outcome}
	if call := op.Refusal(); call != nil {
		r.Declined = call.Outcome == harness.Rejected
	}
	for i, n := range opNames {
		if n == op.Name {
			r.Name = uint8(i)
		}
	}
	log.Append(r, accesses...)
	s.free[sh.client] = sh.end
	if sh.outcome == harness.Unknown {
		s.process[sh.client] += nextProcess
	}
	return id
}

// simple does op with a free client, from 5 before to 5 after now.
func (s *sim) simple(op harness.Op, client int) int64 {
	s.now += 20
	return s.do(op, shot{client: client, invoke: s.now - 5, end: s.now + 5, outcome: harness.OK})
}

func (s *sim) apply(op *harness.Op) harness.Outcome {
	if !s.force {
		return harness.Apply(s.values, op)
	}
	for _, st := range op.Steps {
		if st.Kind == harness.Add {
			s.values[st.Cell] += st.Delta
		}
	}
	return harness.OK
}

func (s *sim) look(op *harness.Op, hides bool) []harness.Access {
	var as []harness.Access
	for _, st := range op.Steps {
		if st.Kind == harness.Add {
			a := harness.Access{Cell: st.Cell, Kind: harness.Writes, Delta: st.Delta, Value: s.values[st.Cell], Version: s.versions[st.Cell]}
			if old, ok := s.pending[st.Cell]; ok {
				a.Value, a.Version = old.Value, old.Version
			}
			if hides {
				a.Kind, a.Value, a.Version = harness.Checks, -7, 0
			}
			as = append(as, a)
		}
		for _, c := range st.Cells {
			as = append(as, harness.Access{Cell: c, Value: s.values[c], Version: s.versions[c]})
		}
	}
	if hides {
		for c := range harness.Cell(len(s.values)) {
			as = append(as, harness.Access{Cell: c, Value: -9, Version: s.versions[c]}) // nor on what it read besides
		}
	}
	return as
}

// settle writes the journal, and overwrites what a lost update had written.
func (s *sim) settle(id int64, accesses []harness.Access) {
	for _, a := range accesses {
		if a.Kind == harness.Reads {
			continue
		}
		if old, ok := s.pending[a.Cell]; ok {
			s.values[a.Cell] = old.Value + a.Delta
			delete(s.pending, a.Cell)
		}
		s.versions[a.Cell]++
		e := harness.Entry{Op: id, Cell: a.Cell, Delta: a.Delta}
		if s.versioned {
			e.Version = s.versions[a.Cell]
		}
		s.h.Final.Entries = append(s.h.Final.Entries, e)
	}
}

// losing does first and then second, which finds the cell as first found it.
func (s *sim) losing(c harness.Cell, client int, first, second harness.Op) {
	found := harness.Access{Value: s.values[c], Version: s.versions[c]}
	s.simple(first, client)
	s.pending[c] = found
	s.simple(second, client)
}

func (s *sim) done() *harness.History {
	entries := s.h.Final.Entries
	s.h.Final = s.h.Start.Clone()
	s.h.Final.Entries = entries
	s.h.Final.Values = append([]int64(nil), s.values...)
	s.h.Final.Versions = append([]int64(nil), s.versions...)
	if !s.versioned {
		s.h.Final.Versions = nil
	}
	return s.h
}

func add(name string, c harness.Cell, delta int64, guard ...harness.Cell) harness.Op {
	return harness.Op{Name: name, Steps: []harness.Step{{Kind: harness.Add, Cell: c, Delta: delta, Guard: harness.Guard{Cells: guard}}}}
}

func buy(c harness.Cell) harness.Op    { return add("buy", c, -1, c) }
func cancel(c harness.Cell) harness.Op { return add("cancel", c, 1) }

func move2(from, to harness.Cell, n int64) harness.Op {
	op := add("transfer", from, -n, from)
	op.Steps = append(op.Steps, harness.Step{Kind: harness.Add, Cell: to, Delta: n})
	return op
}

// checkout pays for one seat out of a wallet; seats, wallets and what is sold have n cells each.
func checkout(seat, wallet harness.Cell, n int, answer harness.Outcome) harness.Op {
	op := add("checkout", seat, -1, seat)
	op.Steps = append(op.Steps, harness.Step{Kind: harness.Call, Service: "payment", Outcome: answer})
	op.Steps = append(op.Steps, add("", wallet, -3, wallet).Steps...)
	op.Steps = append(op.Steps, add("", seat+harness.Cell(2*n), 1).Steps...)
	return op
}

// refund is a checkout's opposite.
func refund(seat, wallet harness.Cell, n int, answer harness.Outcome) harness.Op {
	op := checkout(seat, wallet, n, answer)
	op.Name = "refund"
	for i := range op.Steps {
		op.Steps[i].Delta, op.Steps[i].Guard = -op.Steps[i].Delta, harness.Guard{}
	}
	return op
}

func readAll(cells int) harness.Op {
	s := harness.Step{Kind: harness.Read}
	for c := range harness.Cell(cells) {
		s.Cells = append(s.Cells, c)
	}
	return harness.Op{Name: "read", Steps: []harness.Step{s}}
}

func check(c harness.Checker, h *harness.History) harness.Finding {
	return c.Check(context.Background(), h)
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// mustSay demands that the checker objects, in words that include the given ones.
func mustSay(t fataler, c harness.Checker, h *harness.History, words ...string) harness.Finding {
	t.Helper()
	f := check(c, h)
	if f.Violations == 0 || f.Measure == 0 || len(f.Texts) == 0 {
		t.Fatalf("%s: %+v, want a violation", c.Name, f)
	}
	for _, w := range words {
		if !strings.Contains(strings.Join(f.Texts, "\n"), w) {
			t.Fatalf("%s says %q, want %q in it", c.Name, f.Texts, w)
		}
	}
	terse := *h
	terse.Terse = true
	if check(c, &terse).Violations == 0 {
		t.Fatalf("%s finds nothing where only that is asked", c.Name)
	}
	return f
}
