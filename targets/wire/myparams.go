package wire

import "slices"

// Flags of COM_STMT_EXECUTE and of MariaDB's COM_STMT_BULK_EXECUTE.
const (
	countFollows = 8
	bulkTypes    = 128
)

// maxParams is the most parameters that a statement has, and maxBulk the most that are read of a bulk of executions.
const (
	maxParams = 1<<16 - 1
	maxBulk   = 1 << 18
)

const malformed = "the message is malformed"

// executeParams reads the parameters of an execution: first the statement's own, then attributes, which have names.
func (m *mysql) executeParams(c *cursor, s *myStatement) (params []Value, named map[string]string, unread string) {
	flags := c.byte()
	c.take(4) // executions: one
	n := uint64(s.params)
	if m.can&canAttributes != 0 && flags&countFollows != 0 {
		n = c.length()
	}
	values, types, ok := m.values(c, n, s, m.can&canAttributes != 0)
	if s.lost {
		return nil, nil, "a parameter that was sent ahead was not kept"
	}
	if !ok || len(values) < s.params {
		return nil, nil, malformed
	}
	return values[:s.params], attributes(types[s.params:], values[s.params:]), ""
}

// values reads n values in binary form, after a bit for each that is NULL, and their types if they are new. s is the statement that
// remembers types from one execution to the next; nil: a query.
func (m *mysql) values(c *cursor, n uint64, s *myStatement, names bool) (values []Value, types []myType, ok bool) {
	if n == 0 {
		return nil, nil, !c.bad
	}
	if n > maxParams || n > uint64(len(c.b))*8 {
		return nil, nil, false
	}
	nulls := c.take(int(n+7) / 8)
	if c.byte() == 1 {
		types = readTypes(c, int(n), names, nil)
		if s != nil && !c.bad {
			m.keepTypes(s, types)
		}
	} else if s != nil {
		types = s.types
	}
	if c.bad || len(types) < int(n) {
		return nil, nil, false
	}
	for i, t := range types[:n] {
		long, ahead := []byte(nil), false
		if s != nil {
			long, ahead = s.long[i]
		}
		switch {
		case ahead:
			values = append(values, myText(long, t.number))
		case nulls[i/8]>>(i%8)&1 == 1:
			values = append(values, Value{Null: true})
		default:
			values = append(values, myBinary(c, t.number, t.unsigned))
		}
		if c.bad {
			return nil, nil, false
		}
	}
	return values, types[:n], true
}

// keepTypes remembers types for the next execution.
func (m *mysql) keepTypes(s *myStatement, types []myType) {
	size := 0
	for _, t := range types {
		size += len(t.name) + 32
	}
	for _, t := range s.types {
		size -= len(t.name) + 32
	}
	if s.types = types; s.size > 0 {
		s.size += size
		m.remember(&m.fromClient, size)
	}
}

// readTypes appends the types of n parameters to others.
func readTypes(c *cursor, n int, names bool, types []myType) []myType {
	for range n {
		t := myType{number: c.byte(), unsigned: c.byte()&0x80 != 0}
		if names {
			t.name = string(c.counted())
		}
		if c.bad {
			return nil
		}
		types = append(types, t)
	}
	return types
}

// overhear takes in of an execution that nobody listens to what the next one may leave out: the types of its parameters.
func (m *mysql) overhear(command byte, c *cursor, s *myStatement) {
	n, names := uint64(s.params), m.can&canAttributes != 0
	var follow bool
	if command == comBulkExecute {
		names, follow = false, c.little(2)&bulkTypes != 0
	} else {
		flags := c.byte()
		c.take(4) // executions: one
		if names && flags&countFollows != 0 {
			n = c.length()
		}
		if n == 0 || n > maxParams {
			return
		}
		c.take(int(n+7) / 8)
		follow = c.byte() == 1
	}
	if !follow || c.bad {
		return
	}
	if m.types = readTypes(c, int(n), names, m.types[:0]); !slices.Equal(m.types, s.types) {
		m.keepTypes(s, slices.Clone(m.types))
	}
}

// bulkParams reads the parameters of several executions, one after the other. Each has a byte before it: 0 a value, 1 NULL, 2 the
// column's default, 3 nothing at all.
func (m *mysql) bulkParams(c *cursor, s *myStatement) (params []Value, unread string) {
	const value, null = 0, 1
	if c.little(2)&bulkTypes != 0 {
		if types := readTypes(c, s.params, false, nil); !c.bad {
			m.keepTypes(s, types)
		}
	}
	if len(s.types) < s.params || s.params == 0 {
		return nil, malformed
	}
	for i := 0; len(c.b) > 0 && !c.bad; i++ {
		if i >= maxBulk {
			return nil, "more than are read"
		}
		t := s.types[i%s.params]
		switch c.byte() {
		case value:
			params = append(params, myBinary(c, t.number, t.unsigned))
		case null:
			params = append(params, Value{Null: true})
		default:
			params = append(params, Value{Text: "DEFAULT"})
		}
	}
	if c.bad {
		return nil, malformed
	}
	return params, ""
}
