package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/linear"
)

// RecordedOptions say how Recorded judges. The zero value means the defaults.
type RecordedOptions struct {
	Total        *int64        // bank: what all accounts hold together; nil: what the first read found
	Negative     bool          // bank: accounts may be overdrawn
	Linearizable bool          // set-full: there must be an order of additions and reads; an element that a read misses for a while is a violation, too
	Limits       linear.Limits // cas-register, multi-register, kv, mutex
	Initial      any           // cas-register, multi-register: what a register holds at first, as history.Event has values
}

// RecordedVerdict is what Recorded found.
type RecordedVerdict struct {
	Verdict    harness.Verdict // Safe, Unsafe or Inconclusive
	Anomalies  []string        // the names of what was found, sorted
	Cases      []Case          // the first of each; at most harness.MaxTexts an anomaly
	Reason     string          // one sentence: what was found, what was held against what, or why there is no verdict
	Operations int             // how many operations clients began
}

// Case shows an anomaly in plain words, with lines and values.
type Case struct{ Anomaly, Text string }

// ShapeError says where a recorded history is not one of its workload.
type ShapeError struct {
	Line int // from 1
	Err  error
}

func (e *ShapeError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

func (e *ShapeError) Unwrap() error { return e.Err }

// recordedWorkload is how histories of a workload are judged.
type recordedWorkload struct {
	name      string
	functions []string // what its operations are called
	judge     func(r *recording) error
	// keys reports whether a history is of many keys, each of which is judged by itself; nil: it is of one, or judge looks itself.
	keys func(r *recording) bool
}

// recordedWorkloads are the workloads of recorded histories that are judged by rules of their own, not by dependencies
// between transactions. A new one is a file and a line here.
var recordedWorkloads = []recordedWorkload{
	{name: "bank", functions: []string{"read", "transfer"}, judge: judgeBank},
	{name: "set", functions: []string{"add", "read"}, judge: judgeSet, keys: (*recording).independentSets},
	{name: "set-full", functions: []string{"add", "read"}, judge: judgeSetFull, keys: (*recording).independentSets},
	{name: "counter", functions: []string{"add", "read"}, judge: judgeCounter, keys: (*recording).independent},
	{name: "queue", functions: []string{"enqueue", "dequeue", "drain"}, judge: judgeQueue, keys: (*recording).independent},
	{name: "total-queue", functions: []string{"enqueue", "dequeue", "drain"}, judge: judgeTotalQueue, keys: (*recording).independent},
	{name: "fifo-queue", functions: []string{"enqueue", "dequeue"}, judge: judgeFIFOQueue},
	{name: "unique-ids", functions: []string{"generate"}, judge: judgeUniqueIDs},
	{name: "long-fork", functions: []string{"read", "write", "txn", ""}, judge: judgeLongFork, keys: (*recording).independentTxns},
	{name: "causal-reverse", functions: []string{"read", "write"}, judge: judgeCausalReverse, keys: (*recording).independentSets},
	{name: "adya-g2", functions: []string{"insert"}, judge: judgeAdyaG2},
	{name: "cas-register", functions: []string{"read", "write", "cas"}, judge: judgeRegister},
	{name: "multi-register", functions: []string{"txn", "read", "write", ""}, judge: judgeMultiRegister, keys: (*recording).independentTxns},
	{name: "kv", functions: []string{"get", "put", "append"}, judge: judgeKV},
	{name: "mutex", functions: []string{"acquire", "release"}, judge: judgeMutex},
}

// RecordedWorkloads are the names that Recorded knows.
func RecordedWorkloads() []string {
	var names []string
	for _, w := range recordedWorkloads {
		names = append(names, w.name)
	}
	return names
}

// Recorded judges a history that another tool recorded, by the rules of the workload that it ran. The error is a *ShapeError
// where an event is none of that workload's.
func Recorded(ctx context.Context, workload string, events []history.Event, opt RecordedOptions) (RecordedVerdict, error) {
	for _, w := range recordedWorkloads {
		if w.name == workload {
			r := &recording{ctx: ctx, opt: opt, functions: w.functions, texts: map[string][]string{}}
			return r.verdict(events, &w)
		}
	}
	return RecordedVerdict{}, fmt.Errorf("workload %q is not judged: expected one of %s", workload, strings.Join(RecordedWorkloads(), ", "))
}

// recording is a history under judgement.
type recording struct {
	ctx       context.Context
	opt       RecordedOptions
	functions []string

	events  []history.Event // those of clients
	byIndex bool            // several events share a line: they are named by their index
	texts   map[string][]string
	unsure  string // why there may be no verdict
	summary string // what was held against what
}

func (r *recording) verdict(events []history.Event, w *recordedWorkload) (RecordedVerdict, error) {
	v := RecordedVerdict{Verdict: harness.Inconclusive}
	oks := 0
	if err := r.keep(events); err != nil {
		return RecordedVerdict{}, err
	}
	for i := range r.events {
		switch r.events[i].Type {
		case history.Invoke:
			v.Operations++
		case history.OK:
			oks++
		}
	}
	v.Operations = max(v.Operations, oks)
	judge := w.judge
	if w.keys != nil && w.keys(r) {
		judge = func(r *recording) error { return r.perKey(w.judge) }
	}
	if err := judge(r); err != nil {
		return RecordedVerdict{}, err
	}
	for name := range r.texts {
		v.Anomalies = append(v.Anomalies, name)
	}
	slices.Sort(v.Anomalies)
	for _, name := range v.Anomalies {
		for _, text := range r.texts[name] {
			v.Cases = append(v.Cases, Case{name, text})
		}
	}
	switch {
	case len(v.Anomalies) > 0:
		v.Verdict, v.Reason = harness.Unsafe, v.Cases[0].Text
	case len(r.events) == 0:
		v.Reason = "the history has no operations"
	case oks == 0:
		v.Reason = "no operation is known to have happened"
	case r.unsure != "":
		v.Reason = r.unsure
	default:
		v.Verdict, v.Reason = harness.Safe, r.summary
	}
	return v, nil
}

// keep takes the clients' events. What a nemesis did is no client's operation: it has no process number, and no outcome.
func (r *recording) keep(events []history.Event) error {
	foreign := func(e history.Event) bool { return !slices.Contains(r.functions, e.F) }
	r.events = events
	if slices.ContainsFunc(events, foreign) {
		r.events = nil
		for i := range events {
			e := &events[i]
			switch {
			case !foreign(*e):
				r.events = append(r.events, *e)
			case e.Process != history.NoProcess || e.Type != history.Info:
				return shapeError(e, "expected :f to be one of %s, found %q", strings.Join(r.functions, ", "), e.F)
			}
		}
	}
	for i := 1; i < len(r.events) && !r.byIndex; i++ {
		r.byIndex = r.events[i].Line == r.events[i-1].Line
	}
	return nil
}

func shapeError(e *history.Event, format string, args ...any) error {
	return &ShapeError{e.Line, fmt.Errorf(format, args...)}
}

// found notes an anomaly, and keeps text() if it is among the first of its name.
func (r *recording) found(anomaly string, text func() string) {
	texts, known := r.texts[anomaly]
	if !known || len(texts) < harness.MaxTexts {
		r.texts[anomaly] = append(texts, text())
	}
}

// place is where an event stands: "line 11".
func (r *recording) place(event int32) string {
	e := &r.events[event]
	if r.byIndex {
		return fmt.Sprintf("index %d", e.Index)
	}
	return fmt.Sprintf("line %d", e.Line)
}
