package history

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"

	"github.com/lastseat/lastseat/harness"
)

// asWritten reads lines as appendOp and appendEntry write them: keys in their order, nothing between them, no escapes. Most lines of most files are
// such, and it takes a sixth of the time. Of any other line, right or wrong, it says no more than that: the reader of all JSON tells what it is.
//
// It looks at 16 bytes at once, which may be more than there are. No text that it looks for has an end of a line in it, so none goes past the last.
type asWritten struct {
	lines []byte // with padding behind them
	at    int
	ok    bool
}

// padding is how many bytes may be looked at behind the last line.
const padding = 16

// writtenLines is for reading lines, all of which are whole. They are copied unless there is room for the padding behind them.
func writtenLines(lines []byte) asWritten {
	if cap(lines)-len(lines) < padding {
		lines = append(make([]byte, 0, len(lines)+padding), lines...)
	}
	return asWritten{lines: lines[:len(lines)+padding], ok: true}
}

// pattern is a text of 16 bytes at most.
type pattern struct {
	low, high         uint64
	lowMask, highMask uint64
	size              int
}

func patternOf(text string) pattern {
	var bytes, mask [16]byte
	for i := range copy(bytes[:], text) {
		mask[i] = math.MaxUint8
	}
	return pattern{
		low: binary.LittleEndian.Uint64(bytes[:8]), high: binary.LittleEndian.Uint64(bytes[8:]),
		lowMask: binary.LittleEndian.Uint64(mask[:8]), highMask: binary.LittleEndian.Uint64(mask[8:]), size: len(text),
	}
}

var (
	textNothing   = patternOf("")
	textJournal   = patternOf(`{"journal":`)
	textID        = patternOf(`{"id":`)
	textOp        = patternOf(`,"op":"`)
	textProcess   = patternOf(`,"process":`)
	textSeq       = patternOf(`,"seq":`)
	textOutcome   = patternOf(`,"outcome":"`)
	textInvoke    = patternOf(`,"invoke":`)
	textBegin     = patternOf(`,"begin":`)
	textEnd       = patternOf(`,"end":`)
	textTries     = patternOf(`,"tries":`)
	textUndoes    = patternOf(`,"undoes":`)
	textDeclined  = patternOf(`,"declined":true`)
	textDo        = patternOf(`,"do":[`)
	textFirstCell = patternOf(`{"cell":`)
	textCell      = patternOf(`,"cell":`)
	textKind      = patternOf(`,"kind":"`)
	textDelta     = patternOf(`,"delta":`)
	textValue     = patternOf(`,"value":`)
	textValues    = patternOf(`,"values":[`)
	textVersion   = patternOf(`,"version":`)
	textOutcomes  = patternsOf(harness.Outcomes, func(i int) string { return harness.Outcome(i).String() })
	textKinds     = patternsOf(len(kindNames), func(i int) string { return kindNames[i] })
)

// patternsOf are texts, each with the quote that ends it.
func patternsOf(n int, text func(i int) string) []pattern {
	all := make([]pattern, n)
	for i := range all {
		all[i] = patternOf(text(i) + `"`)
	}
	return all
}

// goes reports whether the text comes next, and goes past it.
func (w *asWritten) goes(p *pattern) bool {
	next := w.lines[w.at : w.at+16]
	if (binary.LittleEndian.Uint64(next)^p.low)&p.lowMask|(binary.LittleEndian.Uint64(next[8:])^p.high)&p.highMask != 0 {
		return false
	}
	w.at += p.size
	return true
}

func (w *asWritten) must(p *pattern) {
	if !w.goes(p) {
		w.ok = false
	}
}

// is reports whether the byte comes next, and goes past it.
func (w *asWritten) is(c byte) bool {
	if w.lines[w.at] == c {
		w.at++
		return true
	}
	return false
}

// fewDigits are those of numbers that are read at a glance.
const fewDigits = 16

// number reads a number after the text.
func (w *asWritten) number(after *pattern) int64 {
	w.must(after)
	negative := w.is('-')
	first := w.lines[w.at]
	v, n := digits(binary.LittleEndian.Uint64(w.lines[w.at : w.at+8]))
	if w.at += n; n == 8 {
		var more int64
		if more, n = digits(binary.LittleEndian.Uint64(w.lines[w.at : w.at+8])); n == 8 {
			w.ok = w.ok && w.lines[w.at+8]-'0' > 9 // there are no more than fewDigits
		}
		v, n = v*powers[n]+more, 8+n
		w.at += n - 8
	}
	if n == 0 || first == '0' && n > 1 {
		w.ok = false
	}
	if negative {
		return -v
	}
	return v
}

var powers = [...]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}

// digits is the number that the first digits of eight bytes are, and how many there are of them.
func digits(text uint64) (v int64, n int) {
	const zeros, most, top = 0x3030303030303030, 0x7676767676767676, 0x8080808080808080
	text ^= zeros // a digit is its value now, and all else is more than 9
	n = bits.TrailingZeros64((text&^top+most|text)&top) / 8
	text <<= 8 * (8 - n) // zeros come first instead of what is behind
	text = text * (1<<8*10 + 1) >> 8 & 0x00ff00ff00ff00ff
	text = text * (1<<16*100 + 1) >> 16 & 0x0000ffff0000ffff
	return int64(text * (1<<32*10000 + 1) >> 32), n
}

