package history

import (
	"slices"
	"strconv"

	"github.com/lastseat/lastseat/harness"
)

// Kind says what a key of Transactions holds.
type Kind uint8

const (
	// Lists: a write appends an element, a read finds the whole list (list-append).
	Lists Kind = iota
	// Registers: a write sets a value, a read finds the last one (rw-register).
	Registers
	// Sets: a write inserts a row into the key's range, a read finds all rows of the range, in no order (predicate).
	Sets

	kinds = 3
)

// Transactions is a history of transactions over keys, in flat columns: a million of them are a few slices, not a million
// objects. A transaction is one operation with its answer; the order of all columns is that of the transactions' ends in
// the file, or, where they have none, of their beginnings.
type Transactions struct {
	Outcome []harness.Outcome // OK, Failed or Unknown
	Process []int32           // who did it; numbered densely; NoProcess where the file names none
	// Invoke and Complete are positions among the file's events, from 0; -1 where the file has no such event. An unknown
	// outcome's Complete is where the client gave up, which orders nothing.
	Invoke, Complete []int32
	// Clock is whose clock timed each transaction, where there are several (else nil). Invoke and Complete order only what one clock timed.
	// Of two clocks, Earliest and Latest do: when it began at the earliest and was answered at the latest, as places in one order of
	// all these moments.
	Clock            []int32
	Earliest, Latest []int32
	First            []int32 // Ops[First[i]:First[i+1]] are the steps of transaction i, in its own order

	Ops      []TxnOp
	Elements []int32 // what reads of lists and sets found, one read after the other

	Keys   Names // what a key's number is called
	Values Names // what a value's number is called
}

// NoProcess is the process of transactions whose file names none.
const NoProcess = -1

// TxnOp is a step of a transaction: a read or a write of one key.
type TxnOp struct {
	Write bool
	Kind  Kind // of the key: the same in each step on it
	Key   int32
	// Value is what was written, or, of Registers, what was read: Initial, or NotRead. Of a read of Lists and Sets it is
	// where in Elements its Len elements begin; Initial, if the file has nil, which is no list but may stand for an empty one.
	Value int32
	Len   int32 // of a read of Lists and Sets: how many elements; NotRead: the answer is not known
}

// What TxnOp has instead of a value.
const (
	// Initial is the value that a register has before the first write: nil.
	Initial = -1
	// NotRead stands for the answer of a read that nobody knows: that of an operation that did not end well.
	NotRead = -2
)

// Len is how many transactions there are.
func (t *Transactions) Len() int { return len(t.Outcome) }

// Clocks is how many clocks timed the transactions.
func (t *Transactions) Clocks() int {
	if len(t.Clock) == 0 {
		return 1
	}
	return int(slices.Max(t.Clock)) + 1
}

// Steps are the steps of transaction i.
func (t *Transactions) Steps(i int32) []TxnOp { return t.Ops[t.First[i]:t.First[i+1]] }

// Holds reports whether some key holds what the kind says.
func (t *Transactions) Holds(kind Kind) bool {
	return slices.ContainsFunc(t.Ops, func(op TxnOp) bool { return op.Kind == kind })
}

// Workload is what clients are called that do such transactions: append, register, predicate, or mixed.
func (t *Transactions) Workload() string {
	switch {
	case t.Holds(Sets):
		return "predicate"
	case !t.Holds(Lists):
		return "register"
	case t.Holds(Registers):
		return "mixed"
	}
	return "append"
}

// List is what a read of a list or set found.
func (t *Transactions) List(op *TxnOp) []int32 {
	if op.Len <= 0 {
		return nil
	}
	return t.Elements[op.Value : op.Value+op.Len]
}

// Names gives numbers to what a file calls its keys or values: small whole numbers are their own, all else is numbered from
// the top of int32 down.
type Names struct {
	texts []string
	index map[string]int32
}

// firstName is the number of the first name; names count down from here, and no number below firstNumberOfNames is one.
const (
	firstName          = 1<<31 - 1
	firstNumberOfNames = 1 << 30
)

// take notes the names of another, and returns the numbers that they have here, by their order there; nil if it has none.
func (n *Names) take(other *Names) []int32 {
	var numbers []int32
	for _, text := range other.texts {
		numbers = append(numbers, n.Number(text))
	}
	return numbers
}

// Number is the number of what is written as text: a small whole number itself, else a name.
func (n *Names) Number(text string) int32 {
	if v, err := strconv.ParseInt(text, 10, 32); err == nil && v >= 0 && v < firstNumberOfNames && strconv.FormatInt(v, 10) == text {
		return int32(v)
	}
	if i, ok := n.index[text]; ok {
		return i
	}
	if n.index == nil {
		n.index = map[string]int32{}
	}
	i := int32(firstName - len(n.texts))
	n.texts = append(n.texts, text)
	n.index[text] = i
	return i
}

// Text is how the file writes the number.
func (n *Names) Text(v int32) string {
	if i := int(firstName - v); v >= firstNumberOfNames && i < len(n.texts) {
		return n.texts[i]
	}
	return strconv.Itoa(int(v))
}
