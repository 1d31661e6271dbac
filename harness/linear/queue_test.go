package linear_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness/linear"
)

// queued tries every order of a queue's known operations and of every choice of unknown ones, from the elements that it holds.
func queued(ops []linear.Op, held []int64, done uint) bool {
	finished := true
	for i := range ops {
		finished = finished && (done>>i&1 == 1 || ops[i].Return == linear.Forever)
	}
	if finished {
		return true
	}
	for i := range ops {
		op := &ops[i]
		late := false
		for j := range ops {
			late = late || done>>j&1 == 0 && ops[j].Return < op.Call
		}
		if done>>i&1 == 1 || late {
			continue
		}
		after := held
		switch {
		case op.Kind == linear.Enqueue:
			after = append(slices.Clone(held), op.Value)
		case op.Kind == linear.Vacant:
			if len(held) > 0 {
				continue
			}
		case len(held) == 0 || op.Return != linear.Forever && held[0] != op.Value:
			continue
		default:
			after = held[1:]
		}
		if queued(ops, after, done|1<<i) {
			return true
		}
	}
	return false
}

// drawQueue draws a history that a queue could have had, and then, now and then, spoils it. If again, elements are put in twice.
func drawQueue(t *rapid.T, most int, again bool) linear.Object {
	o := linear.Object{Values: most + 1}
	var held []int64
	at := int64(0)
	for i := range rapid.IntRange(1, most).Draw(t, "operations") {
		at += rapid.Int64Range(0, 3).Draw(t, "later")
		op := linear.Op{Call: at - rapid.Int64Range(0, 6).Draw(t, "before"), Return: at + rapid.Int64Range(0, 6).Draw(t, "after")}
		unknown := rapid.IntRange(0, 5).Draw(t, "unknown") == 0
		happens := !unknown || rapid.Bool().Draw(t, "happens")
		switch {
		case rapid.Bool().Draw(t, "enqueue"):
			op.Kind, op.Value = linear.Enqueue, int64(i)
			if again {
				op.Value = rapid.Int64Range(0, 1).Draw(t, "element")
			}
			if happens {
				held = append(held, op.Value)
			}
		case len(held) == 0:
			op.Kind, unknown = linear.Vacant, false
		default:
			op.Kind, op.Value = linear.Dequeue, held[0]
			if happens {
				held = held[1:]
			}
		}
		if unknown {
			op.Return = linear.Forever
		}
		o.Ops = append(o.Ops, op)
	}
	if rapid.Bool().Draw(t, "spoil") {
		spoilQueue(t, &o)
	}
	slices.SortStableFunc(o.Ops, func(a, b linear.Op) int { return int(a.Call - b.Call) })
	return o
}

func spoilQueue(t *rapid.T, o *linear.Object) {
	op := &o.Ops[rapid.IntRange(0, len(o.Ops)-1).Draw(t, "which")]
	switch other := rapid.IntRange(0, 4).Draw(t, "how"); {
	case op.Return == linear.Forever:
	case other == 0 && op.Kind != linear.Enqueue:
		op.Kind, op.Value = linear.Dequeue, rapid.Int64Range(0, int64(o.Values)-1).Draw(t, "other")
	case other == 1 && op.Kind == linear.Dequeue:
		op.Kind = linear.Vacant
	default:
		by := rapid.Int64Range(-8, 8).Draw(t, "by")
		op.Call, op.Return = op.Call+by, op.Return+by
	}
}

// TestQueuesAgainstBruteForce holds the judgement of queues against every order of tiny histories, both ways, and each proof
// against what it says.
func TestQueuesAgainstBruteForce(t *testing.T) {
	seen := map[linear.ProofKind]int{}
	rapid.Check(t, func(t *rapid.T) {
		for range 50 {
			again := rapid.IntRange(0, 9).Draw(t, "again") == 0
			o := drawQueue(t, 8, again)
			v := linear.Check(t.Context(), []linear.Object{o}, linear.Limits{})[0]
			seen[v.Proof.Kind]++
			if want := queued(o.Ops, nil, 0); want != (v.Answer == linear.Linearizable) {
				t.Fatalf("%+v: found %v %+v, tried every order: %v", o, v.Answer, v.Proof, want)
			}
			checkQueueProof(t, &o, &v.Proof)
		}
	})
	for _, kind := range []linear.ProofKind{linear.Fits, linear.Nowhere, linear.Future, linear.Twice, linear.Overtaken, linear.Occupied, linear.Unplaced} {
		if seen[kind] == 0 && !testing.Short() { // some are drawn once in hundreds of histories
			t.Errorf("no history was drawn with a proof of kind %d", kind)
		}
	}
}

// checkQueueProof: the operations that a proof names have no order by themselves.
func checkQueueProof(t *rapid.T, o *linear.Object, p *linear.Proof) {
	if p.Kind != linear.Overtaken && p.Kind != linear.Occupied {
		return
	}
	var ops []linear.Op
	for _, i := range p.Ops {
		if i >= 0 {
			ops = append(ops, o.Ops[i])
		}
	}
	if queued(ops, nil, 0) {
		t.Fatalf("%+v: there is an order of what the proof names: %+v", o, p)
	}
}
