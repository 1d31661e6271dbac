package harness

import "encoding/binary"

// A chunk that goes to disk is packed: a fifth of its size in memory, so that a row of many minutes fits the memory that the system has for files, and is
// judged without waiting for the disk. Of each record and each access there is a byte that says what else follows, and most has its usual value.

// What is not as usual in a record; the outcome is in the two lowest bits.
const (
	packedDeclined = 1 << (2 + iota)
	packedUndoes   // it reverses another one
	packedTries    // it was tried more than once
	packedName     // it is not the first of the names
	packedCount    // it has not as many accesses as the one before
)

// What is not as usual in an access; the kind is in the three lowest bits.
const (
	packedDelta   = 1 << (3 + iota) // something is added
	packedValue                     // the value was seen
	packedVersion                   // the version was seen
)

// pack appends the chunk's records and accesses to b.
func (c *chunk) pack(b []byte) []byte {
	end, count, next := int64(0), uint32(0), 0
	for i := range c.records {
		r := &c.records[i]
		what := len(b)
		b = append(b, byte(r.Outcome))
		b = binary.AppendVarint(b, r.Invoke-end)
		b = binary.AppendVarint(b, r.Begin-r.Invoke)
		b = binary.AppendVarint(b, r.End-r.Begin)
		end = r.End
		if r.Declined {
			b[what] |= packedDeclined
		}
		if r.Undoes != 0 {
			b[what] |= packedUndoes
			b = binary.AppendVarint(b, r.Undoes)
		}
		if r.Tries != 1 {
			b[what] |= packedTries
			b = binary.AppendUvarint(b, uint64(r.Tries))
		}
		if r.Name != 0 {
			b[what] |= packedName
			b = append(b, r.Name)
		}
		if r.count != count {
			b[what] |= packedCount
			count = r.count
			b = binary.AppendUvarint(b, uint64(count))
		}
		b = packAccesses(b, c.accesses[next:next+int(count)])
		next += int(count)
	}
	return b
}

func packAccesses(b []byte, all []Access) []byte {
	for i := range all {
		a := &all[i]
		what := len(b)
		b = append(b, byte(a.Kind))
		b = binary.AppendVarint(b, int64(a.Cell))
		if a.Delta != 0 {
			b[what] |= packedDelta
			b = binary.AppendVarint(b, a.Delta)
		}
		if a.Value != NotSeen {
			b[what] |= packedValue
			b = binary.AppendVarint(b, a.Value)
		}
		if a.Version != NotSeen {
			b[what] |= packedVersion
			b = binary.AppendVarint(b, a.Version)
		}
	}
	return b
}

// unpacker reads what pack wrote.
type unpacker struct {
	b  []byte
	at int
}

func (u *unpacker) byte() byte {
	u.at++
	return u.b[u.at-1]
}

func (u *unpacker) unsigned() uint64 {
	if v := u.b[u.at]; v < 0x80 { // most are
		u.at++
		return uint64(v)
	}
	v, n := binary.Uvarint(u.b[u.at:])
	u.at += n
	return v
}

func (u *unpacker) signed() int64 {
	v := u.unsigned()
	return int64(v>>1) ^ -int64(v&1)
}

// rows are the chunk's records and accesses: where they are, or, if they are packed, a copy.
func (c *chunk) rows() ([]Record, []Access) {
	if c.packed == nil {
		return c.records, c.accesses
	}
	u := unpacker{b: c.packed}
	records, accesses := make([]Record, chunkSize), make([]Access, 0, c.touched)
	end, count := int64(0), uint32(0)
	for i := range records {
		r := &records[i]
		what := u.byte()
		r.Outcome, r.Declined, r.Tries = Outcome(what&3), what&packedDeclined != 0, 1
		r.Invoke = end + u.signed()
		r.Begin = r.Invoke + u.signed()
		r.End = r.Begin + u.signed()
		end = r.End
		if what&packedUndoes != 0 {
			r.Undoes = u.signed()
		}
		if what&packedTries != 0 {
			r.Tries = uint16(u.unsigned())
		}
		if what&packedName != 0 {
			r.Name = u.byte()
		}
		if what&packedCount != 0 {
			count = uint32(u.unsigned())
		}
		r.first, r.count = uint32(len(accesses)), count
		for range count {
			accesses = append(accesses, u.access())
		}
	}
	return records, accesses
}

func (u *unpacker) access() Access {
	what := u.byte()
	a := Access{Kind: AccessKind(what & 7), Cell: Cell(u.signed()), Value: NotSeen, Version: NotSeen}
	if what&packedDelta != 0 {
		a.Delta = u.signed()
	}
	if what&packedValue != 0 {
		a.Value = u.signed()
	}
	if what&packedVersion != 0 {
		a.Version = u.signed()
	}
	return a
}

// The outcomes have room in two bits, the kinds in three: else this does not compile.
var _ = [1]struct{}{}[(Outcomes-1)>>2|int(Appends)>>3]
