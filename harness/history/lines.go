package history

import (
	"errors"
	"math"
	"math/bits"

	"github.com/lastseat/lastseat/harness"
)

// reader puts a history together, line by line.
type reader struct {
	scanner
	header  Header
	logs    map[int32]*harness.Log
	numbers map[string]uint8 // of names
	names   []string
	ops     int64
	op      opLine
	entries []harness.Entry
	final   *harness.State
}

// opLine is the operation on the line being read.
type opLine struct {
	id       int64
	process  int32
	seq      int64
	record   harness.Record
	accesses []harness.Access
	trouble  []byte
}

const (
	maxNames    = math.MaxUint8 + 1 // Record.Name
	maxAccesses = math.MaxUint16    // of one operation
)

// read reads one line.
func (r *reader) read(line []byte, first bool) error {
	if first {
		var err error
		r.header, err = readHeader(line)
		return err
	}
	if r.final != nil {
		return errors.New("expected nothing after the final state")
	}
	r.scanner = scanner{line: line}
	r.op = opLine{accesses: r.op.accesses[:0]}
	seen := r.object(&lineShape, r.field)
	r.end()
	switch {
	case r.err != nil, seen == 1<<keyJournal, seen == 1<<keyFinal:
	case seen>>keyJournal != 0:
		r.fail("expected no key beside %q", lineShape.keys[bits.Len(seen)-1])
	default:
		r.need(&lineShape, seen, keyUndoes)
		r.addOp()
	}
	return r.err
}

// field reads the value of a line's key.
func (r *reader) field(key int) {
	o := &r.op
	switch key {
	case keyID:
		o.id = r.between(1, math.MaxInt64)
	case keyOp:
		o.record.Name = r.name(r.text())
	case keyProcess:
		o.process = int32(r.between(0, math.MaxInt32-1))
	case keySeq:
		o.seq = r.between(1, math.MaxUint32)
	case keyOutcome:
		o.record.Outcome = r.outcome()
	case keyInvoke:
		o.record.Invoke = r.number()
	case keyBegin:
		o.record.Begin = r.number()
	case keyEnd:
		o.record.End = r.number()
	case keyTries:
		o.record.Tries = uint16(r.between(1, math.MaxUint16))
	case keyDo:
		r.array(r.access)
	case keyUndoes:
		o.record.Undoes = r.between(1, math.MaxInt64)
	case keyDeclined:
		r.literal("true")
		o.record.Declined = true
	case keyError:
		o.trouble = r.text()
	case keyJournal:
		r.entry()
	case keyFinal:
		r.finalState()
	}
}

// name is the number of an operation's name: they are numbered as they appear.
func (r *reader) name(name []byte) uint8 {
	i, ok := r.numbers[string(name)]
	if !ok {
		if len(r.names) == maxNames {
			r.fail("op: expected no more than %d different names", maxNames)
			return 0
		}
		i = uint8(len(r.names))
		r.numbers[string(name)] = i
		r.names = append(r.names, string(name))
	}
	return i
}

func (r *reader) outcome() harness.Outcome {
	text := r.text()
	for o := range harness.Outcome(harness.Outcomes) {
		if string(text) == o.String() {
			return o
		}
	}
	r.fail("outcome: expected ok, rejected, failed or unknown, found %q", text)
	return 0
}

func (r *reader) kind() harness.AccessKind {
	text := r.text()
	for k, name := range kindNames {
		if string(text) == name {
			return harness.AccessKind(k)
		}
	}
	r.fail("kind: expected reads, writes or checks, found %q", text)
	return 0
}

func (r *reader) cell() harness.Cell {
	c := r.number()
	if err := checkCell(c, len(r.header.Start.Values)); err != nil {
		r.fail("%w", err)
	}
	return harness.Cell(c)
}

// access reads one of the cells that an operation touched.
func (r *reader) access() {
	if len(r.op.accesses) == maxAccesses {
		r.fail("do: expected no more than %d cells", maxAccesses)
	}
	a := harness.Access{Value: harness.NotSeen, Version: harness.NotSeen}
	r.object(&accessShape, func(key int) {
		switch key {
		case accessCell:
			a.Cell = r.cell()
		case accessKind:
			a.Kind = r.kind()
		case accessDelta:
			a.Delta = r.number()
		case accessValue:
			a.Value = r.number()
		case accessVersion:
			a.Version = r.number()
		}
	})
	r.op.accesses = append(r.op.accesses, a)
}

// entry reads a journal entry. Whether it belongs to an operation is for the checks to say.
func (r *reader) entry() {
	var e harness.Entry
	r.object(&entryShape, func(key int) {
		switch key {
		case entryID:
			e.Op = r.number()
		case entryCell:
			e.Cell = r.cell()
		case entryDelta:
			e.Delta = r.number()
		case entryVersion:
			e.Version = r.number()
		}
	})
	r.entries = append(r.entries, e)
}

// finalState reads the last line, and holds what was read against it.
func (r *reader) finalState() {
	start := &r.header.Start
	s := harness.State{Groups: start.Groups, Journal: start.Journal, Entries: r.entries}
	var ops, entries int64
	seen := r.object(&finalShape, func(key int) {
		switch key {
		case finalOperations:
			ops = r.number()
		case finalEntries:
			entries = r.number()
		case finalValues:
			r.array(func() { s.Values = append(s.Values, r.number()) })
		case finalVersions:
			r.array(func() { s.Versions = append(s.Versions, r.number()) })
		}
	})
	switch cells := len(start.Values); {
	case ops != r.ops || entries != int64(len(r.entries)):
		r.fail("final: expected %d operations and %d journal entries before it, found %d and %d", ops, entries, r.ops, len(r.entries))
	case len(s.Values) != cells || seen&(1<<finalVersions) != 0 && len(s.Versions) != cells:
		r.fail("final: expected %d values, and as many versions if any, found %d and %d", cells, len(s.Values), len(s.Versions))
	}
	r.final = &s
}
