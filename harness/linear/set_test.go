package linear_test

import (
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness/linear"
)

// setCase is a set's history, and the same as operations whose From is a bit a element: those found by a read, or the one added.
type setCase struct {
	linear.Set
	ops []linear.Op
}

// grown tries every order of the operations of a set that holds the elements of held.
func grown(ops []linear.Op, held, done uint64) bool {
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
		if done>>i&1 == 1 || late || op.Kind == linear.Read && held != uint64(op.From) {
			continue
		}
		after := held
		if op.Kind == linear.Write {
			after |= uint64(op.From)
		}
		if grown(ops, after, done|1<<i) {
			return true
		}
	}
	return false
}

func drawSet(t *rapid.T) *setCase {
	c := &setCase{Set: linear.Set{Elements: 4}}
	at, held := int64(0), int64(0)
	for range rapid.IntRange(1, 9).Draw(t, "operations") {
		at += rapid.Int64Range(0, 3).Draw(t, "later")
		op := linear.Op{Kind: linear.Read, Call: at - rapid.Int64Range(0, 6).Draw(t, "before"), Return: at + rapid.Int64Range(0, 6).Draw(t, "after")}
		if rapid.Bool().Draw(t, "add") {
			op.Kind, op.From = linear.Write, 1<<rapid.IntRange(0, c.Elements-1).Draw(t, "element")
			happens := true
			if rapid.IntRange(0, 5).Draw(t, "unknown") == 0 {
				op.Return, happens = linear.Forever, rapid.Bool().Draw(t, "happens")
			}
			if happens {
				held |= op.From
			}
		} else {
			op.From = held
			if rapid.IntRange(0, 5).Draw(t, "spoil") == 0 {
				op.From ^= 1 << rapid.IntRange(0, c.Elements-1).Draw(t, "other")
			}
		}
		if op.Return != linear.Forever && rapid.IntRange(0, 9).Draw(t, "shift") == 0 {
			op.Call, op.Return = op.Call+5, op.Return+5
		}
		c.ops = append(c.ops, op)
	}
	for i := range c.ops {
		c.take(&c.ops[i])
	}
	return c
}

func (c *setCase) take(op *linear.Op) {
	if op.Kind == linear.Write {
		c.Adds = append(c.Adds, linear.Op{Call: op.Call, Return: op.Return, Value: int64(bits.TrailingZeros64(uint64(op.From)))})
		return
	}
	read := linear.Whole{Call: op.Call, Return: op.Return}
	for e := range int32(c.Elements) {
		if op.From>>e&1 == 1 {
			read.Found = append(read.Found, e)
		}
	}
	c.Reads = append(c.Reads, read)
}

// TestSetsAgainstBruteForce holds CheckSet against every order of tiny histories, both ways, and each proof against what it says.
func TestSetsAgainstBruteForce(t *testing.T) {
	seen := map[linear.SetProofKind]int{}
	rapid.Check(t, func(t *rapid.T) {
		for range 50 {
			c := drawSet(t)
			p := linear.CheckSet(&c.Set)
			seen[p.Kind]++
			if want := grown(c.ops, 0, 0); want != (p.Kind == linear.SetFits) {
				t.Fatalf("%+v: found %+v, tried every order: %v", c.ops, p, want)
			}
			checkSetProof(t, c, &p)
		}
	})
	for kind := linear.SetFits; kind <= linear.Reversed; kind++ {
		if seen[kind] == 0 && !testing.Short() { // some are drawn once in hundreds of histories
			t.Errorf("no history was drawn with a proof of kind %d", kind)
		}
	}
}

// checkSetProof demands of a proof what its kind says.
func checkSetProof(t *rapid.T, c *setCase, p *linear.SetProof) {
	finds := func(read, element int) bool {
		return slices.Contains(c.Reads[p.Reads[read]].Found, p.Elements[element])
	}
	adds := func(add, element int) bool { return c.Adds[p.Adds[add]].Value == int64(p.Elements[element]) }
	holds := true
	switch p.Kind {
	case linear.SetFits:
	case linear.NobodyAdded:
		holds = finds(0, 0) && !slices.ContainsFunc(c.Adds, func(op linear.Op) bool { return op.Value == int64(p.Elements[0]) })
	case linear.TooEarly:
		holds = finds(0, 0) && adds(0, 0) && c.Reads[p.Reads[0]].Return < c.Adds[p.Adds[0]].Call
	case linear.Missed:
		holds = !finds(0, 0) && adds(0, 0) && c.Adds[p.Adds[0]].Return < c.Reads[p.Reads[0]].Call
	case linear.Vanished:
		holds = finds(0, 0) && !finds(1, 0) && c.Reads[p.Reads[0]].Return < c.Reads[p.Reads[1]].Call
	case linear.Split:
		holds = finds(0, 0) && !finds(0, 1) && !finds(1, 0) && finds(1, 1)
	case linear.Reversed:
		holds = !finds(0, 0) && finds(0, 1) && adds(0, 0) && adds(1, 1) && c.Adds[p.Adds[0]].Return < c.Adds[p.Adds[1]].Call
	}
	if !holds {
		t.Fatalf("%+v: %+v does not hold", c.Set, p)
	}
}
