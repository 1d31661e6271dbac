package history

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// outcome is how an operation ended.
func (k EventType) outcome() harness.Outcome {
	switch k {
	case OK:
		return harness.OK
	case Fail:
		return harness.Failed
	}
	return harness.Unknown
}

// txnReader reads a piece of a file's operations into columns. The pieces of a file are read at the same time, and joined
// afterwards.
type txnReader struct {
	parser
	may    may
	out    Transactions
	places []int   // by transaction: where it is in data
	spare  []int32 // memory for elements, see fold

	events  int32                 // operations met, those of a nemesis included
	seen    map[int64]bool        // by process: something of it was met
	open    map[int64]openInvoke  // by process: begun and not answered
	orphans []orphan              // answers whose invocation is not in this piece
	starts  map[int64]firstInvoke // by process whose first operation here is an invocation

	end    byte // the bracket that closes the whole file, or 0
	closed bool // and has been met
}

// orphan is an answer whose invocation may be in an earlier piece.
type orphan struct {
	txn   int32
	steps bool // its steps, too
}

type openInvoke struct {
	event int32
	value int // where its value begins; -1: none
	at    int
	// text is the value of an invocation in an earlier piece, which is not there any more.
	text []byte
}

type firstInvoke struct{ at int }

func newTxnReader(data []byte, in notation, may may) *txnReader {
	r := &txnReader{parser: parser{data: data, in: in}, may: may, open: map[int64]openInvoke{}, seen: map[int64]bool{}, starts: map[int64]firstInvoke{}}
	r.out.First = []int32{0}
	return r
}

// take takes an operation over.
func (r *txnReader) take(o *rawOp) {
	event := r.events
	if r.events++; r.events < 0 {
		r.failAt(o.at, "expected fewer than 2^31 operations")
	}
	if !o.client {
		return
	}
	open, isOpen := r.open[o.process]
	if o.kind == Invoke {
		if isOpen {
			r.failAt(o.at, "%s", r.twice(o.process, open.at))
		}
		if !r.seen[o.process] {
			r.seen[o.process] = true
			r.starts[o.process] = firstInvoke{o.at}
		}
		r.open[o.process] = openInvoke{event: event, value: o.value, at: o.at}
		return
	}
	outcome := o.kind.outcome()
	invoke, value := int32(-1), o.value
	if isOpen {
		delete(r.open, o.process)
		invoke = open.event
		if o.kind != OK && r.empty(value) {
			value = open.value
		}
	} else if !r.seen[o.process] {
		r.orphans = append(r.orphans, orphan{int32(r.out.Len()), o.kind != OK && r.empty(value)})
	}
	r.seen[o.process] = true
	r.add(outcome, o.process, invoke, event, r.from(value), o.at)
}

// invoked is a parser of an invocation's value; nil if it has none.
func (r *txnReader) invoked(open *openInvoke) *parser {
	if open.text != nil {
		return &parser{data: open.text, in: r.in}
	}
	return r.from(open.value)
}

func (r *txnReader) twice(process int64, at int) string {
	if process == NoProcess {
		return fmt.Sprintf("this operation begins before the one of line %d has ended, and neither names its process: lastseat cannot match ends to beginnings", r.line(at))
	}
	return fmt.Sprintf("process %d begins an operation, but that of line %d has not ended", process, r.line(at))
}

// empty reports whether a value is missing or nil.
func (r *txnReader) empty(value int) bool {
	if value < 0 {
		return true
	}
	p := parser{data: r.data, at: value, in: r.in}
	return p.isNil()
}

// add adds a transaction, whose steps are what p is at.
func (r *txnReader) add(outcome harness.Outcome, process int64, invoke, complete int32, p *parser, at int) {
	t := &r.out
	r.places = append(r.places, at)
	t.Outcome = append(t.Outcome, outcome)
	t.Process = append(t.Process, int32(process))
	t.Invoke, t.Complete = append(t.Invoke, invoke), append(t.Complete, complete)
	if p != nil {
		if !p.isNil() {
			r.steps(p, outcome)
		} else if outcome == harness.OK {
			r.failAt(at, "expected a transaction's steps as the :value of an :ok, found nil")
		}
	}
	if len(t.Ops) > math.MaxInt32 || len(t.Elements) > math.MaxInt32 {
		r.failAt(at, "expected fewer than 2^31 steps and elements")
	}
	t.First = append(t.First, int32(len(t.Ops)))
}

// steps reads a vector of micro-operations.
func (r *txnReader) steps(p *parser, outcome harness.Outcome) {
	c := p.peek()
	if c != '[' && (c != '(' || p.in == jsn) {
		p.want("a vector of micro-operations")
	}
	for end := p.enter(); p.more(end); {
		c := p.peek()
		if c != '[' && (c != '(' || p.in == jsn) {
			p.want(fmt.Sprintf("a micro-operation: [:%s k v]", strings.Join(r.may.verbs(), " k v] or [:")))
		}
		r.step(p, outcome)
	}
}

