package anomaly

import (
	"context"
	"fmt"
	"maps"
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
	ConsistentWith []string        // the strongest models that were decided to hold, whatever was asked for
	Undecided      []string        // models that were neither ruled out nor decided to hold
	Witnesses      []Witness       // for each of the anomalies its first or shortest cases
	Reason         string          // the verdict in a sentence
	Committed      int             // transactions acknowledged
}

// Empty reports whether nothing could have shown: no transaction was acknowledged, or no two have anything to do with each other.
func (r *Result) Empty() bool { return r.Committed == 0 || slices.Contains(r.Anomalies, EmptyGraph) }

// Witness shows one anomaly.
type Witness struct {
	Anomaly string
	Key     string // of many that are judged each by itself; empty: there is one history
	Text    string // in words, several lines for a cycle
	Cycle   *Cycle // if it is one
	// Timeline are the operations, where single ones and no transactions show it.
	Timeline *Timeline
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
// from processes where it speaks of sessions, as Elle does. It ends early, with the context's error, once nobody waits for it any more.
func Judge(ctx context.Context, t *history.Transactions, model string) (*Result, error) {
	return judge(ctx, t, model, false)
}

// JudgeChains is Judge for histories of lastseat's own: see registers.
func JudgeChains(ctx context.Context, t *history.Transactions, model string) (*Result, error) {
	return judge(ctx, t, model, true)
}

func judge(ctx context.Context, t *history.Transactions, model string, chains bool) (*Result, error) {
	name, err := ParseModel(model)
	if err != nil {
		return nil, err
	}
	x := newIndex(t)
	parts := slices.Concat(lists(x), registers(x, chains), sets(x), within(x))
	if err := ended(ctx); err != nil {
		return nil, err
	}
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
	c := &conclusion{Result: r, say: x, in: &all, ended: ctx.Done(), standing: standing{l: newLattice()}, edges: edges, when: timesOf(t), sessions: func() []edge { return sessions(t) }}
	c.order = c.l.order(name)
	c.ordered = !t.Holds(history.Registers) || chains && !all.blind
	c.decide = func() { decide(c, x) }
	c.unseen = func() bool { return unseen(x) }
	c.conclude()
	if err := ended(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// ended is why there is no judgement, if nobody waits for it any more.
func ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("not judged: %w", err)
	}
	return nil
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

// conclusion is how a Result comes about.
type conclusion struct {
	*Result
	standing
	say      explainer
	in       *inferred
	edges    [][]edge
	order    edgeKind
	when     *times
	sessions func() []edge
	ordered  bool        // the order of all versions is known, so that cycles decide
	unseen   func() bool // but for what nobody saw, which matters to snapshots
	decide   func()      // looks for orders where cycles do not decide; may be nil
	more     []Witness
	ended    <-chan struct{}   // nobody waits for the result any more once it is closed; nil: that does not happen
	open     map[string]string // by model: why it is undecided
}

// over reports whether nobody waits for the result any more.
func (c *conclusion) over() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// conclude names the cycles of the edges, weighs them with what was found without, and decides what they do not.
func (c *conclusion) conclude() {
	r := c.Result
	hits, empty := c.cycles(c.order)
	c.names = appendNew(c.in.names(), hits)
	c.names = append(c.names, c.hidden(hits)...)
	c.nowhere()
	c.settle(c.order)
	if c.decide != nil {
		c.decide()
	}
	c.tell(r)
	c.forbidden()
	r.witness(c.say, c.in, hits.found, c.more)
	c.verdict(empty)
}

// forbidden notes which anomalies the model forbids, and what these and those that it allows rule out. If it forbids none, what refuted it
// otherwise is told as one.
func (c *conclusion) forbidden() {
	r := c.Result
	for _, n := range c.names {
		if c.l.forbiddenBy(r.Model, n) {
			r.Anomalies = append(r.Anomalies, n)
		}
	}
	r.Not, _, _ = Boundary(c.names)
	if len(r.Anomalies) == 0 {
		r.Anomalies = c.weakest()
		r.Not, _, _ = Boundary(slices.Concat(c.names, r.Anomalies))
	}
	slices.Sort(r.Anomalies)
	for _, m := range slices.Sorted(maps.Keys(c.out())) {
		if !slices.Contains(r.Not, m) {
			r.AlsoNot = append(r.AlsoNot, m)
		}
	}
}

// weakest are, of what refuted models, those that the model that was asked for forbids, but for what says more than another of them.
func (c *conclusion) weakest() (names []string) {
	of := map[string]string{} // by name: the model
	for m := range c.l.all {
		of[c.l.cycleExists(m)], of[c.l.cycleExists(m)+sessionSuffix] = m, m
	}
	for _, n := range c.refuted {
		if c.l.forbiddenBy(c.Model, n) {
			names = append(names, n)
		}
	}
	all := slices.Clone(names)
	return slices.DeleteFunc(names, func(n string) bool {
		below := reach([]string{of[n]}, c.l.weaker)
		return slices.ContainsFunc(all, func(o string) bool { return of[o] != of[n] && below[of[o]] })
	})
}

// verdict is what follows for the model that was asked for.
func (c *conclusion) verdict(empty bool) {
	r := c.Result
	switch {
	case len(r.Anomalies) > 0:
		r.Verdict = harness.Unsafe
		r.Reason = "found " + strings.Join(r.Anomalies, ", ") + ", which rules out " + strings.Join(r.Not, ", ")
	case r.Committed == 0:
		r.Not, r.AlsoNot = nil, nil
		r.Verdict, r.Reason = harness.Inconclusive, "no transaction was acknowledged"
	case empty:
		r.Verdict, r.Reason = harness.Inconclusive, "no two transactions have anything to do with each other"
	case slices.Contains(r.Undecided, r.Model):
		why := c.open[r.Model]
		if why == "" {
			why = "lastseat decides this model only where a stronger one holds"
		}
		r.Verdict = harness.Inconclusive
		r.Reason = fmt.Sprintf("nothing was found in %s that %s forbids, but whether it holds could not be decided: %s", r.committed(), r.Model, why)
	default:
		r.Not, r.AlsoNot = nil, nil
		r.Verdict, r.Reason = harness.Safe, fmt.Sprintf("nothing in %s contradicts %s", r.committed(), r.Model)
	}
	if empty {
		r.Anomalies = append(r.Anomalies, EmptyGraph)
		slices.Sort(r.Anomalies)
	}
}

// committed is how many transactions were acknowledged, in words.
func (r *Result) committed() string {
	if r.Committed == 1 {
		return "1 transaction"
	}
	return fmt.Sprintf("%d transactions", r.Committed)
}

// searched is what a search for cycles found.
type searched struct {
	found []hit
	rules []string // models that are ruled out by cycles which could not be told as one kind or the other
}

// cycles looks for those of the edges and of an order. empty reports that no two transactions that ended have anything to do with
// each other: what only leads to operations that never ended can go no further, so it cannot be part of anything.
func (c *conclusion) cycles(order edgeKind) (s searched, empty bool) {
	if c.over() {
		return s, false
	}
	search := searcher{order: order, few: fewEnough, clocks: c.in.txns + c.in.helpers}
	nodes, edges := search.clocks, slices.Clone(c.edges)
	switch order {
	case process:
		edges = append(edges, c.sessions())
	case realtime:
		search.when = c.when
		more, helpers := c.when.clock(nodes)
		edges = append(edges, more...)
		nodes += helpers
	}
	g := newGraph(c.in.txns, nodes, edges...)
	empty = !slices.ContainsFunc(g.to, func(v int32) bool { return v < g.txns && c.say.ended(v) })
	s.found, s.rules = search.search(g)
	return s, empty
}

// appendNew are the names with those of the cycles.
func appendNew(names []string, s searched) []string {
	for _, h := range s.found {
		if !slices.Contains(names, h.name) {
			names = append(names, h.name)
		}
	}
	return names
}

// hidden are names for models that are ruled out by cycles which could not be told as one kind or the other, the weakest first.
func (c *conclusion) hidden(s searched) (names []string) {
	for _, m := range models() {
		if slices.Contains(s.rules, m.name) && !c.l.ruledOut(slices.Concat(c.names, names))[m.name] {
			names = append(names, c.l.cycleExists(m.name))
		}
	}
	return names
}

// nowhere rules out even read-uncommitted where a read found what nobody had written by then: no model has that. Elle knows no weaker model
// for a list's future read than read-committed.
func (c *conclusion) nowhere() {
	for _, name := range []string{GarbageRead, FutureRead} {
		if name == FutureRead && !c.in.early || c.in.count[name] == 0 {
			continue
		}
		const weakest = "read-uncommitted"
		if !c.out()[weakest] {
			c.refuted = append(c.refuted, c.l.cycleExists(weakest))
		}
		for _, text := range c.in.texts[name] {
			c.more = append(c.more, Witness{Anomaly: c.l.cycleExists(weakest), Text: text})
		}
	}
}

// costly is from how many transactions on cycles are not looked for in an order that the model does not speak of, unless that is needed.
const costly = 200_000

// witness keeps what shows the anomalies: of each the first cases, and of cycles the shortest ones.
func (r *Result) witness(say explainer, in *inferred, hits []hit, more []Witness) {
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
		for _, w := range more {
			if w.Anomaly == name {
				r.Witnesses = append(r.Witnesses, w)
			}
		}
	}
}
