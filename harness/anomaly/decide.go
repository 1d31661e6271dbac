package anomaly

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/anomaly/polygraph"
	"github.com/lastseat/lastseat/harness/history"
)

// decider decides models for which cycles of known edges do not suffice, by looking for an order.
type decider struct {
	*conclusion
	x      *index
	puzzle *puzzle
	limits polygraph.Limits
}

// decide decides the model that was asked for, and then, as far as that costs little, all others that an order decides. Where reads
// contradict what each transaction did by itself, there is none.
func decide(c *conclusion, x *index) {
	d := decider{conclusion: c, x: x, limits: polygraph.DefaultLimits()}
	d.limits.Ended = c.ended
	c.open = map[string]string{}
	all := decisions(x.t.Holds(history.Lists), x.t.Holds(history.Registers))
	if c.in.twice {
		all = append(all, committed()...)
	}
	all = slices.DeleteFunc(all, func(m decided) bool { return c.known(m.model) })
	asked := c.Model
	if asked == repeatableRead && !c.known("serializable") {
		asked = "serializable" // which decides both
	}
	if len(all) == 0 || x.t.Holds(history.Sets) || c.known(asked) && arranging*int64(len(x.t.Ops)) > forOthers/10 {
		return
	}
	d.puzzle = newPuzzle(x, false)
	if d.puzzle.contradiction != "" {
		c.names = append(c.names, unexplained)
		c.more = append(c.more, Witness{Anomaly: unexplained, Text: d.puzzle.contradiction})
		return
	}
	if i := slices.IndexFunc(all, func(m decided) bool { return m.model == asked }); i >= 0 {
		d.model(&all[i])
	}
	d.limits.Steps = min(d.limits.Steps, forOthers)
	for i := range all {
		if all[i].rule == polygraph.ReadCommitted {
			d.limits.Steps = max(d.limits.Steps, forCommitted)
		}
		d.model(&all[i])
	}
}

// arranging is what it costs to arrange a history once, in steps an operation.
const arranging = 100

// forOthers bounds what is spent on models that nobody asked for: nothing, where to arrange the history once would take a tenth of it.
const forOthers = 1_000_000_000

// forCommitted is what is spent on read-committed at least.
const forCommitted = 50_000_000

// unexplained is what a read is called that no write explains of those that may have happened, where several wrote what it found.
const unexplained = G1b

// decided is how a model is decided.
type decided struct {
	model string
	rule  polygraph.Rule
	order edgeKind
	// rules is the model that is ruled out if there is no order, where that is a weaker one.
	rules string
}

// decisions are the models that an order decides: after those that are decided in no time the strongest first, as it includes others.
func decisions(lists, registers bool) []decided {
	all := []decided{
		{model: "read-atomic", rule: polygraph.ReadAtomic, order: process},
		{model: StrictSerializable, rule: polygraph.Serializable, order: realtime},
		{model: "strong-session-serializable", rule: polygraph.Serializable, order: process},
		{model: "serializable", rule: polygraph.Serializable, rules: repeatableRead},
		{model: repeatableRead, rule: polygraph.Serializable}, // where the former is known not to hold, be it for another reason
		{model: "strong-snapshot-isolation", rule: polygraph.Snapshot, order: realtime},
		{model: "strong-session-snapshot-isolation", rule: polygraph.Snapshot, order: process},
		{model: "causal-cerone", rule: polygraph.Causal, order: process},
		{model: "snapshot-isolation", rule: polygraph.Snapshot},
		{model: "prefix", rule: polygraph.Prefix, order: process},
		{model: "parallel-snapshot-isolation", rule: polygraph.ParallelSnapshot, order: process},
	}
	if lists && !registers {
		all = append(all, decided{model: consistentView, rule: polygraph.ParallelSnapshot})
	}
	if !registers {
		// Cycles decide the others, but for snapshots of lists to which appends were made that nobody saw.
		all = slices.DeleteFunc(all, func(d decided) bool { return d.rule == polygraph.Serializable })
	}
	return all
}

// committed are the models for which each read counts by itself. Where it is known whose write each found, cycles decide them.
func committed() []decided {
	return []decided{
		{model: "read-committed", rule: polygraph.ReadCommitted},
		{model: "strong-session-read-committed", rule: polygraph.ReadCommitted, order: process},
		{model: "strong-read-committed", rule: polygraph.ReadCommitted, order: realtime},
	}
}

// repeatableRead is serializability, where nobody reads ranges.
const repeatableRead = "repeatable-read"

// consistentView is of single reads, not of what a transaction saw, and is decided by an order where the last appends to a list were not seen.
const consistentView = "consistent-view"

// ofSessions reports whether the model, which Elle has without sessions, has them here.
func ofSessions(model string) bool {
	switch model {
	case "read-atomic", "causal-cerone", "prefix", "parallel-snapshot-isolation":
		return true
	}
	return false
}

