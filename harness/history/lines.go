package history

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// reader puts a history together, row by row.
type reader struct {
	header  Header
	logs    map[int32]*harness.Log
	numbers map[string]uint8 // of names
	names   []string
	ops     int64
	entries []harness.Entry
	writes  int // of operations that may have happened
	faults  []harness.Fault
	charges []harness.Charge
	clocks  []harness.Clock
	clock   int // the highest of a log
	final   *harness.State
}

// row is what a line says, or what several lines with a journal entry each say, or several with operations of one process.
type row struct {
	op      opLine
	entries []harness.Entry
	run     *run
	rare    *rareLine
	alone   int // the key that stands alone on it, from keyFault on; 0: it is an operation
}

// rareLine is a line of those of which a file has few.
type rareLine struct {
	fault  harness.Fault
	charge harness.Charge
	worker harness.Clock
	final  finalLine
}

// opLine is an operation's line.
type opLine struct {
	id       int64
	process  int32
	seq      int64
	name     string
	record   harness.Record
	accesses []harness.Access
	clock    int
	trouble  string
	troubled bool // trouble is there, if only as an empty text
}

// finalLine is the final state's line.
type finalLine struct {
	ops, entries     int64
	values, versions []int64
	versioned        bool
	faults, charges  int64
	charged          bool // charges is there, if only as 0
	workers          int64
}

const maxNames = math.MaxUint8 + 1 // Record.Name

// maxClocks bounds the workers, so that a line that is wrong asks for no memory.
const maxClocks = 1 << 12

// lineReader reads lines, one after the other. Several read parts of a file at the same time: a line says nothing of others.
type lineReader struct {
	scanner
	cells    int
	row      row
	found    []int64           // by the access being read
	names    map[string]string // so that each is there once
	named    string            // the last of them
	accesses []harness.Access  // of all rows
	entries  []harness.Entry   // of all rows
	records  []harness.Record  // of all runs
	touched  []uint32          // of all runs
}

// next reads a line at the beginning of some, or as many as have a journal entry each or are a run of operations, and answers how many bytes these are.
func (r *lineReader) next(lines []byte) (line row, size int, err error) {
	from := len(r.entries)
	for n := 1; n > 0; size += n {
		n = r.writtenEntry(lines[size:])
	}
	if size > 0 {
		return row{entries: r.entries[from:], alone: keyJournal}, size, nil
	}
	if run, size := r.writtenRun(lines); size > 0 {
		return row{run: run}, size, nil
	}
	size = bytes.IndexByte(lines, '\n') + 1
	if size > maxLine {
		return line, 0, fmt.Errorf("expected a line of less than %d bytes", maxLine)
	}
	line, err = r.read(lines[:size])
	return line, size, err
}

// read reads one line. Its accesses are at the end of r.accesses, its entry at that of r.entries.
func (r *lineReader) read(line []byte) (row, error) {
	r.row, r.scanner = row{}, scanner{line: line}
	from := len(r.accesses)
	seen := r.object(&lineShape, r.field)
	r.end()
	switch {
	case r.err != nil:
	case seen>>keyFault != 0 && bits.OnesCount(seen) == 1:
		r.row.alone = bits.Len(seen) - 1
	case seen>>keyFault != 0:
		r.fail("expected no key beside %q", lineShape.keys[bits.Len(seen)-1])
	default:
		r.need(&lineShape, seen, keyUndoes)
	}
	r.row.op.accesses = r.accesses[from:len(r.accesses):len(r.accesses)]
	return r.row, r.err
}

// rare is where to note a line of which there are few.
func (r *lineReader) rare() *rareLine {
	if r.row.rare == nil {
		r.row.rare = &rareLine{}
	}
	return r.row.rare
}

// field reads the value of a line's key.
func (r *lineReader) field(key int) {
	o := &r.row.op
	switch key {
	case keyID:
		o.id = r.between(1, math.MaxInt64)
	case keyOp:
		o.name = r.name(r.text())
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
		o.trouble, o.troubled = string(r.text()), true
	case keyClock:
		o.clock = int(r.between(1, maxClocks-1))
	case keyFault:
		r.fault()
	case keyJournal:
		r.entry()
	case keyCharge:
		r.charge()
	case keyWorker:
		r.worker()
	case keyFinal:
		r.finalState()
	}
}

