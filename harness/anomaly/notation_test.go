package anomaly

import (
	"strconv"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// parse reads a history in a notation short enough for a table of cases: a transaction a word,
//
//	ax1        appends 1 to x (wx1 writes, ix1 inserts: a transaction's keys are lists unless the test says otherwise)
//	rx12       reads x as [1 2], of a register as 12
//	rx         reads x as nil
//	rx_        reads x as []
//	!ax1 ?ax1  failed; unknown
//
// Transactions come one after the other, in one process. "p2:ax1" is one of process 2. "ax1[0-5]" began at event 0 and was
// answered at event 5, "?ax1[0-]" was never answered; "[" alone, as in "ax1[", leaves the invocation out, so that nothing is
// known of real time. "p-1:" names no process.
func parse(t testing.TB, text string) *history.Transactions {
	t.Helper()
	h := &history.Transactions{First: []int32{0}}
	event := int32(0)
	for _, word := range strings.Fields(text) {
		outcome, proc := harness.OK, 0
		if p, rest, ok := strings.Cut(word, ":"); ok {
			proc, _ = strconv.Atoi(p[1:])
			word = rest
		}
		switch word[0] {
		case '!':
			outcome, word = harness.Failed, word[1:]
		case '?':
			outcome, word = harness.Unknown, word[1:]
		}
		word, when, timed := strings.Cut(word, "[")
		invoke, complete := event, event+1
		if from, to, ok := strings.Cut(strings.TrimSuffix(when, "]"), "-"); ok {
			a, _ := strconv.Atoi(from)
			b, _ := strconv.Atoi(to)
			invoke, complete = int32(a), int32(b)
			if to == "" {
				complete = -1
			}
		} else if timed {
			invoke = -1
		}
		event = max(event, complete) + 1
		h.Outcome, h.Process = append(h.Outcome, outcome), append(h.Process, int32(proc))
		h.Invoke, h.Complete = append(h.Invoke, invoke), append(h.Complete, complete)
		steps(t, h, word, outcome)
		h.First = append(h.First, int32(len(h.Ops)))
	}
	return h
}

func steps(t testing.TB, h *history.Transactions, word string, outcome harness.Outcome) {
	for len(word) > 0 {
		verb := word[0]
		op := history.TxnOp{Key: h.Keys.Number(word[1:2])}
		word = word[2:]
		digits := word[:len(word)-len(strings.TrimLeft(word, "0123456789_"))]
		word = word[len(digits):]
		switch verb {
		case 'a', 'w', 'i':
			op.Write = true
			n, err := strconv.Atoi(digits)
			if err != nil {
				t.Fatal(err)
			}
			op.Value = int32(n)
		case 'r':
			op.Value = history.Initial
			if digits != "" {
				op.Value = int32(len(h.Elements))
			}
			for _, d := range strings.Trim(digits, "_") {
				h.Elements = append(h.Elements, d-'0')
				op.Len++
			}
			if outcome != harness.OK {
				op.Len = history.NotRead
			}
		default:
			t.Fatalf("%q is no step", verb)
		}
		h.Ops = append(h.Ops, op)
	}
}

// of makes all keys hold what the kind says.
func of(h *history.Transactions, kind history.Kind) {
	for i := range h.Ops {
		h.Ops[i].Kind = kind
	}
}

// parseRegisters is parse where reads are of registers.
func parseRegisters(t testing.TB, text string) *history.Transactions {
	t.Helper()
	h := parse(t, text)
	of(h, history.Registers)
	for i := range h.Ops {
		op := &h.Ops[i]
		if op.Write {
			continue
		}
		list := h.List(op)
		value := int32(history.Initial)
		if op.Len == history.NotRead {
			value = history.NotRead
		}
		for j, d := range list {
			if j == 0 {
				value = 0
			}
			value = 10*value + d
		}
		op.Value, op.Len = value, 0
	}
	return h
}
