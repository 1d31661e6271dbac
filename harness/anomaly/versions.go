package anomaly

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// JudgeCells looks at a history of lastseat's own operations on cells. Each cell counts its writes: what an operation read
// is a version, and the journal holds the version that each write produced, so the order of versions is complete. Where a
// store keeps no versions nothing can be told, and a Result says so.
func JudgeCells(h *harness.History, model string) (*Result, error) {
	name, err := ParseModel(model)
	if err != nil {
		return nil, err
	}
	c := newCells(h)
	in := c.infer()
	r := &Result{Model: name, Committed: c.committed}
	all := &conclusion{
		Result: r, say: c, in: in, standing: standing{l: newLattice()}, edges: in.edges,
		when: c.times(), sessions: c.sessions, ordered: true,
	}
	all.order = all.l.order(name)
	all.conclude()
	return r, nil
}

// cells is a history of operations on cells as a list of transactions.
type cells struct {
	h         *harness.History
	ops       []harness.Recorded // by transaction
	number    func(id int64) int32
	committed int

	writes []write // by cell, then version
	first  []int32 // writes[first[c]:first[c+1]] are those of cell c
	own    []write // by transaction
	mine   []int32 // own[mine[i]:mine[i+1]] are those of transaction i
}

// write is a journal entry: a transaction produced a version of a cell.
type write struct {
	txn     int32 // -1: of no operation that is known
	cell    harness.Cell
	version int64
}

func newCells(h *harness.History) *cells {
	c := &cells{h: h, ops: make([]harness.Recorded, 0, h.Len())}
	firsts := make(map[int32]int32, len(h.Logs))
	for _, log := range h.Logs {
		firsts[log.Process] = int32(len(c.ops))
		for r := range h.OpsOf(log) {
			if c.ops = append(c.ops, r); r.Outcome == harness.OK {
				c.committed++
			}
		}
	}
	lens := make(map[int32]int32, len(h.Logs))
	for _, log := range h.Logs {
		lens[log.Process] = int32(log.Len())
	}
	c.number = func(id int64) int32 {
		p, seq := harness.OpProcess(id), int32(harness.OpSeq(id))
		if seq < 1 || seq > lens[p] {
			return -1
		}
		return firsts[p] + seq - 1
	}
	c.first = make([]int32, len(h.Start.Values)+1)
	for _, e := range h.Final.Entries {
		if e.Version > 0 && int(e.Cell) < len(h.Start.Values) {
			c.first[e.Cell+1]++
		}
	}
	for i := range h.Start.Values {
		c.first[i+1] += c.first[i]
	}
	at := slices.Clone(c.first)
	c.writes = make([]write, at[len(h.Start.Values)])
	for _, e := range h.Final.Entries {
		if e.Version > 0 && int(e.Cell) < len(h.Start.Values) {
			c.writes[at[e.Cell]] = write{c.number(e.Op), e.Cell, e.Version}
			at[e.Cell]++
		}
	}
	share(len(h.Start.Values), func(_, from, to int) {
		for cell := from; cell < to; cell++ {
			slices.SortFunc(c.of(harness.Cell(cell)), func(a, b write) int {
				return cmp.Or(cmp.Compare(a.version, b.version), cmp.Compare(a.txn, b.txn))
			})
		}
	})
	c.sortByOperation()
	return c
}

func (c *cells) sortByOperation() {
	c.mine = make([]int32, len(c.ops)+1)
	for _, w := range c.writes {
		if w.txn >= 0 {
			c.mine[w.txn+1]++
		}
	}
	for i := range c.ops {
		c.mine[i+1] += c.mine[i]
	}
	at := slices.Clone(c.mine)
	c.own = make([]write, c.mine[len(c.ops)])
	for _, w := range c.writes {
		if w.txn >= 0 {
			c.own[at[w.txn]] = w
			at[w.txn]++
		}
	}
}

// of are the writes of a cell, in the order of versions.
func (c *cells) of(cell harness.Cell) []write { return c.writes[c.first[cell]:c.first[cell+1]] }

// after is where in the cell's writes the first one is that produced a later version.
func after(writes []write, version int64) int {
	i, _ := slices.BinarySearchFunc(writes, version+1, func(w write, v int64) int { return cmp.Compare(w.version, v) })
	return i
}

