package harness

// ApplyContents carries out an operation's Reads, Writes and Appends one after the other, and appends to seen what its Reads find: a
// Finds for each cell, and its Holds. Such an operation always succeeds. It holds the only sequential semantics of these steps
// that there is. The contents are what cells hold that are no numbers: the values, by Cell, in the order in which they came; a register
// holds one at most.
func ApplyContents(c [][]int64, op *Op, seen []Access) []Access {
	for i := range op.Steps {
		s := &op.Steps[i]
		switch s.Kind {
		case Write:
			c[s.Cell] = append(c[s.Cell][:0], s.Value)
		case Append:
			c[s.Cell] = append(c[s.Cell], s.Value)
		case Read:
			for _, cell := range s.Cells {
				seen = Found(seen, cell, c[cell])
			}
		case Add, Call:
		}
	}
	return seen
}

// Found appends to seen that a Read found these values in the cell.
func Found(seen []Access, c Cell, values []int64) []Access {
	seen = append(seen, Access{Cell: c, Kind: Finds, Value: int64(len(values)), Version: NotSeen})
	for _, v := range values {
		seen = append(seen, Access{Cell: c, Kind: Holds, Value: v, Version: NotSeen})
	}
	return seen
}
