package fleet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// A chunk is some of what a worker's clients recorded: a head, then operations, then a checksum. Numbers are varints; times are differences
// to those before.
//
//	version, job, number of the chunk (from 1), names of operations, faults that were made: what, from, to
//	operation: flags, process, sequence number, name, tries, times, undoes, accesses, error
//	CRC-32C, four bytes
const (
	chunkVersion = 2
	chunkRecords = 1000      // a chunk has about so many operations
	chunkBytes   = 256 << 10 // or so many bytes; NATS takes messages of up to 1 MB
)

const (
	outcomeBits   = 3 // of the flags: the outcome
	flagOpen      = 1 << 3
	flagDeclined  = 1 << 4
	flagUndoes    = 1 << 5
	flagError     = 1 << 6
	kindBits      = 7 // of an access's flags: the kind
	flagDelta     = 1 << 3
	flagValue     = 1 << 4
	flagVersion   = 1 << 5
	flagsOfAccess = kindBits | flagDelta | flagValue | flagVersion
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// writer makes chunks.
type writer struct {
	buf  []byte
	n    int   // operations in buf
	time int64 // the last that was written
}

func (w *writer) begin() { w.buf, w.n, w.time = w.buf[:0], 0, 0 }

func (w *writer) uint(v uint64) { w.buf = binary.AppendUvarint(w.buf, v) }
func (w *writer) int(v int64)   { w.buf = binary.AppendVarint(w.buf, v) }
func (w *writer) text(s string) { w.uint(uint64(len(s))); w.buf = append(w.buf, s...) }

func (w *writer) since(t int64) { w.int(t - w.time); w.time = t }

func (w *writer) full() bool { return w.n >= chunkRecords || len(w.buf) >= chunkBytes }

func (w *writer) add(c *engine.Collected) {
	flags := byte(c.Outcome)
	for _, f := range []struct {
		set bool
		bit byte
	}{{c.Open, flagOpen}, {c.Declined, flagDeclined}, {c.Undoes != 0, flagUndoes}, {c.Error != "", flagError}} {
		if f.set {
			flags |= f.bit
		}
	}
	w.buf = append(w.buf, flags)
	w.uint(uint64(harness.OpProcess(c.ID)))
	w.uint(uint64(harness.OpSeq(c.ID)))
	w.buf = append(w.buf, c.Name)
	w.uint(uint64(c.Tries))
	w.since(c.Invoke)
	w.since(c.Begin)
	w.since(c.End)
	if c.Undoes != 0 {
		w.int(c.Undoes)
	}
	w.uint(uint64(len(c.Accesses)))
	for i := range c.Accesses {
		w.access(&c.Accesses[i])
	}
	if c.Error != "" {
		w.text(c.Error)
	}
	w.n++
}

func (w *writer) access(a *harness.Access) {
	flags := byte(a.Kind)
	if a.Delta != 0 {
		flags |= flagDelta
	}
	if a.Value != harness.NotSeen {
		flags |= flagValue
	}
	if a.Version != harness.NotSeen {
		flags |= flagVersion
	}
	w.buf = append(w.buf, flags)
	w.uint(uint64(a.Cell))
	if flags&flagDelta != 0 {
		w.int(a.Delta)
	}
	if flags&flagValue != 0 {
		w.int(a.Value)
	}
	if flags&flagVersion != 0 {
		w.int(a.Version)
	}
}

// end is the chunk. The names are those that there are by now: an operation can have brought a new one.
func (w *writer) end(job, number uint64, names []string, faults []harness.Fault) []byte {
	const room = 64
	head := writer{buf: append(make([]byte, 0, len(w.buf)+room), chunkVersion)}
	head.uint(job)
	head.uint(number)
	head.uint(uint64(len(names)))
	for _, n := range names {
		head.text(n)
	}
	head.uint(uint64(len(faults)))
	for _, f := range faults {
		head.text(f.What)
		head.int(f.From)
		head.int(f.To)
	}
	head.buf = append(head.buf, w.buf...)
	return binary.BigEndian.AppendUint32(head.buf, crc32.Checksum(head.buf, castagnoli))
}

// errChunk is what errors of chunks match.
var errChunk = errors.New("a chunk of records is damaged")

// reader reads a chunk.
type reader struct {
	rest  []byte
	size  int
	time  int64
	wrong bool

	job, number uint64
	names       []string
	faults      []harness.Fault
	record      harness.Record   // of the last operation, and
	accesses    []harness.Access // its accesses
}

// read checks a chunk and reads its head.
func read(chunk []byte) (*reader, error) {
	const sum = 4
	if len(chunk) < sum+1 {
		return nil, fmt.Errorf("%w: it has %d bytes", errChunk, len(chunk))
	}
	body, want := chunk[:len(chunk)-sum], binary.BigEndian.Uint32(chunk[len(chunk)-sum:])
	if got := crc32.Checksum(body, castagnoli); got != want {
		return nil, fmt.Errorf("%w: its checksum is %08x, and it says %08x", errChunk, got, want)
	}
	if body[0] != chunkVersion {
		return nil, fmt.Errorf("%w: it is of version %d, and this lastseat reads %d: give all workers the same lastseat", errChunk, body[0], chunkVersion)
	}
	r := &reader{rest: body[1:], size: len(body)}
	r.job, r.number = r.uint(), r.uint()
	for n := r.count(); n > 0; n-- {
		r.names = append(r.names, r.text())
	}
	for n := r.count(); n > 0; n-- {
		r.faults = append(r.faults, harness.Fault{What: r.text(), From: r.int(), To: r.int()})
	}
	return r, r.err()
}

func (r *reader) err() error {
	if !r.wrong {
		return nil
	}
	return fmt.Errorf("%w: byte %d is not what a chunk has there", errChunk, r.size-len(r.rest))
}

func (r *reader) fail() { r.wrong, r.rest = true, nil }

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.fail()
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

// count is a number of things of at least a byte each.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.rest)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.count()
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}

