package anomaly

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// begun is an operation as it is read: its events, by their places; -1 where it has none.
type begun struct{ invoke, complete int }

// readClosed takes a history's operations apart.
func readClosed(events []history.Event) (*closed, error) {
	ops, err := pairs(events)
	if err != nil {
		return nil, err
	}
	c := &closed{init: -1, byKey: map[string]*row{}}
	t := &history.Transactions{First: []int32{0}}
	at := indices(events)
	for i, op := range ops {
		said, outcome := &events[max(op.invoke, op.complete)], harness.Unknown
		if op.complete >= 0 {
			switch events[op.complete].Type {
			case history.OK:
				outcome = harness.OK
			case history.Fail:
				outcome = harness.Failed
			case history.Invoke, history.Info:
			}
		}
		if outcome != harness.OK && op.invoke >= 0 {
			said = &events[op.invoke]
		}
		steps, err := closedSteps(said, outcome == harness.OK)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", said.Line, err)
		}
		if said.F == "init" {
			if err := c.universe(ops, i, outcome, said); err != nil {
				return nil, err
			}
		}
		c.steps = append(c.steps, steps)
		t.Outcome, t.Process = append(t.Outcome, outcome), append(t.Process, int32(said.Process))
		t.Invoke, t.Complete, t.First = append(t.Invoke, at(op.invoke)), append(t.Complete, at(op.complete)), append(t.First, 0)
	}
	c.index = newIndex(t)
	return c, nil
}

// universe notes the init. All else must come after it.
func (c *closed) universe(ops []begun, i int, outcome harness.Outcome, e *history.Event) error {
	switch {
	case outcome == harness.Failed:
		return nil
	case c.init >= 0:
		return fmt.Errorf("line %d: expected one init, found another", e.Line)
	case outcome != harness.OK:
		return fmt.Errorf("line %d: expected the init to end well: what transactions found is judged by what it made", e.Line)
	}
	for j, op := range ops {
		if j != i && (op.invoke >= 0 && op.invoke < ops[i].complete || op.complete < ops[i].complete) {
			return fmt.Errorf("line %d: expected the init to end before any transaction begins", e.Line)
		}
	}
	c.init = int32(i)
	return nil
}

// pairs puts beginnings and ends together, in the order of the ends; those that never ended come last.
func pairs(events []history.Event) ([]begun, error) {
	var ops []begun
	open := map[int64]int{}
	for i := range events {
		e := &events[i]
		at, busy := open[e.Process]
		switch {
		case e.F != "init" && e.F != "txn" && e.F != "":
			if e.Process != history.NoProcess || e.Type != history.Info {
				return nil, fmt.Errorf("line %d: expected :f to be init or txn, found %q", e.Line, e.F)
			}
		case e.Type == history.Invoke && busy:
			return nil, fmt.Errorf("line %d: expected process %d to end its operation of line %d first", e.Line, e.Process, events[at].Line)
		case e.Type == history.Invoke:
			open[e.Process] = i
		case busy:
			ops = append(ops, begun{at, i})
			delete(open, e.Process)
		default:
			ops = append(ops, begun{-1, i})
		}
	}
	for _, i := range slices.Sorted(maps.Values(open)) {
		ops = append(ops, begun{i, -1})
	}
	return ops, nil
}

// indices are the events' own indices where these grow, else their places.
func indices(events []history.Event) func(i int) int32 {
	own := len(events) == 0 || events[len(events)-1].Index <= math.MaxInt32 && events[0].Index >= 0 &&
		slices.IsSortedFunc(events, func(a, b history.Event) int { return cmp.Compare(a.Index, b.Index) })
	for i := 1; i < len(events); i++ {
		own = own && events[i].Index != events[i-1].Index
	}
	return func(i int) int32 {
		if i >= 0 && own {
			return int32(events[i].Index)
		}
		return int32(i)
	}
}

// closedSteps are an operation's steps. An init is writes of all its rows.
func closedSteps(e *history.Event, known bool) ([]closedStep, error) {
	if e.F == "init" {
		rows, ok := e.Value.(history.Map)
		if !ok {
			return nil, fmt.Errorf("expected the value of an init to be a map of rows, found %s", history.Text(e.Value))
		}
		var steps []closedStep
		for _, p := range rows {
			key, value := history.Text(p.Key), history.Text(p.Value)
			steps = append(steps, closedStep{verb: "insert", key: key, value: value, text: "insert " + key + " " + value})
		}
		return steps, nil
	}
	list, ok := e.Value.([]any)
	if !ok {
		if e.Value == nil && !known {
			return nil, nil
		}
		return nil, fmt.Errorf("expected a transaction's steps, found %s", history.Text(e.Value))
	}
	var steps []closedStep
	for _, v := range list {
		s, err := closedStepOf(v, known)
		if err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	return steps, nil
}

func closedStepOf(v any, known bool) (closedStep, error) {
	op, _ := v.([]any)
	bad := fmt.Errorf("expected one of [:insert k v], [:w k v], [:delete k], [:r k v] and [:rp predicate {k v …}], found %s", history.Text(v))
	if len(op) < 2 {
		return closedStep{}, bad
	}
	verb, value := "", any(nil)
	switch name := op[0].(type) {
	case history.Keyword:
		verb = string(name)
	case string:
		verb = name
	}
	if len(op) > 2 {
		value = op[2]
	}
	s := closedStep{verb: verb, key: history.Text(op[1]), value: noRow}
	s.text = verb + " " + s.key
	if len(op) > 2 {
		s.text += " " + history.Text(value)
	}
	switch {
	case verb == "delete":
		return s, nil
	case (verb == "insert" || verb == "w") && value != nil || verb == "r":
		if value != nil {
			s.value = history.Text(value)
		}
		return s, nil
	case verb != "rp":
		return s, bad
	}
	var err error
	if s.pred, err = predicateOf(op[1]); err != nil || !known {
		return s, err
	}
	s.shown = map[string]string{}
	rows, ok := value.(history.Map)
	if !ok && value != nil {
		return s, bad
	}
	for _, p := range rows {
		if p.Value != nil {
			s.shown[history.Text(p.Key)] = history.Text(p.Value)
		}
	}
	return s, nil
}

// predicate says which rows match: all that are there, those with a value, or those whose value has a remainder.
type predicate struct {
	all             bool
	equal           string
	modulus, equals int64
}

func predicateOf(v any) (predicate, error) {
	switch v := v.(type) {
	case bool:
		if v {
			return predicate{all: true}, nil
		}
	case history.Keyword:
		if v == "true" {
			return predicate{all: true}, nil
		}
	case []any:
		if len(v) == 2 && v[0] == history.Keyword("=") && v[1] != nil {
			return predicate{equal: history.Text(v[1])}, nil
		}
		if len(v) == 3 && v[0] == history.Keyword("mod") {
			modulus, ok := v[1].(int64)
			equals, alike := v[2].(int64)
			if ok && alike && modulus > 0 {
				return predicate{modulus: modulus, equals: equals}, nil
			}
		}
	}
	return predicate{}, fmt.Errorf("expected a predicate :true, [:= value] or [:mod modulus remainder], found %s", history.Text(v))
}

// matches reports whether a row with the value matches; one that is not there matches nothing.
func (p *predicate) matches(value string) bool {
	switch {
	case value == noRow:
		return false
	case p.modulus > 0:
		v, err := history.ParseValue(value)
		n, ok := v.(int64)
		return err == nil && ok && (n%p.modulus+p.modulus)%p.modulus == p.equals
	}
	return p.all || p.equal == value
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