func (r *txnReader) step(p *parser, outcome harness.Outcome) {
	end := p.enter()
	p.peek()
	at := p.at
	verb := p.name("a micro-operation's name")
	op, known := r.may.step(verb)
	if !known {
		p.at = at
		verbs := r.may.verbs()
		if slices.Contains([]string{"append", "w", "insert", "rp"}, string(verb)) {
			p.fail("%q among steps of %s: lastseat judges lists (append) and registers (w) together, as --workload mixed, and ranges (insert, rp) by themselves", verb, inWords(verbs, "and"))
		}
		p.want(inWords(verbs, "or"))
	}
	if !p.more(end) {
		p.want("a key")
	}
	op.Key = p.number(&r.out.Keys)
	switch {
	case !p.more(end): // [:r k]: a read that is not answered
		if op.Write {
			p.want("a value to write")
		}
		r.unread(&op, outcome)
		r.out.Ops = append(r.out.Ops, op)
		return
	case op.Write:
		p.peek()
		at := p.at
		if p.isNil() {
			p.at = at
			p.want("a value to write other than nil")
		}
		op.Value = p.number(&r.out.Values)
	case outcome == harness.Failed:
		p.skip()
		r.unread(&op, outcome)
	case p.isNil():
		r.unread(&op, outcome)
	case op.Kind == Registers || op.Kind == undecided && !p.atList():
		op.Kind, op.Value = Registers, p.number(&r.out.Values)
	default:
		r.list(p, &op)
	}
	if p.more(end) {
		p.want(fmt.Sprintf("%q: a micro-operation has a name, a key and a value", end))
	}
	r.out.Ops = append(r.out.Ops, op)
}

// unread is a read that found nothing, or, if the operation did not end well, of which nothing is known.
func (r *txnReader) unread(op *TxnOp, outcome harness.Outcome) {
	op.Value = Initial
	if outcome != harness.OK {
		op.Value, op.Len = NotRead, NotRead
	}
}

// list reads what a read of a list or set found.
func (r *txnReader) list(p *parser, op *TxnOp) {
	if !p.atList() {
		p.want("the list that was read, or nil")
	}
	if p.data[p.at] == '#' {
		if op.Kind != Sets {
			r.unordered(p, op)
		}
		p.at++
	}
	if op.Kind == undecided {
		op.Kind = Lists
	}
	op.Value = int32(len(r.out.Elements))
	for end := p.enter(); ; {
		r.out.Elements = p.numbers(r.out.Elements)
		if !p.more(end) {
			break
		}
		r.out.Elements = append(r.out.Elements, p.number(&r.out.Values))
	}
	op.Len = int32(len(r.out.Elements)) - op.Value
}

// unordered refuses a set as what a list was read as.
func (r *txnReader) unordered(p *parser, op *TxnOp) {
	advice := ""
	if op.Kind == undecided {
		advice = " (if registers hold sets, and nothing is appended, name --workload register)"
	}
	p.fail("key %s was read as a set, which does not say in what order its elements were appended: expected a vector or a list%s", r.out.Keys.Text(op.Key), advice)
}

// atList reports whether a list or a set comes next.
func (p *parser) atList() bool {
	switch p.peek() {
	case '[':
		return true
	case '(':
		return p.in == edn
	case '#':
		return p.in == edn && p.at+1 < len(p.data) && p.data[p.at+1] == '{'
	}
	return false
}

// numbers appends small whole numbers, for as long as there is nothing else and each is followed by one space or a bracket: most
// of what most histories consist of.
func (p *parser) numbers(list []int32) []int32 {
	data := p.data
	for at := p.at; at < len(data); {
		from, n := at, int32(0)
		for at < len(data) && at-from < 9 && data[at]-'0' < 10 {
			n = 10*n + int32(data[at]-'0')
			at++
		}
		if at == from || at == len(data) || data[from] == '0' && at-from > 1 || !ends[data[at]] {
			break
		}
		list = append(list, n)
		if data[at] == ' ' || data[at] == ',' {
			at++
		}
		p.at = at
	}
	return list
}

// number reads a key or value: a small whole number as it is, all else by how it is written.
func (p *parser) number(names *Names) int32 {
	c := p.peek()
	from := p.at
	if c >= '0' && c <= '9' {
		if n, ok := small(p.token()); ok {
			return n
		}
		p.at = from
	}
	if c == 0 || c == ')' || c == ']' || c == '}' {
		p.want("a key or a value")
	}
	p.depth++ // value checks what skip would let pass
	v := p.value()
	p.depth--
	text := string(p.data[from:p.at])
	switch v := v.(type) {
	case int64: // 1N and +1 are 1
		text = strconv.FormatInt(v, 10)
		if n, ok := small([]byte(text)); ok {
			return n
		}
	case *big.Int:
		text = v.String()
	}
	return names.Number(text)
}
