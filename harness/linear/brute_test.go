package linear_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness/linear"
)

// strict is the sequential meaning of an operation that did happen, written once more.
func strict(state int64, op *linear.Op) (int64, bool) {
	switch op.Kind {
	case linear.Read:
		return state, state == op.Value
	case linear.Write:
		return op.Value, true
	case linear.Swap:
		return op.Value, state == op.From
	case linear.Acquire:
		return 1, state == 0
	case linear.Release:
		return 0, state == 1
	case linear.Add:
		return state + op.Value, op.Value > 0 || state+op.Value >= 0
	case linear.Apply:
		return pair(state, op.Value)
	default:
		return state, state+op.Value < 0
	}
}

// pair is two registers of three values, and effects that read and write some of them: four digits to the base of 4, of what is read and
// what is written, where 3 is nothing.
func pair(state, effect int64) (int64, bool) {
	held := [2]int64{state / 3, state % 3}
	for i := range held {
		if read := effect >> (2 * i) & 3; read != 3 && read != held[i] {
			return state, false
		}
	}
	for i := range held {
		if write := effect >> (4 + 2*i) & 3; write != 3 {
			held[i] = write
		}
	}
	return held[0]*3 + held[1], true
}

// unread is an effect that reads nothing.
const unread = 3 | 3<<2

// possible tries every order of the known operations and of every choice of unknown ones.
func possible(ops []linear.Op, state int64, done uint) bool {
	finished := true
	for i := range ops {
		finished = finished && (done>>i&1 == 1 || ops[i].Return == linear.Forever)
	}
	if finished {
		return true
	}
	for i := range ops {
		early := slices.IndexFunc(ops, func(other linear.Op) bool { return other.Return < ops[i].Call })
		for early >= 0 && done>>early&1 == 1 {
			next := slices.IndexFunc(ops[early+1:], func(other linear.Op) bool { return other.Return < ops[i].Call })
			if next < 0 {
				early = -1
				break
			}
			early += 1 + next
		}
		if done>>i&1 == 1 || early >= 0 {
			continue
		}
		if after, ok := strict(state, &ops[i]); ok && possible(ops, after, done|1<<i) {
			return true
		}
	}
	return false
}

// kinds are the sorts of objects, by what may be done to them.
var kinds = map[string]func(t *rapid.T, i int) linear.Op{
	"unique": func(t *rapid.T, i int) linear.Op {
		kind := rapid.SampledFrom([]linear.Kind{linear.Read, linear.Read, linear.Write}).Draw(t, "kind")
		return linear.Op{Kind: kind, Value: int64(i + 1)}
	},
	"unique with swaps": func(t *rapid.T, i int) linear.Op {
		kind := rapid.SampledFrom([]linear.Kind{linear.Read, linear.Read, linear.Write, linear.Swap, linear.Swap}).Draw(t, "kind")
		return linear.Op{Kind: kind, Value: int64(i + 1)}
	},
	"register": func(t *rapid.T, _ int) linear.Op {
		kind := rapid.SampledFrom([]linear.Kind{linear.Read, linear.Read, linear.Write, linear.Swap}).Draw(t, "kind")
		return linear.Op{Kind: kind, Value: rapid.Int64Range(0, 2).Draw(t, "value")}
	},
	"mutex": func(t *rapid.T, _ int) linear.Op {
		return linear.Op{Kind: rapid.SampledFrom([]linear.Kind{linear.Acquire, linear.Release}).Draw(t, "kind")}
	},
	"pair": func(t *rapid.T, _ int) linear.Op {
		return linear.Op{Kind: linear.Apply, Value: rapid.Int64Range(0, 255).Draw(t, "effect")}
	},
	"stock": func(t *rapid.T, _ int) linear.Op {
		return linear.Op{Kind: linear.Add, Value: rapid.SampledFrom([]int64{-1, -1, -2, 1, 2}).Draw(t, "delta")}
	},
}