// infer relates operations by what they read and wrote.
func (c *cells) infer() *inferred {
	in := &inferred{txns: int32(len(c.ops))}
	for cell := range harness.Cell(len(c.h.Start.Values)) {
		writes := c.of(cell)
		for i := 1; i < len(writes); i++ {
			if a, b := writes[i-1], writes[i]; a.txn >= 0 && b.txn >= 0 && a.version < b.version {
				in.edge(a.txn, b.txn, ww)
			}
		}
	}
	works := shared(len(c.ops), func(w *cellsWork, from, to int) {
		for i := from; i < to; i++ {
			op := &c.ops[i]
			if op.Outcome != harness.OK {
				continue
			}
			for j := range op.Accesses {
				if a := &op.Accesses[j]; a.Version != harness.NotSeen {
					c.read(w, int32(i), a)
				}
			}
		}
	})
	for i := range works {
		in.edges = append(in.edges, works[i].edges...)
	}
	c.lost(in, works)
	return in
}

// cellsWork is what one goroutine finds.
type cellsWork struct {
	inferred
	late []lateUpdate
}

// lateUpdate is an operation that wrote a cell of which it had read a version that another one wrote upon first.
type lateUpdate struct {
	txn, first int32
	look
}

// look is a version of a cell.
type look struct {
	cell    harness.Cell
	version int64
}

// read relates an operation to the one that produced the version it read, and to the next one.
func (c *cells) read(w *cellsWork, txn int32, a *harness.Access) {
	writes := c.of(a.Cell)
	next := after(writes, a.Version)
	if next > 0 && writes[next-1].version == a.Version && writes[next-1].txn >= 0 {
		w.edge(writes[next-1].txn, txn, wr)
	}
	if next == len(writes) {
		return
	}
	first := writes[next].txn
	if first >= 0 {
		w.edge(txn, first, rw)
	}
	if a.Delta != 0 && first != txn && c.produced(txn, a.Cell) > 0 {
		w.late = append(w.late, lateUpdate{txn, first, look{a.Cell, a.Version}})
	}
}

// lost looks for two operations that read the same version of a cell and both wrote it.
func (c *cells) lost(in *inferred, works []cellsWork) {
	seen := map[look]int32{}
	for i := range works {
		for _, l := range works[i].late {
			other, known := l.first, l.first >= 0 && c.ops[l.first].Outcome == harness.OK && c.saw(l.first, l.cell, l.version)
			if !known {
				if other, known = seen[l.look]; !known {
					seen[l.look] = l.txn
					continue
				}
			}
			in.add(LostUpdate, func() string {
				return fmt.Sprintf("%s was read at version %d by both %s and %s, and both wrote it: one of the two updates rests on an outdated read",
					subject(c.h.Start.CellName(l.cell)), l.version, c.name(other), c.name(l.txn))
			})
		}
	}
}

// produced is the version of the cell that the transaction produced, or 0.
func (c *cells) produced(txn int32, cell harness.Cell) int64 {
	for _, w := range c.own[c.mine[txn]:c.mine[txn+1]] {
		if w.cell == cell {
			return w.version
		}
	}
	return 0
}

// sessions relates the acknowledged operations of each process, one after the other.
func (c *cells) sessions() []edge {
	var edges []edge
	last := int32(-1)
	for i := range c.ops {
		if c.ops[i].Outcome != harness.OK {
			continue
		}
		if last >= 0 && c.ops[last].Process() == c.ops[i].Process() {
			edges = append(edges, edge{last, int32(i), process})
		}
		last = int32(i)
	}
	return edges
}

// times are when operations' first attempts began, and when they were answered.
func (c *cells) times() *times {
	w := &times{}
	w.begin, w.end, _ = history.InTime(c.h.Logs, c.ops)
	c.masked(w)
	if of, earliest, latest := history.Between(c.h, c.ops); of != nil {
		w.of, w.between = of, &times{begin: earliest, end: latest}
		c.masked(w.between)
	}
	return w
}

// masked takes out what orders nothing.
func (c *cells) masked(w *times) {
	for i := range c.ops {
		if o := c.ops[i].Outcome; o != harness.OK {
			w.end[i] = -1
			if o != harness.Unknown {
				w.begin[i] = -1
			}
		}
	}
}