// name is a name as a string that stays.
func (r *lineReader) name(name []byte) string {
	if string(name) == r.named {
		return r.named
	}
	r.named = r.keep(name)
	return r.named
}

func (r *lineReader) keep(name []byte) string {
	if s, ok := r.names[string(name)]; ok {
		return s
	}
	if len(r.names) > maxNames {
		return string(name)
	}
	s := string(name)
	r.names[s] = s
	return s
}

var errMore = errors.New("expected nothing after the final state")

// add adds what a row says, and answers how many of its lines were right.
func (r *reader) add(line *row) (right int, err error) {
	switch {
	case r.final != nil:
		return 0, errMore
	case line.run != nil:
		return r.addRun(line.run)
	case line.alone == keyJournal:
		r.journal(line.entries)
		return len(line.entries), nil
	}
	if err := r.addLine(line); err != nil {
		return 0, err
	}
	return 1, nil
}

// addLine adds what one line says.
func (r *reader) addLine(line *row) error {
	switch line.alone {
	case keyFault:
		r.faults = append(r.faults, line.rare.fault)
	case keyCharge:
		r.charges = append(r.charges, line.rare.charge)
	case keyWorker:
		r.clocks = append(r.clocks, line.rare.worker)
	case keyFinal:
		return r.end(&line.rare.final)
	default:
		return r.addOp(&line.op)
	}
	return nil
}

// journal adds entries. The first of them make room for all: the journal comes behind the operations, and has an entry for each of their writes at most, if
// nothing is wrong.
func (r *reader) journal(entries []harness.Entry) {
	if r.entries == nil {
		r.entries = spool.Make[harness.Entry](nil, 0, max(r.writes, len(entries)))
	}
	r.entries = append(r.entries, entries...)
}

// name is the number of an operation's name: they are numbered as they appear.
func (r *reader) name(name string) (uint8, error) {
	i, ok := r.numbers[name]
	if !ok {
		if len(r.names) == maxNames {
			return 0, fmt.Errorf("op: expected no more than %d different names", maxNames)
		}
		i = uint8(len(r.names))
		r.numbers[name] = i
		r.names = append(r.names, name)
	}
	return i, nil
}

func (r *lineReader) outcome() harness.Outcome {
	text := r.text()
	for o := range harness.Outcome(harness.Outcomes) {
		if string(text) == o.String() {
			return o
		}
	}
	r.fail("outcome: expected ok, rejected, failed or unknown, found %q", text)
	return 0
}

func (r *lineReader) kind() harness.AccessKind {
	text := r.text()
	for k, name := range kindNames {
		if string(text) == name && name != "" {
			return harness.AccessKind(k)
		}
	}
	r.fail("kind: expected reads, writes, checks, finds, sets or appends, found %q", text)
	return 0
}

func (r *lineReader) cell() harness.Cell {
	c := r.number()
	if err := checkCell(c, r.cells); err != nil {
		r.fail("%w", err)
	}
	return harness.Cell(c)
}

// access reads one of the cells that an operation touched.
func (r *lineReader) access() {
	a := harness.Access{Value: harness.NotSeen, Version: harness.NotSeen}
	r.found = r.found[:0]
	seen := r.object(&accessShape, func(key int) {
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
		case accessValues:
			r.array(func() { r.found = append(r.found, r.number()) })
		}
	})
	switch answered := seen&(1<<accessValues) != 0; {
	case a.Kind != harness.Finds && answered:
		r.fail("do: expected no key %q where the kind is %q", "values", kindNames[a.Kind])
	case a.Kind == harness.Finds && seen&^(1<<accessCell|1<<accessKind|1<<accessValues) != 0:
		r.fail("do: expected no key beside cell, kind and values where the kind is %q", "finds")
	case answered:
		r.accesses = harness.Found(r.accesses, a.Cell, r.found)
	default:
		r.accesses = append(r.accesses, a)
	}
}

// entry reads a journal entry. Whether it belongs to an operation is for the checks to say.
func (r *lineReader) entry() {
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
	r.row.entries = r.entries[len(r.entries)-1:]
}
