package anomaly

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// name is what a transaction is called in a text: T and the position of its end among the file's events, or of its
// beginning if it has no end; Jepsen's index, where the file counts from 0. Its process follows.
func (x *index) name(txn int32) string {
	at := x.t.Complete[txn]
	if at < 0 {
		at = x.t.Invoke[txn]
	}
	name := "T" + strconv.Itoa(int(at))
	if p := x.t.Process[txn]; p >= 0 {
		name += fmt.Sprintf(" (process %d)", p)
	}
	return name
}

func (x *index) span(txn int32) Span {
	return Span{int(x.t.Process[txn]), int64(x.t.Invoke[txn]), int64(x.t.Complete[txn])}
}

func (x *index) ended(txn int32) bool { return x.t.Complete[txn] >= 0 }

func (x *index) keyName(k int32) string { return x.keyText(x.keys[k]) }

// subject is the key at the beginning of a sentence.
func (x *index) subject(k int32) string { return subject(x.keyName(k)) }

// subject is a key at the beginning of a sentence: a cell by its name ("Stock 3"), every other as "Key x".
func subject(key string) string {
	if table, _, ok := strings.Cut(key, " "); ok && table != "" && strings.Trim(table, "abcdefghijklmnopqrstuvwxyz_") == "" {
		return strings.ToUpper(key[:1]) + key[1:]
	}
	return "Key " + key
}

// keyText is a key as it was recorded, on one line: it may hold anything.
func (x *index) keyText(key int32) string { return harness.VisibleLine(x.t.Keys.Text(key)) }

func (x *index) value(v int32) string {
	if v == history.Initial {
		return "nil"
	}
	return harness.VisibleLine(x.t.Values.Text(v))
}

// maxShown bounds the elements of a list that are shown: its last ones say most.
const maxShown = 12

func (x *index) list(values []int32) string {
	var b strings.Builder
	b.WriteByte('[')
	if n := len(values) - maxShown; n > 0 {
		fmt.Fprintf(&b, "… %d more, ", n)
		values = values[n:]
	}
	for i, v := range values {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(x.value(v))
	}
	b.WriteByte(']')
	return b.String()
}

// found is what a read found.
func (x *index) found(op *history.TxnOp) string {
	switch {
	case !answered(op):
		return "?"
	case op.Kind == history.Registers:
		return x.value(op.Value)
	}
	return x.list(x.t.List(op))
}

// maxSteps bounds the steps of a transaction that are shown.
const maxSteps = 16

// describe is a transaction in words: append x 3, read y [1, 2].
func (x *index) describe(txn int32) string {
	verbs := map[history.Kind]string{history.Lists: "append", history.Registers: "write", history.Sets: "insert"}
	var parts []string
	steps := x.t.Steps(txn)
	for i := range steps {
		if i == maxSteps {
			parts = append(parts, fmt.Sprintf("… %d more", len(steps)-i))
			break
		}
		op := &steps[i]
		key := x.keyText(op.Key)
		if op.Write {
			parts = append(parts, fmt.Sprintf("%s %s %s", verbs[op.Kind], key, x.value(op.Value)))
		} else {
			parts = append(parts, fmt.Sprintf("read %s %s", key, x.found(op)))
		}
	}
	return strings.Join(parts, ", ")
}