// between reads a number within bounds after the text.
func (w *asWritten) between(after *pattern, lo, hi int64) int64 {
	v := w.number(after)
	if v < lo || v > hi {
		w.ok = false
	}
	return v
}

// word reads a text of printable ASCII after another one, and goes past the quote that ends it.
func (w *asWritten) word(after *pattern) []byte {
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

// one reads one of some texts, each with the quote that ends it, after another text.
func (w *asWritten) one(after *pattern, of []pattern) int {
	w.must(after)
	if i := slices.IndexFunc(of, func(p pattern) bool { return w.goes(&p) }); i >= 0 {
		return i
	}
	w.ok = false
	return 0
}

// end is how many bytes the line had; 0 if it is another one.
func (w *asWritten) end() int {
	if !w.is('\n') || !w.ok || w.at > maxLine {
		return 0
	}
	return w.at
}

// writtenEntry reads a journal entry at the beginning of lines into r.entries, and returns how many bytes it has; 0: it is none that was written so.
func (r *lineReader) writtenEntry(lines []byte) int {
	w := writtenLines(lines)
	if len(lines) == 0 || !w.goes(&textJournal) {
		return 0
	}
	var e harness.Entry
	e.Op = w.number(&textID)
	e.Cell = harness.Cell(w.between(&textCell, 0, int64(r.cells)-1))
	e.Delta = w.number(&textDelta)
	if w.goes(&textVersion) {
		e.Version = w.number(&textNothing)
	}
	w.ok = w.ok && w.is('}') && w.is('}')
	n := w.end()
	if n > 0 {
		r.entries = append(r.entries, e)
	}
	return n
}

// writtenOp is writtenEntry of an operation, which goes into o. Its accesses are at the end of r.accesses.
func (r *lineReader) writtenOp(lines []byte, o *opLine) int {
	w := writtenLines(lines)
	if len(lines) == 0 || !w.goes(&textID) {
		return 0
	}
	*o = opLine{}
	from := len(r.accesses)
	o.id = w.between(&textNothing, 1, math.MaxInt64)
	o.name = r.name(w.word(&textOp))
	o.process = int32(w.between(&textProcess, 0, math.MaxInt32-1))
	o.seq = w.between(&textSeq, 1, math.MaxUint32)
	o.record.Outcome = harness.Outcome(w.one(&textOutcome, textOutcomes))
	o.record.Invoke = w.number(&textInvoke)
	o.record.Begin = w.number(&textBegin)
	o.record.End = w.number(&textEnd)
	o.record.Tries = uint16(w.between(&textTries, 1, math.MaxUint16))
	if w.goes(&textUndoes) {
		o.record.Undoes = w.between(&textNothing, 1, math.MaxInt64)
	}
	o.record.Declined = w.goes(&textDeclined)
	w.must(&textDo)
	for more := w.ok && !w.is(']'); more; more = w.ok && !w.is(']') {
		if len(r.accesses) > from {
			w.ok = w.is(',')
		}
		r.writtenAccess(&w)
	}
	w.ok = w.ok && w.is('}')
	n := w.end()
	if n == 0 {
		r.accesses = r.accesses[:from]
		return 0
	}
	o.accesses = r.accesses[from:len(r.accesses):len(r.accesses)]
	return n
}

func (r *lineReader) writtenAccess(w *asWritten) {
	a := harness.Access{Value: harness.NotSeen, Version: harness.NotSeen}
	a.Cell = harness.Cell(w.between(&textFirstCell, 0, int64(r.cells)-1))
	a.Kind = harness.AccessKind(w.one(&textKind, textKinds))
	switch a.Kind {
	case harness.Finds:
		r.writtenFinds(w, a.Cell)
		return
	case harness.Holds: // which has no name
		w.ok = false
	default:
	}
	if w.goes(&textDelta) {
		a.Delta = w.number(&textNothing)
	}
	if w.goes(&textValue) {
		a.Value = w.number(&textNothing)
	}
	if w.goes(&textVersion) {
		a.Version = w.number(&textNothing)
	}
	w.ok = w.ok && w.is('}')
	r.accesses = append(r.accesses, a)
}

func (r *lineReader) writtenFinds(w *asWritten, cell harness.Cell) {
	if w.is('}') {
		r.accesses = append(r.accesses, harness.Access{Cell: cell, Kind: harness.Finds, Value: harness.NotSeen, Version: harness.NotSeen})
		return
	}
	w.must(&textValues)
	r.found = r.found[:0]
	for more := w.ok && !w.is(']'); more; more = w.ok && !w.is(']') {
		if len(r.found) > 0 {
			w.ok = w.is(',')
		}
		r.found = append(r.found, w.number(&textNothing))
	}
	w.ok = w.ok && w.is('}')
	r.accesses = harness.Found(r.accesses, cell, r.found)
}
