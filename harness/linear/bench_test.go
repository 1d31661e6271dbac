package linear_test

import (
	"math/rand/v2"
	"testing"

	"github.com/lastseat/lastseat/harness/linear"
)

// register is a linearizable history of one register: a few clients that write values of their own, or 0 to 4, and read.
func register(r *rand.Rand, n int, unique bool) linear.Object {
	o := linear.Object{Values: 5, Ops: make([]linear.Op, 0, n)}
	if unique {
		o.Values = n + 1
	}
	var state int64
	for i := range int64(n) {
		op := linear.Op{Kind: linear.Read, Call: 10*i - r.Int64N(20), Return: 10*i + 1 + r.Int64N(20)}
		if r.IntN(2) == 0 {
			if op.Kind, state = linear.Write, i+1; !unique {
				state = r.Int64N(5)
			}
		}
		op.Value = state
		o.Ops = append(o.Ops, op)
	}
	return o
}

func registers(keys, each int, unique bool) []linear.Object {
	r := rand.New(rand.NewPCG(1, 2))
	objects := make([]linear.Object, keys)
	for i := range objects {
		objects[i] = register(r, each, unique)
	}
	return objects
}

func benchmark(b *testing.B, objects []linear.Object) {
	for b.Loop() {
		for i, v := range linear.Check(b.Context(), objects, linear.Limits{}) {
			if v.Answer != linear.Linearizable {
				b.Fatalf("object %d: %+v", i, v)
			}
		}
	}
}

// A million operations over a thousand keys, every value written once.
func BenchmarkUnique(b *testing.B) { benchmark(b, registers(1000, 1000, true)) }

// A million operations on one key.
func BenchmarkUniqueOneKey(b *testing.B) { benchmark(b, registers(1, 1_000_000, true)) }

// The same as BenchmarkUnique with five values, by search.
func BenchmarkSearch(b *testing.B) { benchmark(b, registers(1000, 1000, false)) }
