package harness

import "slices"

// Cell numbers a value that operations contend for (the stock of an item, the balance of an account). Cells are counted
// from 0 across all groups of a State.
type Cell int32

// Kind says what a Step does. The kinds are closed: an operation is data, not a program.
type Kind uint8

const (
	// Read reads Step.Cells at one instant: one statement.
	Read Kind = iota
	// Add adds Step.Delta to Step.Cell if Step.Guard allows the result.
	Add
	// Call asks an outside service, which answers Step.Outcome, when the steps before it are done. Nothing else of the service
	// is simulated, and it remembers nothing.
	Call
	// Write makes Step.Value what Step.Cell, a register, holds.
	Write
	// Append adds Step.Value to what Step.Cell, a list or a set of rows, holds.
	Append
)

// Op is one operation as plain data: it can be logged, replayed, model-checked and shrunk. Its steps happen together or
// not at all.
type Op struct {
	ID     int64  // unique in a run: see OpID
	Name   string // the name a human knows: buy, cancel, transfer; at most 256 different ones in a run
	Steps  []Step
	Undoes int64 // the ID of the acknowledged operation that this one reverses, or 0
}

// puts reports whether the step puts a value into its cell, whatever was there.
func (k Kind) puts() bool { return k == Write || k == Append }

// Step is one thing an operation does.
type Step struct {
	Kind  Kind
	Cells []Cell // Read: what is read
	Cell  Cell   // Add, Write, Append: what changes
	Delta int64  // Add: by how much, never 0; Call: what the service is to take, below 0 where it is to give back
	Value int64  // Write, Append: what is written; above 0, and by no other step of the run
	Guard Guard  // Add: when it is allowed

	Service string  // Call: who is asked: payment
	Outcome Outcome // Call: OK; Rejected: it declines; Failed: it is down. Part of the operation, so that a retry meets the same
}

// Guard allows an Add only if, afterwards, the sum of Cells is at least Min. No Cells: always allowed.
type Guard struct {
	Cells []Cell
	Min   int64
}

// OpID is the identity of the seq-th operation (from 1) of a process. It fits a signed 64-bit column and a JSON number.
func OpID(process int32, seq int) int64 { return int64(process+1)<<32 | int64(seq) }

// OpProcess and OpSeq take an OpID apart.
func OpProcess(id int64) int32 { return int32(id>>32) - 1 }

// OpSeq is the position (from 1) of the operation among its process's.
func OpSeq(id int64) int { return int(id & 0xffffffff) }

// ReadOnly reports whether the operation changes nothing.
func (o *Op) ReadOnly() bool {
	for i := range o.Steps {
		if o.Steps[i].Kind != Read {
			return false
		}
	}
	return true
}

// Repeatable reports whether another attempt at the operation is the same to whoever sees it. One that puts values is not: where a
// level lets reads see what is not committed, a value that was taken back must not come again as one that stayed.
func (o *Op) Repeatable() bool { return !o.puts() }

// puts reports whether some step puts a value into a cell.
func (o *Op) puts() bool {
	for i := range o.Steps {
		if o.Steps[i].Kind.puts() {
			return true
		}
	}
	return false
}

// Apply carries op out on values (indexed by Cell) and says how it ends: OK, Rejected by a guard or a Call, or Failed because
// a Call's service is down. Unless it ends OK it leaves values as they were. It holds the only sequential semantics of numbers
// that there is: strategies, simulators and model checkers all call it. What cells hold that are no numbers is for ApplyContents.
func Apply(values []int64, op *Op) Outcome {
	if !Decide(values, op) {
		return Rejected
	}
	if call := op.Refusal(); call != nil {
		takeBack(values, op.Steps)
		return call.Outcome
	}
	return OK
}

// Decide is Apply as far as a client knows that has read values and called nobody yet: every Call is taken to answer OK. It
// reports whether the guards allow op, those behind the Call at which op ends left out; if not, values are as they were.
func Decide(values []int64, op *Op) bool {
	ends := false
	for i := range op.Steps {
		s := &op.Steps[i]
		switch s.Kind {
		case Call:
			ends = ends || s.Outcome != OK
		case Add:
			values[s.Cell] += s.Delta
			if !ends && !s.Guard.Allows(values) {
				takeBack(values, op.Steps[:i+1])
				return false
			}
		case Read, Write, Append:
		}
	}
	return true
}

func takeBack(values []int64, steps []Step) {
	for i := range steps {
		if s := &steps[i]; s.Kind == Add {
			values[s.Cell] -= s.Delta
		}
	}
}

// Allows reports whether values satisfy the guard.
func (g *Guard) Allows(values []int64) bool {
	if len(g.Cells) == 0 {
		return true
	}
	var sum int64
	for _, c := range g.Cells {
		sum += values[c]
	}
	return sum >= g.Min
}

// Touches appends to buf the distinct cells that the operation's writes and guards touch, in the order of its steps: each
// step's own cell first.
func (o *Op) Touches(buf []Cell) []Cell {
	add := func(c Cell) {
		if !slices.Contains(buf, c) {
			buf = append(buf, c)
		}
	}
	for i := range o.Steps {
		if s := &o.Steps[i]; s.Kind == Add || s.Kind.puts() {
			add(s.Cell)
			for _, c := range s.Guard.Cells {
				add(c)
			}
		}
	}
	return buf
}

// DeltaOf is what the operation adds to the cell, all steps together.
func (o *Op) DeltaOf(c Cell) int64 {
	var d int64
	for i := range o.Steps {
		if s := &o.Steps[i]; s.Kind == Add && s.Cell == c {
			d += s.Delta
		}
	}
	return d
}

// ReadsOthers reports whether some guard reads a cell that the operation does not write.
func (o *Op) ReadsOthers() bool {
	for i := range o.Steps {
		for _, c := range o.Steps[i].Guard.Cells {
			if !o.Writes(c) {
				return true
			}
		}
	}
	return false
}

// Writes reports whether some step changes the cell.
func (o *Op) Writes(c Cell) bool {
	for i := range o.Steps {
		if s := &o.Steps[i]; s.Kind != Read && s.Kind != Call && s.Cell == c {
			return true
		}
	}
	return false
}
