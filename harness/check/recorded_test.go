package check

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

func said(what history.EventType, process int64, f string, value any) history.Event {
	return history.Event{Type: what, Process: process, F: f, Value: value}
}

func invoke(p int64, f string, v any) history.Event { return said(history.Invoke, p, f, v) }
func ok(p int64, f string, v any) history.Event     { return said(history.OK, p, f, v) }
func fail(p int64, f string, v any) history.Event   { return said(history.Fail, p, f, v) }
func info(p int64, f string, v any) history.Event   { return said(history.Info, p, f, v) }

// done is an operation that nothing overlaps.
func done(p int64, f string, v, answer any) []history.Event {
	return []history.Event{invoke(p, f, v), ok(p, f, answer)}
}

func record(parts ...any) []history.Event {
	var all []history.Event
	for _, p := range parts {
		switch p := p.(type) {
		case history.Event:
			all = append(all, p)
		case []history.Event:
			all = append(all, p...)
		}
	}
	for i := range all {
		all[i].Index, all[i].Line = int64(i), i+1
	}
	return all
}

func n(v int64) any      { return v }
func vec(v ...any) []any { return v }

func accounts(balances ...any) history.Map {
	var m history.Map
	for i, b := range balances {
		m = append(m, history.Pair{Key: int64(i), Value: b})
	}
	return m
}

func reads(kv ...any) []any {
	var ops []any
	for i := 0; i < len(kv); i += 2 {
		ops = append(ops, vec(history.Keyword("r"), kv[i], kv[i+1]))
	}
	return ops
}

// txn are steps of a transaction: a verb, a key and a value each.
func txn(steps ...any) []any {
	var ops []any
	for i := 0; i < len(steps); i += 3 {
		ops = append(ops, vec(history.Keyword(steps[i].(string)), steps[i+1], steps[i+2]))
	}
	return ops
}

