package anomaly

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// Result is what a history shows.
type Result struct {
	Model          string          // what was asked for
	Verdict        harness.Verdict // Unsafe if an anomaly was found that the model forbids; Inconclusive if nothing could have shown
	Anomalies      []string        // those that the model forbids, by name, sorted
	Not            []string        // the weakest models that are ruled out, sorted; empty if safe
	AlsoNot        []string        // all others that are ruled out with them
	ConsistentWith []string        // the strongest models that nothing found rules out, whatever was asked for
	Witnesses      []Witness       // for each of the anomalies its first or shortest cases
	Reason         string          // the verdict in a sentence
	Committed      int             // transactions acknowledged
}

// Witness shows one anomaly.
type Witness struct {
	Anomaly string
	Text    string // in words, several lines for a cycle
	Cycle   *Cycle // if it is one
}

// Cycle is a witness that goes round: step i leads from transaction i to the next, and the last one back to the first. The
// texts call them A, B, C, …
type Cycle struct {
	Names []string `json:"names"` // what it is called, in the history and here: T7 (process 1)
	Texts []string `json:"texts"` // what it did
	Kinds []string `json:"kinds"` // of the step from here: ww, wr, rw, process, realtime
	Whys  []string `json:"whys"`  // the step in words, with the values that prove it
	Spans []Span   `json:"spans"` // when it was
	// Omitted is how many transactions of a long cycle are left out in its middle; 0: none.
	Omitted int `json:"omitted,omitempty"`
}

// Span is when a transaction was, in the events of its history: positions in the file, or of lastseat's own operations, nanoseconds.
type Span struct {
	Process int   `json:"process"`
	From    int64 `json:"from"`
	To      int64 `json:"to"` // -1: the history does not have its end
}

// Judge looks for all that the model forbids, and for what else shows. model is a name that ParseModel takes; empty means
// strict serializable. Orders between transactions are taken from real time where the model or a weaker one speaks of it, else
// from processes where it speaks of sessions, as Elle does.
func Judge(t *history.Transactions, model string) (*Result, error) {
	return judge(t, model, false)
}

// JudgeChains is Judge for histories of lastseat's own: see registers.
func JudgeChains(t *history.Transactions, model string) (*Result, error) {
	return judge(t, model, true)
}

func judge(t *history.Transactions, model string, chains bool) (*Result, error) {
	name, err := ParseModel(model)
	if err != nil {
		return nil, err
	}
	x := newIndex(t)
	var parts []*inferred
	switch t.Kind {
	case history.Lists:
		parts = lists(x)
	case history.Registers:
		parts = registers(x, chains)
	case history.Sets:
		parts = sets(x)
	}
	parts = append(parts, within(x, chains)...)
	all, edges := gather(int32(t.Len()), parts)
	r := &Result{Model: name}
	for _, o := range t.Outcome {
		if o == harness.OK {
			r.Committed++
		}
	}
	if all.unjudgeable != "" {
		r.Verdict, r.Reason = harness.Inconclusive, all.unjudgeable
		return r, nil
	}
	l := newLattice()
	order := l.order(name)
	var when *times
	switch order {
	case process:
		edges = append(edges, sessions(t))
	case realtime:
		when = timesOf(t)
	}
	r.conclude(x, &all, edges, order, when, l)
	return r, nil
}

// order is the kind of order between transactions that the model speaks of.
func (l *lattice) order(name string) edgeKind {
	switch {
	case l.forbiddenBy(name, "G0-realtime"):
		return realtime
	case l.forbiddenBy(name, "G0-process"):
		return process
	}
	return 0
}

// teller puts a graph's nodes and edges into words.
type explainer interface {
	name(txn int32) string
	describe(txn int32) string
	span(txn int32) Span
	// ended reports whether the history has the operation's end, be it that nobody knows what came of it.
	ended(txn int32) bool
	// why says why from comes before to, which are called a and b.
	why(from, to int32, kind edgeKind, a, b string) string
}

// conclude names the cycles of the edges, and weighs them with what was found without. when is there if real time counts.
func (r *Result) conclude(say explainer, in *inferred, edges [][]edge, order edgeKind, when *times, l *lattice) {
	s := searcher{order: order, when: when, clocks: in.txns + in.helpers}
	nodes := s.clocks
	if when != nil {
		more, helpers := when.clock(nodes)
		edges = append(edges, more)
		nodes += helpers
	}
	g := newGraph(in.txns, nodes, edges...)
	// What only leads to operations that never ended can go no further, so it cannot be part of anything.
	empty := !slices.ContainsFunc(g.to, func(v int32) bool { return v < g.txns && say.ended(v) })
	hits, hidden := s.search(g)
	names := in.names()
	for _, h := range hits {
		if !slices.Contains(names, h.name) {
			names = append(names, h.name)
		}
	}
	// Models that are ruled out by cycles which could not be told as one kind or the other, the weakest first.
	for _, m := range models() {
		if slices.Contains(hidden, m.name) && !l.ruledOut(names)[m.name] {
			names = append(names, l.cycleExists(m.name))
		}
	}
	_, _, r.ConsistentWith = Boundary(names)
	for _, n := range names {
		if l.forbiddenBy(r.Model, n) {
			r.Anomalies = append(r.Anomalies, n)
		}
	}
	slices.Sort(r.Anomalies)
	r.witness(say, in, hits)
	switch {
	case len(r.Anomalies) > 0:
		r.Verdict = harness.Unsafe
		r.Not, r.AlsoNot, _ = Boundary(names)
		r.Reason = "found " + strings.Join(r.Anomalies, ", ") + ", which rules out " + strings.Join(r.Not, ", ")
	case r.Committed == 0:
		r.Verdict, r.Reason = harness.Inconclusive, "no transaction was acknowledged"
	case empty:
		r.Not, r.AlsoNot, _ = Boundary(names)
		r.Verdict, r.Reason = harness.Inconclusive, "no two transactions have anything to do with each other"
	default:
		r.Verdict, r.Reason = harness.Safe, fmt.Sprintf("nothing in %d transactions contradicts %s", r.Committed, r.Model)
	}
	if empty {
		r.Anomalies = append(r.Anomalies, EmptyGraph)
		slices.Sort(r.Anomalies)
	}
}

// witness keeps what shows the anomalies: of each the first cases, and of cycles the shortest ones.
func (r *Result) witness(say explainer, in *inferred, hits []hit) {
	slices.SortStableFunc(hits, func(a, b hit) int { return len(a.cycle.txns) - len(b.cycle.txns) })
	for _, name := range r.Anomalies {
		for _, text := range in.texts[name] {
			r.Witnesses = append(r.Witnesses, Witness{Anomaly: name, Text: text})
		}
		shown := 0
		for _, h := range hits {
			if h.name == name && shown < maxTexts {
				shown++
				c := explain(say, h.cycle)
				r.Witnesses = append(r.Witnesses, Witness{Anomaly: name, Text: c.text(), Cycle: c})
			}
		}
	}
}
