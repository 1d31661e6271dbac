package history

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ParseValue reads one value as EDN writes it: 0, nil, :free, "a".
func ParseValue(text string) (value any, err error) {
	p := &parser{data: []byte(text)}
	bad := parse(func() {
		value = p.value()
		if p.peek(); p.at < len(p.data) {
			p.want("one value")
		}
	})
	if bad != nil {
		return nil, bad
	}
	return value, nil
}

// StartAt makes value, as EDN writes it, what every register held before the first write. A write of the same value could not be told
// from that, so it is an error.
func (t *Transactions) StartAt(value string) error {
	if !t.Holds(Registers) {
		return errors.New("only registers hold something at first")
	}
	value = strings.TrimSpace(value)
	parsed, err := ParseValue(value)
	if err != nil {
		return err
	}
	if n, ok := parsed.(int64); ok { // +7 is 7
		value = strconv.FormatInt(n, 10)
	}
	initial := t.Values.Number(value)
	if slices.ContainsFunc(t.Ops, func(op TxnOp) bool { return op.Kind == Registers && op.Write && op.Value == initial }) {
		return fmt.Errorf("a transaction writes %s, which registers are said to hold at first: a read of it could mean either", value)
	}
	for i := range t.Ops {
		switch op := &t.Ops[i]; {
		case op.Kind != Registers:
		case op.Value == initial:
			op.Value = Initial
		case op.Value == Initial: // nil, which nobody wrote
			op.Value = t.Values.Number("nil")
		}
	}
	return nil
}