// model decides one model, if it is not decided yet.
func (d *decider) model(m *decided) {
	if d.known(m.model) || d.over() {
		return
	}
	if strict := d.puzzle; m.rule == polygraph.ReadCommitted {
		d.puzzle = newPuzzle(d.x, true)
		defer func() { d.puzzle = strict }()
		if text := d.puzzle.contradiction; text != "" {
			d.names, d.more = append(d.names, unexplained), append(d.more, Witness{Anomaly: unexplained, Text: text})
			return
		}
	}
	answer, a := d.arrangement(m.rule, m.order)
	switch answer.Status {
	case polygraph.Holds:
		if m.model != consistentView || d.in.count[Internal] == 0 { // of what was read later than first nothing was asked
			d.hold(m.model)
		}
	case polygraph.Open:
		d.open[m.model] = fmt.Sprintf("the order of %d pairs of writers is open, and the limits of the search are met", len(answer.Choices))
	case polygraph.Refuted:
		rules := m.model
		if m.rules != "" {
			rules = m.rules
		}
		name := d.l.cycleExists(rules)
		if ofSessions(m.model) {
			if without, b := d.arrangement(m.rule, 0); without.Status == polygraph.Refuted {
				answer, a = without, b
			} else {
				name += sessionSuffix
			}
		}
		d.refuted = append(d.refuted, name)
		d.more = append(d.more, d.witness(name, &answer, a))
	}
}

// arrangement looks for an order of the transactions.
func (d *decider) arrangement(rule polygraph.Rule, order edgeKind) (polygraph.Answer, *arranged) {
	how := orderOf{sessions: order != 0, realtime: order == realtime}
	if len(d.puzzle.open) > 0 {
		if answer, a := d.ask(make([]int32, len(d.puzzle.open)), rule, how); answer.Status == polygraph.Holds { // with the likeliest of each
			return answer, a
		}
	}
	return d.choose(nil, rule, how)
}

// ask decides with some of the open reads chosen.
func (d *decider) ask(chosen []int32, rule polygraph.Rule, how orderOf) (polygraph.Answer, *arranged) {
	a := d.puzzle.arrange(chosen, rule, how, d.when)
	if d.limits.Met(0) {
		return polygraph.Answer{}, a
	}
	answer := polygraph.Decide(&a.Problem, rule, d.limits)
	d.limits.Steps -= answer.Steps + arranging*int64(len(d.x.t.Ops))
	return answer, a
}

// choose tries, for one after the other of the reads of which several transactions may have written what they found, each of these.
func (d *decider) choose(chosen []int32, rule polygraph.Rule, how orderOf) (polygraph.Answer, *arranged) {
	answer, a := d.ask(chosen, rule, how)
	switch {
	case answer.Status == polygraph.Refuted || len(chosen) == len(d.puzzle.open):
		return answer, a
	case d.limits.Met(0):
		answer.Status = polygraph.Open
		return answer, a
	}
	open := false
	for c := range d.puzzle.reads[d.puzzle.open[len(chosen)]].from {
		if d.limits.Met(0) {
			open = true
			break
		}
		switch next, b := d.choose(append(slices.Clone(chosen), int32(c)), rule, how); next.Status {
		case polygraph.Holds:
			return next, b
		case polygraph.Open:
			open = true
		}
	}
	answer.Status = polygraph.Refuted
	if open {
		answer.Status = polygraph.Open
	}
	return answer, a
}

// witness says why there is no order.
func (d *decider) witness(name string, answer *polygraph.Answer, a *arranged) Witness {
	if answer.Cycle == nil {
		return Witness{Anomaly: name, Text: d.tried(answer, a)}
	}
	w := telling{decider: d, arranged: a, letters: map[int32]string{}}
	return w.tell(name, answer)
}

// tried says between what no order could be found.
func (d *decider) tried(answer *polygraph.Answer, a *arranged) string {
	if n := len(d.puzzle.open); n > 0 && len(answer.Choices) == 0 {
		r := &d.puzzle.reads[d.puzzle.open[0]]
		return fmt.Sprintf("%d reads found values that several transactions wrote, the first of them %s's of %s. Whichever of these they saw, "+
			"no order of the transactions explains what all reads found", n, d.x.name(r.txn), d.x.keyName(r.key))
	}
	var pairs []string
	for i, p := range answer.Choices {
		if i == maxShown {
			pairs = append(pairs, fmt.Sprintf("… %d more pairs", len(answer.Choices)-i))
			break
		}
		pairs = append(pairs, fmt.Sprintf("%s and %s", d.x.name(a.txns[p.First]), d.x.name(a.txns[p.Second])))
	}
	return "No order explains what was read: each one was tried of " + strings.Join(pairs, ", ") + ", which wrote the same keys, and each closes a cycle"
}
