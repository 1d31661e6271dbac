package linear

import (
	"cmp"
	"math"
	"slices"
)

// Set is a set that begins empty and only grows, and that is read as a whole. CheckSet decides it without a search: what each read
// found and missed says of every addition whether it came before, so that all operations fall into blocks, one after the other.
type Set struct {
	Elements int // how many elements there are, numbered from 0
	Adds     []Op
	Reads    []Whole
}

// Whole is a read of all elements.
type Whole struct {
	Call, Return int64
	Found        []int32 // each once
}

// SetProofKind is why a set is not linearizable.
type SetProofKind uint8

const (
	// SetFits: it is.
	SetFits SetProofKind = iota
	// NobodyAdded: Reads[0] found Elements[0].
	NobodyAdded
	// TooEarly: Reads[0] found Elements[0], and had returned before Adds[0], the first addition of it, was called.
	TooEarly
	// Missed: Reads[0] did not find Elements[0]. It was called after Adds[0], an addition of it, had returned.
	Missed
	// Vanished: Reads[0] found Elements[0]. Reads[1], which was called after that had returned, did not.
	Vanished
	// Split: Reads[0] found Elements[0] and not Elements[1], Reads[1] the reverse. Either element was the first.
	Split
	// Reversed: Reads[0] found Elements[1] and not Elements[0]. But Adds[0], an addition of Elements[0], had returned before
	// Adds[1], the first addition of Elements[1], was called.
	Reversed
)

// SetProof says which operations, by their places in Adds and Reads, leave no order.
type SetProof struct {
	Kind     SetProofKind
	Adds     []int
	Reads    []int
	Elements []int32
}

// blocks are the operations of a set by where they must be: the additions of what the first reads found, these reads, the additions
// of what the next ones found beside that, and so on.
type blocks struct {
	s     *Set
	acked []int32 // by element: its first addition to return; none
	begun []int32 // by element: its first addition to be called; none
	order []int32 // the reads, by how much they found
	block []int32 // by read: how many other numbers of elements were found by fewer
	level []int32 // by element: the first block whose reads found it; none
	reads []int32 // by block: one of its reads
}

// CheckSet judges a set. Additions that certainly did not happen are left out of it, and so are reads of unknown outcome. An
// element that is added again is added by whichever of them came first.
func CheckSet(s *Set) SetProof {
	b := &blocks{s: s}
	b.add()
	if p := b.nest(); p.Kind != SetFits {
		return p
	}
	return b.sweep()
}

func (b *blocks) add() {
	b.acked, b.begun = resized[int32](nil, b.s.Elements, none), resized[int32](nil, b.s.Elements, none)
	for i := range b.s.Adds {
		op := &b.s.Adds[i]
		if a := b.acked[op.Value]; a == none || op.Return < b.s.Adds[a].Return {
			b.acked[op.Value] = int32(i)
		}
		if a := b.begun[op.Value]; a == none || op.Call < b.s.Adds[a].Call {
			b.begun[op.Value] = int32(i)
		}
	}
}

// nest finds the blocks of the reads: each must have found all that those before it found.
func (b *blocks) nest() SetProof {
	b.order = make([]int32, len(b.s.Reads))
	for i := range b.order {
		b.order[i] = int32(i)
	}
	found := func(read int32) []int32 { return b.s.Reads[read].Found }
	slices.SortStableFunc(b.order, func(x, y int32) int { return cmp.Compare(len(found(x)), len(found(y))) })
	b.block = make([]int32, len(b.s.Reads))
	b.level = resized[int32](nil, b.s.Elements, none)
	known := 0 // elements that were found by a read so far
	for i, read := range b.order {
		if i == 0 || len(found(read)) > len(found(b.order[i-1])) {
			b.reads = append(b.reads, read)
		}
		b.block[read] = int32(len(b.reads) - 1)
		for _, e := range found(read) {
			if b.begun[e] == none {
				return SetProof{Kind: NobodyAdded, Reads: []int{int(read)}, Elements: []int32{e}}
			}
			if b.level[e] == none {
				b.level[e] = b.block[read]
				known++
			}
		}
		if known > len(found(read)) {
			return b.split(read)
		}
	}
	return SetProof{}
}

// split names an earlier read that found what this one missed. It had not found more, so it missed something, too.
func (b *blocks) split(read int32) SetProof {
	here := b.s.Reads[read].Found
	for _, other := range b.order {
		there := b.s.Reads[other].Found
		if e, ok := beside(there, here, b.s.Elements); ok {
			f, _ := beside(here, there, b.s.Elements)
			return SetProof{Kind: Split, Reads: []int{int(other), int(read)}, Elements: []int32{e, f}}
		}
	}
	panic("linear: no read found what a later one missed")
}

// beside is the first of found that is not in others.
func beside(found, others []int32, elements int) (e int32, ok bool) {
	in := make([]bool, elements)
	for _, e := range others {
		in[e] = true
	}
	i := slices.IndexFunc(found, func(e int32) bool { return !in[e] })
	if i < 0 {
		return 0, false
	}
	return found[i], true
}

// bound is an operation and the moment at which it was called or returned.
type bound struct {
	moment int64
	read   bool
	at     int32 // the read, or the element that was added
}

// sweep demands that no operation had returned before one of an earlier block was called.
func (b *blocks) sweep() SetProof {
	last := 2 * len(b.reads) // the block of what no read found
	called, returned := make([]bound, last+1), make([]bound, last+1)
	for i := range called {
		called[i].moment, returned[i].moment = math.MinInt64, math.MaxInt64
	}
	note := func(block int, call, ret int64, read bool, at int32) {
		if call > called[block].moment {
			called[block] = bound{call, read, at}
		}
		if ret < returned[block].moment {
			returned[block] = bound{ret, read, at}
		}
	}
	for e, first := range b.begun {
		block := 2 * int(b.level[e])
		if b.level[e] == none {
			block = last
		}
		if first != none {
			note(block, b.s.Adds[first].Call, b.s.Adds[b.acked[e]].Return, false, int32(e))
		}
	}
	for i := range b.s.Reads {
		note(2*int(b.block[i])+1, b.s.Reads[i].Call, b.s.Reads[i].Return, true, int32(i))
	}
	early := returned[last]
	for i := last - 1; i >= 0; i-- {
		if early.moment < called[i].moment {
			return b.proof(early, called[i])
		}
		if returned[i].moment < early.moment {
			early = returned[i]
		}
	}
	return SetProof{}
}

// proof names what shows that the first operation came after the second, although it had returned before that was called.
func (b *blocks) proof(early, late bound) SetProof {
	switch {
	case early.read && late.read:
		e, _ := beside(b.s.Reads[early.at].Found, b.s.Reads[late.at].Found, b.s.Elements)
		return SetProof{Kind: Vanished, Reads: []int{int(early.at), int(late.at)}, Elements: []int32{e}}
	case early.read:
		return SetProof{Kind: TooEarly, Reads: []int{int(early.at)}, Adds: []int{int(b.begun[late.at])}, Elements: []int32{late.at}}
	case late.read:
		return SetProof{Kind: Missed, Reads: []int{int(late.at)}, Adds: []int{int(b.acked[early.at])}, Elements: []int32{early.at}}
	}
	return SetProof{
		Kind: Reversed, Reads: []int{int(b.reads[b.level[late.at]])},
		Adds: []int{int(b.acked[early.at]), int(b.begun[late.at])}, Elements: []int32{early.at, late.at},
	}
}
