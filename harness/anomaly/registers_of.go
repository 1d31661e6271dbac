package anomaly

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// RegistersOf retells lastseat's own operations on cells as transactions over registers, for others to judge: a cell is a
// register, and what it holds is its version, a value that is written once.
func RegistersOf(h *harness.History) *history.Transactions {
	c := newCells(h)
	t := &history.Transactions{First: []int32{0}}
	begin, end, order := history.InTime(h.Logs, c.ops)
	clocks, earliest, latest := history.Between(h, c.ops)
	for _, txn := range order {
		c.retell(t, txn)
		t.Invoke, t.Complete = append(t.Invoke, begin[txn]), append(t.Complete, end[txn])
		if clocks != nil {
			t.Clock, t.Earliest, t.Latest = append(t.Clock, clocks[txn]), append(t.Earliest, earliest[txn]), append(t.Latest, latest[txn])
		}
	}
	return t
}

// retell appends an operation: first what it read, then what it wrote.
func (c *cells) retell(t *history.Transactions, txn int32) {
	op := &c.ops[txn]
	for i := range op.Accesses {
		if a := &op.Accesses[i]; a.Version != harness.NotSeen && op.Outcome == harness.OK {
			value := int32(a.Version)
			if a.Version == 0 {
				value = history.Initial
			}
			t.Ops = append(t.Ops, history.TxnOp{Kind: history.Registers, Key: int32(a.Cell), Value: value})
		}
	}
	for _, w := range c.own[c.mine[txn]:c.mine[txn+1]] {
		t.Ops = append(t.Ops, history.TxnOp{Write: true, Kind: history.Registers, Key: int32(w.cell), Value: int32(w.version)})
	}
	outcome := op.Outcome
	if outcome == harness.Rejected {
		outcome = harness.Failed
	}
	t.Outcome = append(t.Outcome, outcome)
	t.Process = append(t.Process, op.Process())
	t.First = append(t.First, int32(len(t.Ops)))
}