// recordings are small histories, each with what must be said of it.
var recordings = []struct {
	name, workload string
	events         []history.Event
	opt            RecordedOptions
	verdict        harness.Verdict
	anomalies      []string
	says           string // in a text, or in the reason
}{
	{name: "a bank that keeps its total", workload: "bank", verdict: harness.Safe, says: "30", events: record(
		done(0, "read", nil, accounts(n(10), n(20))), done(0, "read", nil, accounts(n(30), n(0))),
		said(history.Info, history.NoProcess, "start-partition", nil))},
	{
		name: "money appears", workload: "bank", verdict: harness.Unsafe, anomalies: []string{"wrong-total"},
		says: "The accounts held 31 in all instead of 30 in the read of line 4: {", events: record(
			done(0, "read", nil, accounts(n(10), n(20))), done(0, "read", nil, accounts(n(11), n(20)))),
	},
	{
		name: "an account is gone with its money", workload: "bank", verdict: harness.Unsafe, anomalies: []string{"missing-account", "wrong-total"},
		says: "The accounts were 1 instead of 2 in the read of line 4", events: record(done(0, "read", nil, accounts(n(10), n(20))), done(0, "read", nil, accounts(n(10)))),
	},
	{
		name: "an overdrawn account", workload: "bank", verdict: harness.Unsafe, anomalies: []string{"negative-value"},
		says: "Account 1 was at -1 in the read of line 2", events: record(done(0, "read", nil, accounts(n(31), n(-1)))),
	},
	{
		name: "an overdrawn account, allowed", workload: "bank", verdict: harness.Safe, opt: RecordedOptions{Negative: true},
		events: record(done(0, "read", nil, accounts(n(31), n(-1)))),
	},
	{name: "a strange account", workload: "bank", verdict: harness.Unsafe, anomalies: []string{"unexpected-key"}, events: record(
		done(0, "read", nil, accounts(n(10))), done(0, "read", nil, accounts(n(10), n(0))))},
	{
		name: "no balance", workload: "bank", verdict: harness.Unsafe, anomalies: []string{"nil-balance"},
		events: record(done(0, "read", nil, accounts(n(10), nil))),
	},
	{
		name: "a total that was asked for", workload: "bank", verdict: harness.Unsafe, anomalies: []string{"wrong-total"},
		opt: RecordedOptions{Total: new(int64)}, events: record(done(0, "read", nil, accounts(n(10)))),
	},
	{name: "a bank nobody read", workload: "bank", verdict: harness.Inconclusive, says: "never read", events: record(
		done(0, "transfer", transfer(), transfer()))},

	{name: "transfers that say why they failed", workload: "bank", verdict: harness.Safe, events: record(
		done(0, "read", nil, accounts(n(10))), invoke(0, "transfer", transfer()), fail(0, "transfer", vec(history.Keyword("negative"), n(2), n(-1))))},

	{name: "a set", workload: "set", verdict: harness.Safe, events: record(
		done(0, "add", n(1), n(1)), invoke(1, "add", n(2)), info(1, "add", n(2)), done(0, "read", nil, vec(n(1), n(2))))},
	{
		name: "a lost element", workload: "set", verdict: harness.Unsafe, anomalies: []string{"lost"},
		says: "Element 1 was added on line 2. The last read (line 4) did not find it", events: record(
			done(0, "add", n(1), n(1)), done(0, "read", nil, history.Set{})),
	},
	{name: "an element added while the last read went on", workload: "set", verdict: harness.Safe, events: record(
		invoke(1, "read", nil), done(0, "add", n(1), n(1)), ok(1, "read", vec()))},
	{name: "an element that nobody added", workload: "set", verdict: harness.Unsafe, anomalies: []string{"unexpected"}, events: record(
		done(0, "add", n(1), n(1)), done(0, "read", nil, vec(n(1), n(7))))},
	{name: "a set nobody read", workload: "set", verdict: harness.Inconclusive, says: "never read", events: record(done(0, "add", n(1), n(1)))},

	{name: "elements that stay", workload: "set-full", verdict: harness.Safe, events: record(
		invoke(1, "read", nil), done(0, "add", n(1), n(1)), ok(1, "read", vec()), done(0, "read", nil, vec(n(1))))},
	{
		name: "an element that goes", workload: "set-full", verdict: harness.Unsafe, anomalies: []string{"lost"},
		says: "Element 1 was added by line 2. The read that began on line 5 did not find it, nor did any later read", events: record(
			done(0, "add", n(1), n(1)), done(0, "read", nil, vec(n(1))), done(0, "read", nil, vec())),
	},
	{
		name: "elements that are pairs, and reads that are not", workload: "set-full", verdict: harness.Unsafe, anomalies: []string{"lost"},
		says: "[0 1] was added", events: record(done(0, "add", vec(n(0), n(1)), vec(n(0), n(1))), done(0, "read", vec(n(0), nil), vec(n(0), n(1)))),
	},
	{name: "an element that comes late", workload: "set-full", verdict: harness.Safe, says: "1 of them were missed", events: record(
		done(0, "add", n(1), n(1)), done(0, "read", nil, vec()), done(0, "read", nil, vec(n(1))))},
	{
		name: "an element that comes late, not allowed", workload: "set-full", verdict: harness.Unsafe, anomalies: []string{"stale-read"},
		opt: RecordedOptions{Linearizable: true}, events: record(
			done(0, "add", n(1), n(1)), done(0, "read", nil, vec()), done(0, "read", nil, vec(n(1)))),
	},
	{name: "an element found twice", workload: "set-full", verdict: harness.Unsafe, anomalies: []string{"duplicate-elements"}, events: record(
		done(0, "add", n(1), n(1)), done(0, "read", nil, vec(n(1), n(1))))},
	{
		name: "an unknown element that goes", workload: "set-full", verdict: harness.Unsafe, anomalies: []string{"lost"},
		says: "Element 1 was found by a read by line 4", events: record(invoke(0, "add", n(1)), info(0, "add", n(1)),
			done(1, "read", nil, vec(n(1))), done(1, "read", nil, vec())),
	},
	{name: "an unknown element that never comes", workload: "set-full", verdict: harness.Inconclusive, events: record(
		invoke(0, "add", n(1)), info(0, "add", n(1)), done(1, "read", nil, vec()))},
	{
		name: "elements in two orders under keys, not allowed", workload: "set-full", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		says: "Key 3: The read (line 3 to line 5) found 1 and not 2. The read (line 4 to line 6) found 2 and not 1. Either was added first",
		opt:  RecordedOptions{Linearizable: true}, events: record(
			invoke(0, "add", vec(n(3), n(1))), invoke(1, "add", vec(n(3), n(2))), invoke(2, "read", vec(n(3), nil)), invoke(3, "read", vec(n(3), nil)),
			ok(2, "read", vec(n(3), vec(n(1)))), ok(3, "read", vec(n(3), vec(n(2)))), ok(0, "add", vec(n(3), n(1))), ok(1, "add", vec(n(3), n(2))),
			done(0, "read", vec(n(3), nil), vec(n(3), vec(n(1), n(2))))),
	},
	{
		name: "elements in the wrong order, not allowed", workload: "set-full", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		says: "Element 1 was added (line 2 to line 3) before the addition of 2 (line 4 to line 6) began. But the read (line 1 to line 5) found 2 and not 1",
		opt:  RecordedOptions{Linearizable: true}, events: record(
			invoke(1, "read", nil), done(0, "add", n(1), n(1)), invoke(0, "add", n(2)), ok(1, "read", vec(n(2))), ok(0, "add", n(2))),
	},
	{
		name: "an element found before it is added, not allowed", workload: "set-full", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		says: "Element 1 was found by the read (line 1 to line 2), before the addition of it (line 3 to line 4) began",
		opt:  RecordedOptions{Linearizable: true}, events: record(done(1, "read", nil, vec(n(1))), done(0, "add", n(1), n(1))),
	},
	{
		name: "an element of an addition that failed, not allowed", workload: "set-full", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		says: "The addition of it failed (line 2)", opt: RecordedOptions{Linearizable: true}, events: record(
			invoke(0, "add", n(1)), fail(0, "add", n(1)), done(1, "read", nil, vec(n(1)))),
	},
	{name: "elements in an order", workload: "set-full", verdict: harness.Safe, opt: RecordedOptions{Linearizable: true}, events: record(
		invoke(1, "read", nil), done(0, "add", n(1), n(1)), invoke(2, "add", n(2)), info(2, "add", n(2)), ok(1, "read", vec(n(1))), done(0, "read", nil, vec(n(1), n(2))))},

	{name: "a counter", workload: "counter", verdict: harness.Safe, events: record(
		done(0, "add", n(2), n(2)), invoke(1, "add", n(3)), done(0, "read", nil, n(5)), done(0, "read", nil, n(2)))},
	{
		name: "a counter that forgets", workload: "counter", verdict: harness.Unsafe, anomalies: []string{"count-too-low"},
		says: "The counter was at least 2 on line 3, by additions acknowledged before. The read that began there found 1", events: record(done(0, "add", n(2), n(2)), done(0, "read", nil, n(1))),
	},
	{name: "a counter that makes things up", workload: "counter", verdict: harness.Unsafe, anomalies: []string{"count-too-high"}, events: record(
		done(0, "add", n(2), n(2)), invoke(0, "add", n(3)), fail(0, "add", n(3)), done(0, "read", nil, n(5)))},
	{name: "a counter nobody read", workload: "counter", verdict: harness.Inconclusive, events: record(done(0, "add", n(2), n(2)))},

	{name: "a queue", workload: "queue", verdict: harness.Safe, says: "2 elements came out", events: record(
		done(0, "enqueue", n(1), n(1)), invoke(1, "enqueue", n(2)), info(1, "enqueue", n(2)), done(0, "dequeue", nil, n(2)), done(0, "dequeue", nil, n(1)))},
	{name: "an element taken while it is put in", workload: "queue", verdict: harness.Safe, events: record(
		invoke(0, "enqueue", n(1)), done(1, "dequeue", nil, n(1)), ok(0, "enqueue", n(1)))},
	{
		name: "an element from nowhere", workload: "queue", verdict: harness.Unsafe, anomalies: []string{"unexpected"},
		says: "Element 7 came out on line 2. Nobody tried to enqueue it", events: record(done(0, "dequeue", nil, n(7))),
	},
	{
		name: "an element of an enqueue that failed", workload: "queue", verdict: harness.Unsafe, anomalies: []string{"unexpected"},
		says: "The enqueue of it failed (line 2)", events: record(invoke(0, "enqueue", n(1)), fail(0, "enqueue", n(1)), done(0, "dequeue", nil, n(1))),
	},
	{
		name: "an element before it is put in", workload: "queue", verdict: harness.Unsafe, anomalies: []string{"unexpected"},
		says: "began only on line 3", events: record(done(0, "dequeue", nil, n(1)), done(0, "enqueue", n(1), n(1))),
	},
	{
		name: "an element taken twice", workload: "queue", verdict: harness.Unsafe, anomalies: []string{"duplicated"},
		says: "Element 1 came out twice, the last time on line 6. It was put in once at most", events: record(
			done(0, "enqueue", n(1), n(1)), done(0, "dequeue", nil, n(1)), done(0, "dequeue", nil, n(1))),
	},
	{name: "an element put in twice and taken twice", workload: "queue", verdict: harness.Safe, events: record(
		done(0, "enqueue", n(1), n(1)), invoke(1, "enqueue", n(1)), done(0, "dequeue", nil, n(1)), done(0, "dequeue", nil, n(1)))},
	{name: "a queue that gave nothing", workload: "queue", verdict: harness.Inconclusive, says: "nothing came out", events: record(
		done(0, "enqueue", n(1), n(1)), done(0, "dequeue", nil, nil))},
	{
		name: "queues under keys", workload: "queue", verdict: harness.Unsafe, anomalies: []string{"unexpected"},
		says: "Key 4: Element 1 came out on line 4", events: record(
			done(0, "enqueue", vec(n(3), n(1)), vec(n(3), n(1))), done(0, "dequeue", vec(n(4), nil), vec(n(4), n(1)))),
	},

	{name: "a queue that is drained", workload: "total-queue", verdict: harness.Safe, says: "2 elements came out, and all had been put in; 1 of them by", events: record(
		done(0, "enqueue", n(1), n(1)), invoke(1, "enqueue", n(2)), info(1, "enqueue", n(2)), done(0, "drain", nil, vec(n(2), n(1))))},
	{
		name: "a lost element of a queue", workload: "total-queue", verdict: harness.Unsafe, anomalies: []string{"lost"},
		says: "Element 1 was enqueued on line 2. It never came out, and the drain of line 5 to line 6 found the rest", events: record(
			done(0, "enqueue", n(1), n(1)), done(0, "enqueue", n(2), n(2)), done(0, "drain", nil, vec(n(2)))),
	},
	{
		name: "a lost element, and a queue emptied by dequeues", workload: "total-queue", verdict: harness.Unsafe, anomalies: []string{"lost"},
		says: "found the queue empty", events: record(done(0, "enqueue", n(1), n(1)), invoke(0, "dequeue", nil), fail(0, "dequeue", nil)),
	},
	{name: "an element that a dequeue of unknown outcome may have taken", workload: "total-queue", verdict: harness.Safe, says: "1 element that did not come out may have gone", events: record(
		done(0, "enqueue", n(1), n(1)), invoke(1, "dequeue", nil), info(1, "dequeue", nil), done(0, "drain", nil, vec()))},
	{
		name: "two elements and one dequeue of unknown outcome", workload: "total-queue", verdict: harness.Unsafe, anomalies: []string{"lost"},
		says: "Of 2 elements missing so, at most 1 can have gone", events: record(
			done(0, "enqueue", n(1), n(1)), done(0, "enqueue", n(2), n(2)), invoke(1, "dequeue", nil), info(1, "dequeue", nil), done(0, "drain", nil, vec())),
	},
	{name: "two elements and one drain of unknown outcome", workload: "total-queue", verdict: harness.Safe, events: record(
		done(0, "enqueue", n(1), n(1)), done(0, "enqueue", n(2), n(2)), invoke(1, "drain", nil), info(1, "drain", nil), done(0, "drain", nil, vec()))},
	{
		name: "a dequeue of unknown outcome after the drain", workload: "total-queue", verdict: harness.Unsafe, anomalies: []string{"lost"}, events: record(
			done(0, "enqueue", n(1), n(1)), done(0, "drain", nil, vec()), invoke(1, "dequeue", nil), info(1, "dequeue", nil)),
	},
	{name: "an element put in while the queue is drained", workload: "total-queue", verdict: harness.Safe, says: "of 1 element that did not come out nothing is known", events: record(
		done(0, "enqueue", n(2), n(2)), invoke(1, "drain", nil), done(0, "enqueue", n(1), n(1)), ok(1, "drain", vec(n(2))))},
	{name: "an element of a queue that came out twice", workload: "total-queue", verdict: harness.Safe, says: "1 element more came out", events: record(
		done(0, "enqueue", n(1), n(1)), done(0, "dequeue", nil, n(1)), done(0, "drain", nil, vec(n(1))))},
	{
		name: "an element of a queue from nowhere", workload: "total-queue", verdict: harness.Unsafe, anomalies: []string{"unexpected"}, events: record(
			done(0, "drain", nil, vec(n(1)))),
	},
	{name: "a queue that nobody drained", workload: "total-queue", verdict: harness.Inconclusive, says: "drained", events: record(
		done(0, "enqueue", n(1), n(1)), done(0, "enqueue", n(2), n(2)), done(0, "dequeue", nil, n(1)))},
	{name: "a queue that was drained before anything was in it", workload: "total-queue", verdict: harness.Inconclusive, says: "nothing could have been lost", events: record(
		done(0, "drain", nil, vec()), done(0, "enqueue", n(1), n(1)))},

	{name: "a queue in order", workload: "fifo-queue", verdict: harness.Safe, says: "5 operations on 1 queue fit one order", events: record(
		done(0, "dequeue", nil, nil), done(0, "enqueue", n(1), n(1)), invoke(1, "enqueue", n(2)), info(1, "enqueue", n(2)), done(0, "dequeue", nil, n(1)), done(0, "dequeue", nil, n(2)))},
	{
		name: "a queue out of order", workload: "fifo-queue", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		says: "The queue did not keep the order. The enqueue of 1 (line 1 to line 2) ended before the enqueue of 2 (line 3 to line 4) began. " +
			"But the dequeue of 2 (line 5 to line 6) ended before the dequeue of 1 (line 7 to line 8) began", events: record(
			done(0, "enqueue", n(1), n(1)), done(0, "enqueue", n(2), n(2)), done(0, "dequeue", nil, n(2)), done(0, "dequeue", nil, n(1))),
	},
	{
		name: "an element that a queue forgot", workload: "fifo-queue", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		says: "But the dequeue of 2 (line 5 to line 6) took the later element, and nobody took the earlier one", events: record(
			done(0, "enqueue", n(1), n(1)), done(0, "enqueue", n(2), n(2)), done(0, "dequeue", nil, n(2))),
	},
	{name: "an element that a dequeue of unknown outcome may have taken first", workload: "fifo-queue", verdict: harness.Safe, events: record(
		done(0, "enqueue", n(1), n(1)), done(0, "enqueue", n(2), n(2)), invoke(1, "dequeue", nil), done(0, "dequeue", nil, n(2)), info(1, "dequeue", nil))},
	{
		name: "one dequeue of unknown outcome, and two elements gone", workload: "fifo-queue", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		says: "The queue fits an order of the operations up to line 9 without the dequeue of 3 (line 8 to line 9), and no order with it", events: record(
			done(0, "enqueue", n(1), n(1)), done(0, "enqueue", n(2), n(2)), done(0, "enqueue", n(3), n(3)), invoke(1, "dequeue", nil), done(0, "dequeue", nil, n(3)),
			info(1, "dequeue", nil)),
	},
	{name: "elements put in twice", workload: "fifo-queue", verdict: harness.Safe, events: record(
		done(0, "enqueue", n(1), n(1)), done(0, "enqueue", n(2), n(2)), done(0, "enqueue", n(1), n(1)), done(0, "dequeue", nil, n(1)), done(0, "dequeue", nil, n(2)),
		done(0, "dequeue", nil, n(1)), done(0, "dequeue", nil, nil))},
	{
		name: "a queue that was said to be empty", workload: "fifo-queue", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		says: "The queue was not empty at any moment of the dequeue that found nothing (line 3 to line 10). It held 1 from the end of the enqueue of 1 (line 1 to line 2) " +
			"until the dequeue of 1 (line 6 to line 7) at the least; then 2 from the end of the enqueue of 2 (line 4 to line 5), and nobody took it", events: record(
			done(0, "enqueue", n(1), n(1)), invoke(1, "dequeue", nil), done(0, "enqueue", n(2), n(2)), done(0, "dequeue", nil, n(1)), done(0, "enqueue", n(3), n(3)),
			ok(1, "dequeue", nil)),
	},
	{
		name: "an element from nowhere, in order", workload: "fifo-queue", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable", "unexpected"},
		says: "The queue gave 7 to the dequeue of 7 (line 1 to line 2). Nobody tried to enqueue it", events: record(done(0, "dequeue", nil, n(7))),
	},
	{
		name: "an element of an enqueue that failed, in order", workload: "fifo-queue", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable", "unexpected"},
		says: "The enqueue of it (line 1 to line 2) failed", events: record(invoke(0, "enqueue", n(1)), fail(0, "enqueue", n(1)), done(0, "dequeue", nil, n(1))),
	},
	{
		name: "an element before it is put in, in order", workload: "fifo-queue", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable", "unexpected"},
		says: "The enqueue of 1 (line 3 to line 4) had not begun", events: record(done(0, "dequeue", nil, n(1)), done(0, "enqueue", n(1), n(1))),
	},
	{
		name: "an element taken twice, in order", workload: "fifo-queue", verdict: harness.Unsafe, anomalies: []string{"duplicated", "nonlinearizable"},
		says: "The queue got 1 only once. The dequeue of 1 (line 3 to line 4) and the dequeue of 1 (line 5 to line 6) both took it", events: record(
			done(0, "enqueue", n(1), n(1)), done(0, "dequeue", nil, n(1)), done(0, "dequeue", nil, n(1))),
	},

	{name: "ids", workload: "unique-ids", verdict: harness.Safe, says: "2 ids", events: record(
		done(0, "generate", nil, "a"), done(0, "generate", nil, "b"), invoke(0, "generate", nil), info(0, "generate", nil))},
	{
		name: "an id given twice", workload: "unique-ids", verdict: harness.Unsafe, anomalies: []string{"duplicated"},
		says: "Id [1 2] was given on line 2, and again on line 4", events: record(done(0, "generate", nil, vec(n(1), n(2))), done(1, "generate", nil, vec(n(1), n(2)))),
	},
	{name: "one id", workload: "unique-ids", verdict: harness.Inconclusive, events: record(done(0, "generate", nil, "a"))},

	{name: "writes seen in their order", workload: "causal-reverse", verdict: harness.Safe, events: record(
		done(0, "write", n(1), n(1)), done(0, "write", n(2), n(2)), done(1, "read", nil, vec(n(1))), done(1, "read", nil, history.Set{n(1), n(2)}))},
	{
		name: "a write without the one before", workload: "causal-reverse", verdict: harness.Unsafe, anomalies: []string{"causal-reverse"},
		says: "The write of 1 was acknowledged on line 2. The write of 2 began after that, on line 3. The read of line 5 to line 6 found 2, but not 1", events: record(
			done(0, "write", n(1), n(1)), done(0, "write", n(2), n(2)), done(1, "read", nil, vec(n(2)))),
	},
	{name: "a write without one at the same time", workload: "causal-reverse", verdict: harness.Inconclusive, says: "nothing could have shown", events: record(
		invoke(2, "write", n(1)), invoke(0, "write", n(2)), ok(2, "write", n(1)), ok(0, "write", n(2)), done(1, "read", nil, vec(n(2))))},
	{name: "a write without one whose outcome is unknown", workload: "causal-reverse", verdict: harness.Inconclusive, events: record(
		invoke(2, "write", n(1)), info(2, "write", n(1)), done(0, "write", n(2), n(2)), done(1, "read", nil, vec(n(2))))},
	{
		name: "a write of unknown outcome that was found, and then not", workload: "causal-reverse", verdict: harness.Unsafe, anomalies: []string{"causal-reverse"},
		says: "The write of 1 was found by a read, which ended on line 4", events: record(
			invoke(2, "write", n(1)), info(2, "write", n(1)), done(1, "read", nil, vec(n(1))), done(0, "write", n(2), n(2)), done(1, "read", nil, vec(n(2)))),
	},
	{
		name: "a read of a write that failed", workload: "causal-reverse", verdict: harness.Unsafe, anomalies: []string{"G1a"}, events: record(
			invoke(0, "write", n(1)), fail(0, "write", n(1)), done(1, "read", nil, vec(n(1)))),
	},
	{name: "a read of what nobody wrote", workload: "causal-reverse", verdict: harness.Unsafe, anomalies: []string{"garbage-read"}, events: record(done(1, "read", nil, vec(n(1))))},
	{
		name: "a read of a write to come", workload: "causal-reverse", verdict: harness.Unsafe, anomalies: []string{"future-read"}, events: record(
			done(1, "read", nil, vec(n(1))), done(0, "write", n(1), n(1))),
	},
	{
		name: "tables under keys", workload: "causal-reverse", verdict: harness.Unsafe, anomalies: []string{"causal-reverse"}, says: "Key 8: The write of 1", events: record(
			done(0, "write", vec(n(8), n(1)), vec(n(8), n(1))), done(0, "write", vec(n(8), n(2)), vec(n(8), n(2))), done(0, "write", vec(n(9), n(3)), vec(n(9), n(3))),
			done(1, "read", vec(n(8), nil), vec(n(8), history.Set{n(2)}))),
	},

	{name: "one insert of two", workload: "adya-g2", verdict: harness.Safe, says: "1 key", events: record(
		invoke(0, "insert", vec(n(1), vec(nil, n(1)))), invoke(1, "insert", vec(n(1), vec(n(2), nil))), ok(0, "insert", vec(n(1), vec(nil, n(1)))),
		fail(1, "insert", vec(n(1), vec(n(2), nil))))},
	{
		name: "both inserts", workload: "adya-g2", verdict: harness.Unsafe, anomalies: []string{"G2"}, says: "Key 1: the inserts of line 3 and line 4 both", events: record(
			invoke(0, "insert", vec(n(1), vec(nil, n(1)))), invoke(1, "insert", vec(n(1), vec(n(2), nil))), ok(0, "insert", vec(n(1), vec(nil, n(1)))),
			ok(1, "insert", vec(n(1), vec(n(2), nil)))),
	},
	{name: "an insert of unknown outcome", workload: "adya-g2", verdict: harness.Safe, events: record(
		done(0, "insert", vec(n(1), vec(nil, n(1))), vec(n(1), vec(nil, n(1)))), invoke(1, "insert", vec(n(1), vec(n(2), nil))), info(1, "insert", vec(n(1), vec(n(2), nil))))},
	{name: "keys of one insert", workload: "adya-g2", verdict: harness.Inconclusive, events: record(
		done(0, "insert", vec(n(1), vec(nil, n(1))), vec(n(1), vec(nil, n(1)))), done(0, "insert", vec(n(2), vec(nil, n(1))), vec(n(2), vec(nil, n(1)))))},

	{
		name: "sets under keys", workload: "set", verdict: harness.Unsafe, anomalies: []string{"lost"}, says: "Key 1: Element 5 was added on line 2", events: record(
			done(0, "add", vec(n(1), n(5)), vec(n(1), n(5))), done(0, "add", vec(n(2), n(5)), vec(n(2), n(5))), done(0, "read", vec(n(1), nil), vec(n(1), vec())),
			done(0, "read", vec(n(2), nil), vec(n(2), vec(n(5))))),
	},
	{name: "counters under keys", workload: "counter", verdict: harness.Safe, says: "Key 1", events: record(
		done(0, "add", vec(n(1), n(5)), vec(n(1), n(5))), done(0, "add", vec(n(2), n(7)), vec(n(2), n(7))), done(0, "read", vec(n(1), nil), vec(n(1), n(5))))},
	{
		name: "an element whose addition failed", workload: "set", verdict: harness.Unsafe, anomalies: []string{"unexpected"}, says: "The addition of it failed (line 2)",
		events: record(invoke(0, "add", n(1)), fail(0, "add", n(1)), done(0, "read", nil, vec(n(1)))),
	},

	{
		name: "a long fork", workload: "long-fork", verdict: harness.Unsafe, anomalies: []string{"long-fork"},
		says: "The read of line 1 found 1 in key 0 and nothing in key 1. The read of line 2 found 1 in key 1 and nothing in key 0", events: record(
			ok(history.NoProcess, "read", reads(n(0), n(1), n(1), nil)), ok(history.NoProcess, "read", reads(n(1), n(1), n(0), nil))),
	},
	{name: "no fork", workload: "long-fork", verdict: harness.Safe, events: record(
		done(0, "txn", reads(n(0), nil, n(1), nil), reads(n(0), n(1), n(1), nil)), done(0, "txn", nilReads, reads(n(0), n(1), n(1), n(1))))},
	{name: "a key written twice", workload: "long-fork", verdict: harness.Inconclusive, says: "written twice", events: record(
		done(0, "write", vec(vec(history.Keyword("w"), n(0), n(1))), vec(vec(history.Keyword("w"), n(0), n(1)))),
		invoke(0, "write", vec(vec(history.Keyword("w"), n(0), n(2)))))},
	{name: "a key with two values", workload: "long-fork", verdict: harness.Inconclusive, says: "two values", events: record(
		ok(0, "read", reads(n(0), n(1), n(1), nil)), ok(0, "read", reads(n(0), n(2), n(1), n(2))))},

	{name: "a register", workload: "cas-register", verdict: harness.Safe, events: record(
		done(0, "write", n(0), n(0)), invoke(1, "cas", vec(n(0), n(4))), done(0, "read", nil, n(4)), ok(1, "cas", vec(n(0), n(4))))},
	{
		name: "a read that nothing explains", workload: "cas-register", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		says: "The register could only hold 0 or 4 from line 3 to line 5. The read that ended there found 3", events: record(
			done(0, "write", n(0), n(0)), invoke(1, "read", nil), invoke(2, "write", n(4)), ok(1, "read", n(3)), ok(2, "write", n(4))),
	},
	{
		name: "a stale read", workload: "cas-register", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		says: "The register could only hold 2 from line 5 to line 6. The read that ended there found 1", events: record(
			done(0, "write", n(1), n(1)), done(0, "write", n(2), n(2)), done(0, "read", nil, n(1))),
	},
	{
		name: "a stale read after two writes at once", workload: "cas-register", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		says: "The register held each of two values before the other. The ", events: record(
			invoke(0, "write", n(1)), invoke(1, "write", n(2)), ok(0, "write", n(1)), ok(1, "write", n(2)),
			done(0, "read", nil, n(1)), done(0, "read", nil, n(2)), done(0, "read", nil, n(1))),
	},
	{
		name: "a read of a failed write", workload: "cas-register", verdict: harness.Unsafe, anomalies: []string{"G1a", "nonlinearizable"},
		says: "The write of 1 (line 1 to line 2) failed", events: record(
			invoke(0, "write", n(1)), fail(0, "write", n(1)), done(0, "read", nil, n(1))),
	},
	{
		name: "a read of what comes", workload: "cas-register", verdict: harness.Unsafe, anomalies: []string{"future-read", "nonlinearizable"},
		events: record(done(0, "read", nil, n(1)), done(0, "write", n(1), n(1))),
	},
	{
		name: "two swaps of one value", workload: "cas-register", verdict: harness.Unsafe, anomalies: []string{"lost-update", "nonlinearizable"},
		says: "The register was set to 1 only once. The cas from 1 to 2 (line 3 to line 4) and the cas from 1 to 3 (line 5 to line 6) both swapped that away", events: record(done(0, "write", n(1), n(1)), done(0, "cas", vec(n(1), n(2)), vec(n(1), n(2))),
			done(0, "cas", vec(n(1), n(3)), vec(n(1), n(3)))),
	},
	{name: "a write that was never answered, found late", workload: "cas-register", verdict: harness.Safe, events: record(
		invoke(1, "write", n(1)), info(1, "write", n(1)), done(0, "write", n(2), n(2)), done(0, "read", nil, n(1)))},
	{
		name: "two keys", workload: "cas-register", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		says: "Register 8 could only hold nil", events: record(
			done(0, "write", vec(n(7), n(1)), vec(n(7), n(1))),
			done(0, "read", vec(n(8), nil), history.Tagged{Tag: "jepsen.independent.Tuple", Value: vec(n(8), n(1))})),
	},

	{name: "registers written together", workload: "multi-register", verdict: harness.Safe, says: "3 operations on 1 multi-register", events: record(
		done(0, "txn", txn("write", "x", n(1), "write", "y", n(1)), txn("write", "x", n(1), "write", "y", n(1))), invoke(1, "txn", txn("write", "x", n(2))),
		done(0, "txn", txn("read", "x", nil, "read", "y", nil), txn("read", "x", n(2), "read", "y", n(1))), ok(1, "txn", txn("write", "x", n(2))))},
	{
		name: "registers of which one is old", workload: "multi-register", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		says: `The multi-register fits an order of the operations up to line 4 without the transaction [[:r "x" 1] [:r "y" nil]] (line 3 to line 4), and no order with it`,
		events: record(done(0, "txn", txn("w", "x", n(1), "w", "y", n(1)), txn("w", "x", n(1), "w", "y", n(1))),
			done(0, "txn", txn("r", "x", nil, "r", "y", nil), txn("r", "x", n(1), "r", "y", nil))),
	},
	{
		name: "registers of which a transaction of unknown outcome wrote half", workload: "multi-register", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		events: record(invoke(1, "txn", txn("w", "x", n(1), "w", "y", n(1))), info(1, "txn", txn("w", "x", n(1), "w", "y", n(1))),
			done(0, "txn", txn("r", "x", nil, "r", "y", nil), txn("r", "x", n(1), "r", "y", nil))),
	},
	{name: "registers that a transaction of unknown outcome wrote late", workload: "multi-register", verdict: harness.Safe, events: record(
		invoke(1, "txn", txn("w", "x", n(1))), info(1, "txn", txn("w", "x", n(1))), done(0, "txn", txn("r", "x", nil), txn("r", "x", nil)),
		done(0, "txn", txn("r", "x", nil), txn("r", "x", n(1))))},
	{
		name: "registers written by a transaction that failed", workload: "multi-register", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		events: record(invoke(1, "txn", txn("w", "x", n(1))), fail(1, "txn", txn("w", "x", n(1))), done(0, "txn", txn("r", "x", nil), txn("r", "x", n(1)))),
	},
	{name: "registers that begin with 0", workload: "multi-register", verdict: harness.Safe, opt: RecordedOptions{Initial: n(0)}, events: record(
		done(0, "txn", txn("r", "x", nil), txn("r", "x", n(0))))},
	{
		name: "multi-registers under keys", workload: "multi-register", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"}, says: "Key 8: The multi-register",
		events: record(done(0, "txn", vec(n(7), txn("w", "x", n(1))), vec(n(7), txn("w", "x", n(1)))), done(0, "txn", vec(n(8), txn("r", "x", nil)), vec(n(8), txn("r", "x", n(1))))),
	},

	{name: "texts", workload: "kv", verdict: harness.Safe, says: "on 2 keys", events: record(
		done(0, "get", vec("a", nil), vec("a", "")), done(0, "put", vec("a", "x"), vec("a", "x")), invoke(1, "append", vec("a", "y")),
		done(0, "get", vec("a", nil), vec("a", "xy")), ok(1, "append", vec("a", "y")), done(0, "append", vec("b", "z"), vec("b", "z")))},
	{
		name: "an append that is lost", workload: "kv", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		says: `Key "a" fits an order of the operations up to line 6 without the get of "y" (line 5 to line 6)`, events: record(
			done(0, "append", vec("a", "x"), vec("a", "x")), done(1, "append", vec("a", "y"), vec("a", "y")), done(0, "get", vec("a", nil), vec("a", "y"))),
	},
	{name: "an append of unknown outcome that comes late", workload: "kv", verdict: harness.Safe, events: record(
		invoke(1, "append", vec("a", "x")), info(1, "append", vec("a", "x")), done(0, "get", vec("a", nil), vec("a", "")), done(0, "get", vec("a", nil), vec("a", "x")))},
	{
		name: "an append that failed", workload: "kv", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"}, events: record(
			invoke(1, "append", vec("a", "x")), fail(1, "append", vec("a", "x")), done(0, "get", vec("a", nil), vec("a", "x"))),
	},

	{name: "a mutex", workload: "mutex", verdict: harness.Safe, events: record(
		done(0, "acquire", nil, nil), invoke(1, "acquire", nil), done(0, "release", nil, nil), ok(1, "acquire", nil))},
	{
		name: "a mutex held twice", workload: "mutex", verdict: harness.Unsafe, anomalies: []string{"nonlinearizable"},
		says: "The mutex fits an order of the operations up to line 4 without the acquisition (line 3 to line 4), and no order with it", events: record(
			done(0, "acquire", nil, nil), done(1, "acquire", nil, nil)),
	},
	{name: "a mutex that an unknown release may have freed", workload: "mutex", verdict: harness.Safe, events: record(
		done(0, "acquire", nil, nil), invoke(0, "release", nil), done(1, "acquire", nil, nil))},

	{name: "nothing", workload: "mutex", verdict: harness.Inconclusive, says: "no operations"},
	{name: "nothing known", workload: "cas-register", verdict: harness.Inconclusive, says: "no operation is known to have happened", events: record(
		invoke(0, "write", n(1)), info(0, "write", n(1)), invoke(1, "cas", vec(n(1), n(2))), fail(1, "cas", vec(n(1), n(2))))},
}