// margin is what the clocks of two operations may be apart.
func (c *cells) margin(a, b int32) int64 {
	log := func(txn int32) *harness.Log {
		return c.h.Logs[slices.IndexFunc(c.h.Logs, func(l *harness.Log) bool { return l.Process == c.ops[txn].Process() })]
	}
	return c.h.Margin(log(a), log(b))
}

// name is what an operation is called: buy 17 of client 3.
func (c *cells) name(txn int32) string {
	op := &c.ops[txn]
	return fmt.Sprintf("%s %d of client %d", c.h.Names[op.Name], harness.OpSeq(op.ID), op.Process())
}

func (c *cells) span(txn int32) Span {
	op := &c.ops[txn]
	return Span{int(op.Process()), op.Invoke, op.End}
}

func (c *cells) ended(int32) bool { return true }

// describe is an operation in words: read stock 3 (version 7: 1), wrote version 8 of stock 3.
func (c *cells) describe(txn int32) string {
	op := &c.ops[txn]
	text := ""
	add := func(format string, args ...any) {
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf(format, args...)
	}
	for i := range op.Accesses {
		if i == maxSteps {
			add("… %d more", len(op.Accesses)-i)
			break
		}
		a := &op.Accesses[i]
		cell := c.h.Start.CellName(a.Cell)
		if a.Version != harness.NotSeen {
			add("read %s (version %d: %d)", cell, a.Version, a.Value)
		}
		if a.Delta != 0 {
			if v := c.produced(txn, a.Cell); v > 0 {
				add("wrote version %d of %s (%+d)", v, cell, a.Delta)
			}
		}
	}
	return text
}

// why is the reason for an edge, with the versions that prove it.
func (c *cells) why(from, to int32, kind edgeKind, a, b string) string {
	switch kind {
	case process:
		return fmt.Sprintf("client %d did %s first", c.ops[from].Process(), a)
	case realtime:
		if c.h.Turn > 0 {
			return fmt.Sprintf("%s was answered in turn %d, %s began in turn %d", a, c.ops[from].End/c.h.Turn, b, c.ops[to].Begin/c.h.Turn)
		}
		between := time.Duration(c.ops[to].Begin - c.ops[from].End)
		if margin := c.margin(from, to); margin > 0 {
			return fmt.Sprintf("%s was answered %v before %s began, by clocks that may be %v apart", a, between, b, time.Duration(margin))
		}
		return fmt.Sprintf("%s was answered %v before %s began", a, between, b)
	}
	if kind == rw {
		for _, w := range c.own[c.mine[to]:c.mine[to+1]] {
			if v, ok := c.sawBefore(from, w.cell, w.version); ok {
				return fmt.Sprintf("%s read %s at version %d, and %s wrote version %d: %s did not see that",
					a, c.h.Start.CellName(w.cell), v, b, w.version, a)
			}
		}
	}
	for _, w := range c.own[c.mine[from]:c.mine[from+1]] {
		name := c.h.Start.CellName(w.cell)
		if kind == wr && c.saw(to, w.cell, w.version) {
			return fmt.Sprintf("%s wrote version %d of %s, and %s read that", a, w.version, name, b)
		}
		if wrote := c.produced(to, w.cell); kind == ww && wrote > w.version {
			return fmt.Sprintf("%s wrote version %d of %s, then %s wrote version %d upon it", a, w.version, name, b, wrote)
		}
	}
	return fmt.Sprintf("by what they wrote (%s)", kind)
}

// saw reports whether the operation read that version of the cell.
func (c *cells) saw(txn int32, cell harness.Cell, version int64) bool {
	return slices.ContainsFunc(c.ops[txn].Accesses, func(a harness.Access) bool { return a.Cell == cell && a.Version == version })
}

// sawBefore is the version of the cell that the operation read, if that is before the given one.
func (c *cells) sawBefore(txn int32, cell harness.Cell, version int64) (int64, bool) {
	for _, a := range c.ops[txn].Accesses {
		if a.Cell == cell && a.Version != harness.NotSeen && a.Version < version {
			return a.Version, true
		}
	}
	return 0, false
}
