package check

import (
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/linear"
)

// judgeKV demands that each key of a store of texts is linearizable, where an append adds to the end of what is there. A key holds an empty
// text at first, which a get may find as nil. The rule is that of the key-value model of Porcupine's tests and of MIT's course 6.5840.
func judgeKV(r *recording) error {
	ops, err := r.pair()
	if err != nil {
		return err
	}
	objects, err := r.objects(ops, kvOp)
	if err != nil {
		return err
	}
	for _, o := range objects {
		r.dropUnseenTexts(o, ops)
	}
	r.judgeLinear("key", ops, objects)
	return nil
}

// kvOp is an operation on a key.
func kvOp(o *object, e *history.Event, value any) (linear.Op, error) {
	text, ok := value.(string)
	if !ok && (value != nil || e.F != "get") {
		return linear.Op{}, shapeError(e, "expected the value of a %s to be a text, found %s", e.F, explainValue(value))
	}
	if o.machine == nil {
		o.machine = newMachine("")
		o.Step = o.machine.step
	}
	return linear.Op{Kind: linear.Apply, Value: o.machine.effect(e.F+" "+text, func(state string) (string, bool) {
		switch e.F {
		case "put":
			return text, true
		case "append":
			return state + text, true
		}
		return state, state == text
	})}, nil
}

// dropUnseenTexts leaves out what has an unknown outcome and was never found: it may as well not have happened.
func (r *recording) dropUnseenTexts(o *object, ops []operation) {
	seen := map[string]bool{}
	text := func(i int32) string {
		value := r.said(&ops[i]).Value
		if o.keyed {
			_, value, _ = tuple(value)
		}
		s, _ := value.(string)
		return s
	}
	for _, i := range o.source {
		if r.said(&ops[i]).F == "get" {
			seen[text(i)] = true
		}
	}
	o.drop(func(op *linear.Op, i int32) bool {
		if op.Return != linear.Forever {
			return false
		}
		for found := range seen {
			if strings.Contains(found, text(i)) {
				return false
			}
		}
		return true
	})
}

// drop leaves operations out.
func (o *object) drop(which func(op *linear.Op, source int32) bool) {
	kept := 0
	for i := range o.Ops {
		if !which(&o.Ops[i], o.source[i]) {
			o.Ops[kept], o.source[kept] = o.Ops[i], o.source[i]
			kept++
		}
	}
	o.Ops, o.source = slices.Clip(o.Ops[:kept]), slices.Clip(o.source[:kept])
}
