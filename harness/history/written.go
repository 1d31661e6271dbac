package history

import (
	"math"

	"github.com/lastseat/lastseat/harness"
)

// asWritten reads lines as appendOp and appendEntry write them: keys in their order, nothing between them, no escapes. Most lines of most files are
// such, and it takes a third of the time. Of any other line, right or wrong, it says no more than that: the reader of all JSON tells what it is.
type asWritten struct {
	lines []byte
	at    int
	ok    bool
}

// goes reports whether the text comes next, and goes past it.
func (w *asWritten) goes(text string) bool {
	if rest := w.lines[w.at:]; len(rest) >= len(text) && string(rest[:len(text)]) == text {
		w.at += len(text)
		return true
	}
	return false
}

func (w *asWritten) must(text string) {
	if !w.goes(text) {
		w.ok = false
	}
}

// fewDigits are those of numbers that fit 64 bits, whatever they are.
const fewDigits = 18

// number reads a number after the text.
func (w *asWritten) number(after string) int64 {
	w.must(after)
	line, at := w.lines, w.at
	negative := at < len(line) && line[at] == '-'
	if negative {
		at++
	}
	from, v := at, int64(0)
	for at < len(line) && line[at]-'0' <= 9 {
		v = v*10 + int64(line[at]-'0')
		at++
	}
	if n := at - from; n == 0 || n > fewDigits || line[from] == '0' && n > 1 {
		w.ok = false
	}
	w.at = at
	if negative {
		return -v
	}
	return v
}

// between reads a number within bounds after the text.
func (w *asWritten) between(after string, lo, hi int64) int64 {
	v := w.number(after)
	if v < lo || v > hi {
		w.ok = false
	}
	return v
}

// word reads a text of printable ASCII after another one, and goes past the quote that ends it.
func (w *asWritten) word(after string) []byte {
	w.must(after)
	for from, at := w.at, w.at; at < len(w.lines); at++ {
		switch c := w.lines[at]; {
		case c == '"':
			w.at = at + 1
			return w.lines[from:at]
		case c == '\\', c < ' ', c > '~':
			w.ok = false
			return nil
		}
	}
	w.ok = false
	return nil
}

// end is how many bytes the line had; 0 if it is another one.
func (w *asWritten) end() int {
	w.must("\n")
	if !w.ok || w.at > maxLine {
		return 0
	}
	return w.at
}

// writtenEntry reads a journal entry at the beginning of lines into r.entries, and returns how many bytes it has; 0: it is none that was written so.
func (r *lineReader) writtenEntry(lines []byte) int {
	w := asWritten{lines: lines, ok: true}
	if !w.goes(`{"journal":{"id":`) {
		return 0
	}
	var e harness.Entry
	e.Op = w.number("")
	e.Cell = harness.Cell(w.between(`,"cell":`, 0, int64(r.cells)-1))
	e.Delta = w.number(`,"delta":`)
	if w.goes(`,"version":`) {
		e.Version = w.number("")
	}
	w.must("}}")
	n := w.end()
	if n > 0 {
		r.entries = append(r.entries, e)
	}
	return n
}

// writtenOp is writtenEntry of an operation, which goes into r.row. Its accesses are at the end of r.accesses.
func (r *lineReader) writtenOp(lines []byte) int {
	w := asWritten{lines: lines, ok: true}
	if !w.goes(`{"id":`) {
		return 0
	}
	o, from := &r.row.op, len(r.accesses)
	o.id = w.between("", 1, math.MaxInt64)
	o.name = r.name(w.word(`,"op":"`))
	o.process = int32(w.between(`,"process":`, 0, math.MaxInt32-1))
	o.seq = w.between(`,"seq":`, 1, math.MaxUint32)
	o.record.Outcome = w.outcome()
	o.record.Invoke = w.number(`,"invoke":`)
	o.record.Begin = w.number(`,"begin":`)
	o.record.End = w.number(`,"end":`)
	o.record.Tries = uint16(w.between(`,"tries":`, 1, math.MaxUint16))
	if w.goes(`,"undoes":`) {
		o.record.Undoes = w.between("", 1, math.MaxInt64)
	}
	o.record.Declined = w.goes(`,"declined":true`)
	w.must(`,"do":[`)
	for more := w.ok && !w.goes("]"); more; more = w.ok && !w.goes("]") {
		if len(r.accesses) > from {
			w.must(",")
		}
		r.writtenAccess(&w)
	}
	w.must("}")
	n := w.end()
	if n == 0 {
		r.accesses, r.row = r.accesses[:from], row{}
		return 0
	}
	o.accesses = r.accesses[from:len(r.accesses):len(r.accesses)]
	return n
}

func (w *asWritten) outcome() harness.Outcome {
	w.must(`,"outcome":"`)
	for o := range harness.Outcome(harness.Outcomes) {
		if w.goes(o.String()) {
			w.must(`"`)
			return o
		}
	}
	w.ok = false
	return 0
}

func (r *lineReader) writtenAccess(w *asWritten) {
	a := harness.Access{Value: harness.NotSeen, Version: harness.NotSeen}
	a.Cell = harness.Cell(w.between(`{"cell":`, 0, int64(r.cells)-1))
	if w.goes(`,"kind":"finds"`) {
		r.writtenFinds(w, a.Cell)
		return
	}
	a.Kind = w.kind()
	if w.goes(`,"delta":`) {
		a.Delta = w.number("")
	}
	if w.goes(`,"value":`) {
		a.Value = w.number("")
	}
	if w.goes(`,"version":`) {
		a.Version = w.number("")
	}
	w.must("}")
	r.accesses = append(r.accesses, a)
}

func (w *asWritten) kind() harness.AccessKind {
	w.must(`,"kind":"`)
	for k, name := range kindNames {
		if name != "" && w.goes(name) {
			w.must(`"`)
			return harness.AccessKind(k)
		}
	}
	w.ok = false
	return 0
}

func (r *lineReader) writtenFinds(w *asWritten, cell harness.Cell) {
	if w.goes("}") {
		r.accesses = append(r.accesses, harness.Access{Cell: cell, Kind: harness.Finds, Value: harness.NotSeen, Version: harness.NotSeen})
		return
	}
	w.must(`,"values":[`)
	r.found = r.found[:0]
	for more := w.ok && !w.goes("]"); more; more = w.ok && !w.goes("]") {
		if len(r.found) > 0 {
			w.must(",")
		}
		r.found = append(r.found, w.number(""))
	}
	w.must("}")
	r.accesses = harness.Found(r.accesses, cell, r.found)
}