// drawObject draws a history that a store could have had, and then, now and then, spoils it.
func drawObject(t *rapid.T, name string, most int) linear.Object {
	o := linear.Object{}
	switch name {
	case "unique", "unique with swaps", "register":
		o.Values = most + 2
	case "pair":
		o.Step = pair
	case "stock":
		o.Start = rapid.Int64Range(0, 3).Draw(t, "start")
	}
	state, at := o.Start, int64(0)
	for i := range rapid.IntRange(1, most).Draw(t, "operations") {
		op := kinds[name](t, i)
		at += rapid.Int64Range(0, 3).Draw(t, "later")
		op.Call = at - rapid.Int64Range(0, 5).Draw(t, "before")
		op.Return = at + rapid.Int64Range(0, 5).Draw(t, "after")
		unknown := op.Kind != linear.Read && rapid.IntRange(0, 4).Draw(t, "unknown") == 0
		switch op.Kind {
		case linear.Read:
			op.Value = state
		case linear.Swap:
			op.From = state
		case linear.Apply:
			op.Value |= unread
			for i, held := range []int64{state / 3, state % 3} {
				if !unknown && rapid.Bool().Draw(t, "reads") {
					op.Value += (held - 3) << (2 * i)
				}
			}
		}
		after, ok := strict(state, &op)
		switch {
		case ok && (!unknown || rapid.Bool().Draw(t, "happens")):
			state = after
		case op.Kind == linear.Add:
			op.Kind, unknown = linear.Refuse, false
			if after >= 0 || op.Value >= 0 {
				continue
			}
		case !unknown:
			continue
		}
		if unknown {
			op.Return = linear.Forever
		}
		o.Ops = append(o.Ops, op)
	}
	if len(o.Ops) > 0 && rapid.Bool().Draw(t, "spoil") {
		spoil(t, &o, most)
	}
	slices.SortStableFunc(o.Ops, func(a, b linear.Op) int { return int(a.Call - b.Call) })
	return o
}

func spoil(t *rapid.T, o *linear.Object, most int) {
	op := &o.Ops[rapid.IntRange(0, len(o.Ops)-1).Draw(t, "which")]
	value := rapid.Int64Range(0, int64(most)+1).Draw(t, "other")
	switch {
	case op.Kind == linear.Read:
		op.Value = value
	case op.Kind == linear.Swap:
		op.From = value
	case op.Kind == linear.Apply && op.Return != linear.Forever:
		op.Value = op.Value&^unread | rapid.Int64Range(0, unread).Draw(t, "read")
	case op.Kind == linear.Add && op.Value < 0 && op.Return != linear.Forever:
		op.Kind = linear.Refuse
	case op.Kind == linear.Refuse:
		op.Kind = linear.Add
	case op.Kind == linear.Acquire:
		op.Kind = linear.Release
	case op.Return != linear.Forever:
		op.Call, op.Return = op.Call+4, op.Return+6
	}
}

// TestAgainstBruteForce holds both methods against every order of tiny histories, both ways.
func TestAgainstBruteForce(t *testing.T) {
	for name := range kinds {
		t.Run(name, func(t *testing.T) {
			broken := 0
			rapid.Check(t, func(t *rapid.T) {
				for range 20 {
					o := drawObject(t, name, 7)
					want := possible(o.Ops, o.Start, 0)
					v := linear.Check(t.Context(), []linear.Object{o}, linear.Cut())[0]
					if got := v.Answer == linear.Linearizable; got != want || v.Answer == linear.Undecided {
						t.Fatalf("%+v: found %v %+v, tried every order: %v", o, v.Answer, v.Proof, want)
					}
					if !want {
						broken++
						checkProof(t, &o, &v.Proof)
					}
				}
			})
			if broken == 0 {
				t.Error("no history was broken")
			}
		})
	}
}

// checkProof holds a proof against brute force: what it names suffices.
func checkProof(t *rapid.T, o *linear.Object, p *linear.Proof) {
	if p.Kind != linear.Unplaced && p.Kind != linear.Beyond {
		return
	}
	culprit := o.Ops[p.Ops[0]]
	until := func(then int64) []linear.Op {
		var ops []linear.Op
		for _, op := range o.Ops {
			if op.Return > then {
				op.Return = linear.Forever
			}
			if op.Call <= then && (op.Return != linear.Forever || op.Kind != linear.Read && op.Kind != linear.Refuse) {
				ops = append(ops, op)
			}
		}
		return ops
	}
	if possible(until(culprit.Return), o.Start, 0) {
		t.Fatalf("%+v: there is an order up to %+v", o, culprit)
	}
	if p.Kind == linear.Unplaced && !possible(until(culprit.Return-1), o.Start, 0) {
		t.Fatalf("%+v: there is no order even before %+v", o, culprit)
	}
	if culprit.Kind != linear.Read {
		return
	}
	for v := range int64(o.Values) {
		ops := until(culprit.Return)
		for i := range ops {
			if ops[i] == culprit {
				ops[i].Value = v
				break
			}
		}
		if got, want := slices.Contains(p.Held, v), possible(ops, o.Start, 0); got != want {
			t.Fatalf("%+v: %+v could hold %d: %v, found %v", o, culprit, v, want, p.Held)
		}
	}
}
