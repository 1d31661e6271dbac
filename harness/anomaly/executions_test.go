package anomaly

import (
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// executions tries all abstract executions of a history (Cerone, Bernardi and Gotsman 2015): an order of its transactions, and for each
// which of those before it saw. Axioms are what the model asks of that.
type executions struct {
	orders
	axioms
	done []int32 // in their order
	saw  []uint  // by place in done: places
}

// axioms of a model. Each includes that a transaction sees what its session did, and finds what the last of those that it saw wrote.
type axioms struct {
	model      string
	transitive bool // what those saw that it saw
	prefix     bool // and what came before these
	noConflict bool // of two that wrote the same key one saw the other
}

var weakModels = []axioms{
	{model: "read-atomic"},
	{model: "causal-cerone", transitive: true},
	{model: "prefix", transitive: true, prefix: true},
	{model: "parallel-snapshot-isolation", transitive: true, noConflict: true},
}

func executable(h *history.Transactions, a axioms) bool {
	e := &executions{orders: orders{h: h, order: process, did: make([]bool, h.Len())}, axioms: a}
	return e.next()
}

func (e *executions) next() bool {
	if !e.missing() {
		return true
	}
	for i := range int32(e.h.Len()) {
		if !e.may(i) {
			continue
		}
		for view := range uint(1) << len(e.done) {
			if e.allowed(i, view) && e.explains(i, view) && e.with(i, view) {
				return true
			}
		}
	}
	return false
}

// with goes on after the transaction, which saw the view.
func (e *executions) with(i int32, view uint) bool {
	e.did[i], e.done, e.saw = true, append(e.done, i), append(e.saw, view)
	found := e.next()
	last := len(e.done) - 1
	e.did[i], e.done, e.saw = false, e.done[:last], e.saw[:last]
	return found
}

func (e *executions) allowed(i int32, view uint) bool {
	for place, j := range e.done {
		seen := view>>place&1 == 1
		session := e.h.Outcome[j] == harness.OK && e.h.Process[j] == e.h.Process[i] && e.h.Complete[j] < e.h.Invoke[i]
		switch {
		case !seen && session:
			return false
		case !seen && e.noConflict && bothWrite(e.h.Steps(i), e.h.Steps(j)):
			return false
		case seen && e.transitive && e.saw[place]&^view != 0:
			return false
		}
	}
	return !e.prefix || view == 1<<bits.Len(view)-1
}

// explains reports whether the view explains the transaction's answers.
func (e *executions) explains(i int32, view uint) bool {
	if !e.onVersions(i, view) {
		return false
	}
	snapshot := map[int32][]int32{}
	for place, j := range e.done {
		if view>>place&1 == 0 {
			continue
		}
		for _, op := range e.h.Steps(j) {
			if op.Write {
				snapshot[op.Key] = append(snapshot[op.Key], op.Value)
			}
		}
	}
	return e.run(i, snapshot)
}

// onVersions reports whether what a transaction read of lists were versions of them: an append makes a version of all that was appended
// before, seen or not.
func (e *executions) onVersions(i int32, view uint) bool {
	wrote := map[int32]bool{}
	for _, op := range e.h.Steps(i) {
		if op.Write {
			wrote[op.Key] = true
		}
		if op.Write || op.Kind != history.Lists {
			continue
		}
		missed := false
		for place, j := range e.done {
			if !slices.ContainsFunc(e.h.Steps(j), func(o history.TxnOp) bool { return o.Write && o.Key == op.Key }) {
				continue
			}
			if view>>place&1 == 0 {
				missed = true
			} else if missed {
				return false
			}
		}
		if missed && wrote[op.Key] {
			return false
		}
	}
	return true
}

// TestBruteForceOfWeakModels: of lists and registers each weak model is decided, as trying out all executions decides it, whichever
// model was asked for.
func TestBruteForceOfWeakModels(t *testing.T) {
	for _, kind := range []history.Kind{history.Lists, history.Registers, mixed} {
		t.Run(kindNames[kind], func(t *testing.T) {
			count := map[bool]int{}
			for range 100 {
				rapid.Check(t, func(t *rapid.T) {
					h := tiny(t, kind, rapid.Bool().Draw(t, "chains"))
					a := rapid.SampledFrom(weakModels).Draw(t, "model")
					count[agreeOnExecutions(t, h, a)]++
				})
				if count[true] > 0 && count[false] > 0 {
					return
				}
			}
			t.Errorf("nothing to tell apart: %v", count)
		})
	}
}

func agreeOnExecutions(t *rapid.T, h *history.Transactions, a axioms) bool {
	explained := executable(h, a)
	l := newLattice()
	for _, asked := range []string{a.model, ""} {
		r, err := Judge(t.Context(), h, asked)
		if err != nil {
			t.Fatal(err)
		}
		holds, out := reach(r.ConsistentWith, l.includes)[a.model], slices.Contains(append(r.Not, r.AlsoNot...), a.model)
		if asked == a.model {
			out = r.Verdict == harness.Unsafe
		}
		switch {
		case explained && out:
			t.Fatalf("%s could have been so, and is ruled out: %s\n%s", a.model, r.Reason, show(h, r))
		case !explained && holds:
			t.Fatalf("%s could not have been so, and is said to hold\n%s", a.model, show(h, r))
		case !holds && !out && r.Committed > 0:
			t.Fatalf("%s is undecided, and could have been so: %t\n%s", a.model, explained, show(h, r))
		}
	}
	return explained
}
