package check

import (
	"cmp"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/linear"
)

// judgeRegister demands that registers are linearizable: reads find the value last set by a write, or by a compare-and-set
// (:cas [from to]) that succeeded, in some order that fits the times. A register holds nil at first, or what the options say.
func judgeRegister(r *recording) error { return r.judgeObjects("register", registerOp) }

// judgeMutex demands that mutexes are linearizable: each is acquired when it is free and released when it is held, by anyone.
func judgeMutex(r *recording) error { return r.judgeObjects("mutex", mutexOp) }

// object is a register, a mutex or what else is linearizable or not, with the operations on it.
type object struct {
	linear.Object
	machine *machine // of what is none of those that package linear knows
	key     any
	keyed   bool            // it is one of many, and its events name it
	source  []int32         // by place in Ops: the operation of the recording
	numbers map[any]int64   // of values
	values  []any           // by number
	failed  map[int64]int32 // by number: a write of it that failed, an operation of the recording
}

// toOp makes an operation on an object of an event, and of the value that is left without the key.
type toOp func(o *object, e *history.Event, value any) (linear.Op, error)

// number is the number of a value of a register; 0 is what it holds at first.
func (o *object) number(v any) int64 {
	key := asKey(v)
	n, ok := o.numbers[key]
	if !ok {
		n = int64(len(o.values))
		o.numbers[key] = n
		o.values = append(o.values, v)
	}
	return n
}

// registerOp is an operation on a register, by the event that says most about it.
func registerOp(o *object, e *history.Event, value any) (linear.Op, error) {
	switch e.F {
	case "read":
		if all, ok := elements(value); ok {
			return linear.Op{}, shapeError(e, "expected a read to find one value, found %s together: histories of sets, of comments "+
				"or of lists are not judged as registers", plural(len(all), "value"))
		}
		return linear.Op{Kind: linear.Read, Value: o.number(value)}, nil
	case "write":
		return linear.Op{Kind: linear.Write, Value: o.number(value)}, nil
	}
	pair, ok := value.([]any)
	if !ok || len(pair) != 2 {
		return linear.Op{}, shapeError(e, "expected a cas to have a value like [from to], found %s", explainValue(value))
	}
	return linear.Op{Kind: linear.Swap, From: o.number(pair[0]), Value: o.number(pair[1])}, nil
}

func mutexOp(_ *object, e *history.Event, _ any) (linear.Op, error) {
	if e.F == "acquire" {
		return linear.Op{Kind: linear.Acquire}, nil
	}
	return linear.Op{Kind: linear.Release}, nil
}

func (r *recording) judgeObjects(what string, toOp toOp) error {
	ops, err := r.pair()
	if err != nil {
		return err
	}
	objects, err := r.objects(ops, toOp)
	if err != nil {
		return err
	}
	r.judgeLinear(what, ops, objects)
	return nil
}

// judgeLinear demands that each object is linearizable.
func (r *recording) judgeLinear(what string, ops []operation, objects []*object) {
	bare := make([]linear.Object, len(objects))
	for i, o := range objects {
		if what == "register" || what == "queue" {
			o.Values = len(o.values)
		}
		bare[i] = o.Object
	}
	checked := 0
	for i, v := range linear.Check(r.ctx, bare, r.opt.Limits) {
		w := witness{r, ops, objects[i], what}
		checked += v.Checked
		switch v.Answer {
		case linear.Broken:
			w.explain(&v.Proof)
		case linear.Undecided:
			if r.unsure == "" {
				r.unsure = fmt.Sprintf("%s could not be decided: %s", w.name(), v.Limit)
			}
		case linear.Linearizable:
		}
	}
	r.summary = fmt.Sprintf("%s on %s fit one order for each", plural(checked, "operation"), pluralOf(len(objects), what))
}

// objects sorts the operations by key, and then makes of each key's operations an object, several keys at the same time.
func (r *recording) objects(ops []operation, toOp toOp) ([]*object, error) {
	keyed := r.independent()
	byKey := map[any]*object{}
	var objects []*object
	for i := range ops {
		said := r.said(&ops[i])
		if (said.F == "read" || said.F == "get") && ops[i].outcome != history.OK {
			continue // nobody knows what it found
		}
		var key any
		if keyed {
			var ok bool
			if key, _, ok = tuple(said.Value); !ok {
				return nil, shapeError(said, "expected a value like [key value], as the others have, found %s", explainValue(said.Value))
			}
		}
		o := byKey[asKey(key)]
		if o == nil {
			o = &object{key: key, keyed: keyed}
			byKey[asKey(key)] = o
			objects = append(objects, o)
		}
		o.source = append(o.source, int32(i))
	}
	errs := make([]error, len(objects))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(objects)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(objects)); i = next.Add(1) - 1 {
				errs[i] = objects[i].build(r, ops, toOp)
			}
		})
	}
	wg.Wait()
	return objects, cmp.Or(errs...)
}

// said is the event of an operation that says most about it.
func (r *recording) said(op *operation) *history.Event {
	if op.outcome == history.OK {
		return &r.events[op.complete]
	}
	return &r.events[op.invoke]
}

// build makes Ops of the operations of the recording that source has. Times are the places of events. What certainly did not
// happen is left out.
func (o *object) build(r *recording, ops []operation, toOp toOp) error {
	o.numbers, o.values = make(map[any]int64, len(o.source)/2), []any{r.opt.Initial}
	o.numbers[asKey(r.opt.Initial)] = 0
	o.Ops = make([]linear.Op, 0, len(o.source))
	kept := o.source[:0]
	for _, i := range o.source {
		op := &ops[i]
		said := r.said(op)
		value := said.Value
		if o.keyed {
			_, value, _ = tuple(value)
		}
		l, err := toOp(o, said, value)
		if err != nil {
			return err
		}
		if op.outcome == history.Fail {
			o.fail(&l, i)
			continue
		}
		l.Call, l.Return = int64(op.invoke), linear.Forever
		if op.outcome == history.OK {
			l.Return = int64(op.complete)
		}
		o.Ops, kept = append(o.Ops, l), append(kept, i)
	}
	o.source = kept
	return nil
}

// fail notes a write or an enqueue that failed: whoever found its value found what never was.
func (o *object) fail(l *linear.Op, source int32) {
	if l.Kind != linear.Write && l.Kind != linear.Swap && l.Kind != linear.Enqueue {
		return
	}
	if o.failed == nil {
		o.failed = map[int64]int32{}
	}
	o.failed[l.Value] = source
}