var nilReads = reads(n(0), nil, n(1), nil)

func transfer() history.Map {
	return history.Map{{Key: history.Keyword("from"), Value: n(0)}, {Key: history.Keyword("to"), Value: n(1)}, {Key: history.Keyword("amount"), Value: n(1)}}
}

func TestRecorded(t *testing.T) {
	for _, r := range recordings {
		t.Run(r.workload+"/"+r.name, func(t *testing.T) {
			v, err := Recorded(t.Context(), r.workload, r.events, r.opt)
			if err != nil || v.Verdict != r.verdict || !cmp.Equal(v.Anomalies, r.anomalies) {
				t.Fatalf("found %+v, %v; want %s %v", v, err, r.verdict, r.anomalies)
			}
			if all := fmt.Sprint(v.Cases, v.Reason); v.Reason == "" || !strings.Contains(all, r.says) {
				t.Errorf("it says %q, want %q in it", all, r.says)
			}
		})
	}
}

// TestShapes: what is not of the workload is an error that says where, and what was expected.
func TestShapes(t *testing.T) {
	for _, c := range []struct {
		workload string
		events   []history.Event
		line     int
		says     string
	}{
		{"bank", record(done(0, "read", nil, n(7))), 2, "map of accounts"},
		{"bank", record(done(0, "read", nil, accounts("ten"))), 2, `whole number, found "ten"`},
		{"bank", record(done(0, "read", nil, accounts(n(1<<62), n(1<<62)))), 2, "64 bits"},
		{"bank", record(invoke(0, "transfer", n(7))), 1, ":amount"},
		{"bank", record(invoke(0, "write", n(7))), 1, `found "write"`},
		{"set", record(done(0, "read", nil, n(7))), 2, "set or vector"},
		{"set-full", record(done(0, "read", nil, n(7))), 2, "set or vector"},
		{"counter", record(done(0, "read", nil, nil)), 2, "whole number"},
		{"counter", record(done(0, "add", n(-1), n(-1))), 1, "found -1"},
		{"long-fork", record(invoke(0, "read", vec(vec(history.Keyword("append"), n(1), n(2))))), 1, "[:w key value]"},
		{"long-fork", record(invoke(0, "read", n(1))), 1, "[:w key value]"},
		{"cas-register", record(done(0, "cas", n(1), n(1))), 2, "[from to]"},
		{"cas-register", record(done(0, "write", n(1), n(1)), done(1, "read", nil, history.Set{n(1)})), 4, "not judged as registers"},
		{"cas-register", record(done(0, "read", vec(n(1), nil), n(3))), 2, "[key value]"},
		{"queue", record(done(0, "drain", nil, n(7))), 2, "collection of the elements"},
		{"unique-ids", record(done(0, "generate", nil, nil)), 2, "the id that was given"},
		{"causal-reverse", record(done(0, "read", nil, n(7))), 2, "set or vector"},
		{"adya-g2", record(done(0, "insert", n(7), n(7))), 1, "[key [a b]]"},
		{"multi-register", record(done(0, "txn", n(7), n(7))), 2, "[[:read key value]"},
		{"multi-register", record(done(0, "txn", txn("append", n(7), n(8)), txn("append", n(7), n(8)))), 2, "[[:read key value]"},
		{"kv", record(done(0, "put", "a", n(7))), 2, "a text, found 7"},
		{"mutex", record(ok(0, "acquire", nil)), 1, "an invocation of the acquire"},
		{"mutex", record(invoke(0, "acquire", nil), invoke(0, "release", nil)), 2, "process 0 to end its operation of line 1"},
	} {
		_, err := Recorded(t.Context(), c.workload, c.events, RecordedOptions{})
		var shape *ShapeError
		if !errors.As(err, &shape) || shape.Line != c.line || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want an error of line %d with %q", c.workload, err, c.line, c.says)
		}
	}
	if _, err := Recorded(t.Context(), "comments", nil, RecordedOptions{}); err == nil || !strings.Contains(err.Error(), "cas-register") {
		t.Errorf("comments: %v", err)
	}
}
