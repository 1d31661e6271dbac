package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/history"
)

// judgeLongFork looks for two reads of the same keys of which each found a write that the other missed: no order of the two
// writes explains both, which snapshot isolation forbids and parallel snapshot isolation allows. Each key is written at most
// once. The rules are those of jepsen.tests.long-fork, for groups of keys of any size.
func judgeLongFork(r *recording) error {
	groups, order := map[string][]*view{}, []string(nil)
	written := map[any]int32{}
	for i := range r.events {
		e := &r.events[i]
		if e.Type != history.Invoke && e.Type != history.OK {
			continue
		}
		ops, write, err := microOps(e)
		switch {
		case err != nil:
			return err
		case write && e.Type == history.Invoke:
			key := asKey(ops[0].key)
			if before, again := written[key]; again && r.unsure == "" {
				r.unsure = fmt.Sprintf("key %s is written twice, by %s and %s: only keys that are written once show long forks",
					explainValue(ops[0].key), r.place(before), r.place(int32(i)))
			}
			written[key] = int32(i)
		case !write && e.Type == history.OK && len(ops) > 0:
			group := groupName(ops)
			if groups[group] == nil {
				order = append(order, group)
			}
			groups[group] = append(groups[group], newView(int32(i), ops))
		}
	}
	if r.unsure != "" {
		return nil
	}
	comparable := 0
	for _, g := range order {
		if len(groups[g]) > 1 && len(groups[g][0].ops) > 1 {
			comparable++
		}
		r.judgeViews(groups[g])
	}
	if comparable == 0 && r.unsure == "" {
		r.unsure = "no two reads looked at the same two or more keys"
	}
	r.summary = fmt.Sprintf("the reads of each of %s can be put in one order", plural(len(order), "group of keys"))
	return nil
}

// microOp is a read or write of one key within an operation.
type microOp struct{ key, value any }

// microOps takes an operation apart: a write of one key, or reads of any number.
func microOps(e *history.Event) (ops []microOp, write bool, err error) {
	list, ok := elements(e.Value)
	bad := func() error {
		return shapeError(e, "expected reads like [[:r key value] …] or one write like [[:w key value]], found %s", explainValue(e.Value))
	}
	if !ok {
		return nil, false, bad()
	}
	for _, v := range list {
		m, ok := v.([]any)
		if !ok || len(m) != 3 {
			return nil, false, bad()
		}
		switch f := strings.Trim(show(m[0]), `:"`); {
		case f == "w" && len(list) == 1:
			write = true
		case f != "r":
			return nil, false, bad()
		}
		ops = append(ops, microOp{m[1], m[2]})
	}
	return ops, write, nil
}

// groupName is the same for operations on the same keys.
func groupName(ops []microOp) string {
	names := make([]string, len(ops))
	for i := range ops {
		names[i] = show(ops[i].key)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

// view is what a read found.
type view struct {
	event int32
	ops   []microOp
	there map[any]any // by key: what was found there, where it was not nil
}

func newView(event int32, ops []microOp) *view {
	v := &view{event, ops, map[any]any{}}
	for _, op := range ops {
		if op.value != nil {
			v.there[asKey(op.key)] = op.value
		}
	}
	return v
}

// judgeViews puts the reads of the same keys in order: each must find at least what the one before it found.
func (r *recording) judgeViews(views []*view) {
	slices.SortStableFunc(views, func(a, b *view) int { return cmp.Compare(len(a.there), len(b.there)) })
	values := map[any]*view{} // by key: who found it first
	for _, v := range views {
		for _, op := range v.ops {
			first := values[asKey(op.key)]
			switch {
			case op.value == nil:
			case first == nil:
				values[asKey(op.key)] = v
			case asKey(first.there[asKey(op.key)]) != asKey(op.value):
				r.unsure = fmt.Sprintf("key %s was found with two values, %s by %s and %s by %s: only keys that are written once show long forks",
					explainValue(op.key), explainValue(first.there[asKey(op.key)]), r.place(first.event), explainValue(op.value), r.place(v.event))
				return
			}
		}
	}
	for i := 1; i < len(views); i++ {
		a, b := views[i-1], views[i]
		for _, x := range a.ops {
			if y := b.extra(a); y != nil && x.value != nil && b.there[asKey(x.key)] == nil {
				r.found("long-fork", func() string {
					return fmt.Sprintf("Keys %s and %s were seen to be written in contradictory orders. The read of %s found %s in key %s and nothing in key %s. "+
						"The read of %s found %s in key %s and nothing in key %s",
						explainValue(x.key), explainValue(y.key), r.place(a.event), explainValue(x.value), explainValue(x.key), explainValue(y.key),
						r.place(b.event), explainValue(y.value), explainValue(y.key), explainValue(x.key))
				})
				break
			}
		}
	}
}

// extra is something that v found and the other did not.
func (v *view) extra(other *view) *microOp {
	for i := range v.ops {
		if op := &v.ops[i]; op.value != nil && other.there[asKey(op.key)] == nil {
			return op
		}
	}
	return nil
}
