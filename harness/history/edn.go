package history

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// WriteEDN writes transactions as a history that Jepsen and Elle read: a map a line, an invocation and a completion for each
// transaction in the order of their events, with whole numbers as processes. After an unknown outcome a process goes on as a new
// one. A transaction that never ended ends as :info at the end of the file. What Load reads from it is the same history. One of
// several clocks is refused.
func WriteEDN(w io.Writer, t *Transactions) error {
	if n := t.Clocks(); n > 1 {
		return fmt.Errorf("the history was timed by %d clocks, and EDN has one order of all events: between two clocks it would say more than anybody knows", n)
	}
	e := &ednWriter{out: bufio.NewWriterSize(w, 1<<20), t: t, process: map[int32]int64{}, keys: map[int32]string{}}
	for _, p := range t.Process {
		e.next = max(e.next, int64(p)+1)
	}
	var events []ednEvent
	for i := range int32(t.Len()) {
		if t.Invoke[i] >= 0 {
			events = append(events, ednEvent{t.Invoke[i], i, Invoke})
		}
		switch end := t.Complete[i]; {
		case end >= 0:
			events = append(events, ednEvent{end, i, typeOf(t.Outcome[i])})
		default:
			events = append(events, ednEvent{1<<31 - 1, i, Info})
		}
	}
	slices.SortStableFunc(events, func(a, b ednEvent) int { return cmp.Compare(a.at, b.at) })
	for index, event := range events {
		e.event(index, event)
	}
	return e.out.Flush()
}

// ednEvent is a line to be: a transaction begins or ends.
type ednEvent struct {
	at   int32
	txn  int32
	kind EventType
}

func typeOf(o harness.Outcome) EventType {
	switch o {
	case harness.OK:
		return OK
	case harness.Failed, harness.Rejected:
		return Fail
	}
	return Info
}

type ednWriter struct {
	out     *bufio.Writer
	t       *Transactions
	process map[int32]int64 // the processes that go on under another number
	next    int64           // the next number that is free
	line    []byte
	keys    map[int32]string // as EDN has them
}

var typeNames = [...]string{Invoke: ":invoke", OK: ":ok", Fail: ":fail", Info: ":info"}

func (e *ednWriter) event(index int, event ednEvent) {
	own := e.t.Process[event.txn]
	process, renamed := e.process[own]
	if !renamed {
		process = int64(own)
	}
	b := e.line[:0]
	b = append(b, "{:type "...)
	b = append(b, typeNames[event.kind]...)
	b = append(b, ", :f :txn, :value ["...)
	steps := e.t.Steps(event.txn)
	for i := range steps {
		if i > 0 {
			b = append(b, ' ')
		}
		b = e.step(b, &steps[i], event.kind == OK)
	}
	if process != NoProcess {
		b = strconv.AppendInt(append(b, "], :process "...), process, 10)
	} else {
		b = append(b, ']')
	}
	b = strconv.AppendInt(append(b, ", :index "...), int64(index), 10)
	b = append(b, "}\n"...)
	e.line = b
	_, _ = e.out.Write(b) // Flush answers the first error
	if event.kind == Info && own != NoProcess {
		e.process[own] = e.next
		e.next++
	}
}

// key is a key as EDN has it: what is no value of EDN, such as the names of cells, is a string.
func (e *ednWriter) key(k int32) string {
	text, known := e.keys[k]
	if !known {
		if text = e.t.Keys.Text(k); !isEDN(text) {
			text = ednString(text)
		}
		e.keys[k] = text
	}
	return text
}

func (e *ednWriter) step(b []byte, op *TxnOp, answered bool) []byte {
	verbs := verbsOf(op.Kind)
	verb := verbs.read
	if op.Write {
		verb = verbs.write
	}
	b = append(append(append(b, "[:"...), verb...), ' ')
	b = append(append(b, e.key(op.Key)...), ' ')
	switch {
	case op.Write:
		b = append(b, e.t.Values.Text(op.Value)...)
	case op.Kind == Registers && answered && op.Value >= 0:
		b = append(b, e.t.Values.Text(op.Value)...)
	case op.Kind != Registers && answered && op.Len != NotRead && op.Value != Initial:
		b = append(b, '[')
		for i, v := range e.t.List(op) {
			if i > 0 {
				b = append(b, ' ')
			}
			b = append(b, e.t.Values.Text(v)...)
		}
		b = append(b, ']')
	default:
		b = append(b, "nil"...)
	}
	return append(b, ']')
}

// isEDN reports whether a text is one value of EDN, and nothing else.
func isEDN(text string) bool {
	p := &parser{data: []byte(text), in: edn}
	err := parse(func() { p.value() })
	return err == nil && p.at == len(p.data)
}

// ednString is a text as a string of EDN.
func ednString(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