func (r *reader) since() int64 { r.time += r.int(); return r.time }

// next reads an operation; its accesses are valid until the next one. False: there is none, or the chunk is damaged; see err.
func (r *reader) next(c *engine.Collected) bool {
	if len(r.rest) == 0 {
		return false
	}
	flags := r.byte()
	process, seq := r.uint(), r.uint()
	r.record = harness.Record{Outcome: harness.Outcome(flags & (1<<outcomeBits - 1)), Name: r.byte(), Declined: flags&flagDeclined != 0}
	tries := r.uint()
	rec := &r.record
	rec.Tries, rec.Invoke, rec.Begin, rec.End = uint16(tries), r.since(), r.since(), r.since()
	if flags&flagUndoes != 0 {
		rec.Undoes = r.int()
	}
	r.accesses = r.accesses[:0]
	for n := r.count(); n > 0 && !r.wrong; n-- {
		r.accesses = append(r.accesses, r.access())
	}
	*c = engine.Collected{Open: flags&flagOpen != 0}
	if flags&flagError != 0 {
		c.Error = r.text()
	}
	if int(rec.Outcome) >= harness.Outcomes || int(rec.Name) >= len(r.names) || process >= 1<<31-1 || seq == 0 || seq >= 1<<31 || tries >= 1<<16 {
		r.fail()
	}
	c.Recorded = harness.Recorded{Record: rec, ID: harness.OpID(int32(process&(1<<31-1)), int(seq&(1<<31-1))), Accesses: r.accesses}
	return !r.wrong
}

func (r *reader) access() harness.Access {
	flags := r.byte()
	cell := r.uint()
	a := harness.Access{Kind: harness.AccessKind(flags & kindBits), Cell: harness.Cell(cell & math.MaxInt32), Value: harness.NotSeen, Version: harness.NotSeen}
	if flags&^flagsOfAccess != 0 || a.Kind > harness.Appends || cell > math.MaxInt32 {
		r.fail()
	}
	if flags&flagDelta != 0 {
		a.Delta = r.int()
	}
	if flags&flagValue != 0 {
		a.Value = r.int()
	}
	if flags&flagVersion != 0 {
		a.Version = r.int()
	}
	return a
}
