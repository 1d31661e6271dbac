package linear_test

import (
	"fmt"
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

// All operations on one key.
func BenchmarkUniqueOneKey(b *testing.B) {
	for n := 10_000; n <= 1_000_000; n *= 10 {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmark(b, registers(1, n, true)) })
	}
}

// A queue that several clients fill and empty at once, now and then to the end; every element is put in once.
func BenchmarkQueue(b *testing.B) {
	for n := 10_000; n <= 1_000_000; n *= 10 {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmark(b, []linear.Object{queueOf(rand.New(rand.NewPCG(1, 2)), n)}) })
	}
}

func queueOf(r *rand.Rand, n int) linear.Object {
	o := linear.Object{Values: n, Ops: make([]linear.Op, 0, n)}
	var front, back int64
	for i := range int64(n) {
		op := linear.Op{Kind: linear.Vacant, Call: 10*i - r.Int64N(20), Return: 10*i + 1 + r.Int64N(20)}
		switch {
		case r.IntN(2) == 0:
			op.Kind, op.Value = linear.Enqueue, back
			back++
		case front < back:
			op.Kind, op.Value = linear.Dequeue, front
			front++
		}
		o.Ops = append(o.Ops, op)
	}
	return o
}

// A set that is read as a whole after every n/100 of n additions.
func BenchmarkSet(b *testing.B) {
	for n := 10_000; n <= 1_000_000; n *= 10 {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := setOf(rand.New(rand.NewPCG(1, 2)), n)
			for b.Loop() {
				if p := linear.CheckSet(s); p.Kind != linear.SetFits {
					b.Fatalf("%+v", p)
				}
			}
		})
	}
}

func setOf(r *rand.Rand, n int) *linear.Set {
	s := &linear.Set{Elements: n}
	var all []int32
	for i := range int64(n) {
		s.Adds = append(s.Adds, linear.Op{Kind: linear.Write, Value: i, Call: 10*i - r.Int64N(20), Return: 10*i + 1 + r.Int64N(20)})
		all = append(all, int32(i))
		if i%int64(n/100) == 0 {
			s.Reads = append(s.Reads, linear.Whole{Call: 10*i - r.Int64N(20), Return: 10*i + 1 + r.Int64N(20), Found: all[:len(all):len(all)]})
		}
	}
	return s
}

// The same as BenchmarkUnique with five values, by search.
func BenchmarkSearch(b *testing.B) { benchmark(b, registers(1000, 1000, false)) }
