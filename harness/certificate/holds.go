package certificate

import (
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness/history"
)

// holding is an order under examination.
type holding struct {
	*facts
	rule
	*Holds
	begun, done []int32 // by transaction: its places in the order, or -1
}

func (h *holding) verify() error {
	if err := h.places(); err != nil {
		return err
	}
	if err := h.inOrder(); err != nil {
		return err
	}
	if h.how.views() {
		v := viewing{holding: h, writers: map[int32][]int32{}}
		return v.verify()
	}
	if h.Saw == nil && h.how == committed {
		return h.commits()
	}
	if h.Saw != nil {
		return fmt.Errorf("%d transactions are said to have seen some, which the model does not ask for", len(h.Saw))
	}
	return h.replay()
}

// places finds each transaction in the order: who committed must be there, who failed must not.
func (h *holding) places() error {
	h.begun, h.done = slices.Repeat([]int32{-1}, h.Len()), slices.Repeat([]int32{-1}, h.Len())
	for place, i := range h.Order {
		switch {
		case i < 0 || int(i) >= h.Len() || !h.possible(i):
			return fmt.Errorf("transaction %d is in the order, and did not happen", i)
		case h.begun[i] < 0:
			h.begun[i] = int32(place)
			if !h.how.split() {
				h.done[i] = int32(place)
			}
		case h.done[i] < 0:
			h.done[i] = int32(place)
		default:
			return fmt.Errorf("transaction %d is in the order too often", i)
		}
	}
	for i := range int32(h.Len()) {
		if h.ok(i) && h.done[i] < 0 || h.begun[i] >= 0 && h.done[i] < 0 {
			return fmt.Errorf("transaction %d is missing in the order", i)
		}
	}
	return nil
}

// inOrder sees that sessions and real time are kept.
func (h *holding) inOrder() error {
	if h.sessions {
		last := map[int32]int32{} // by process: the last commit
		for i := range int32(h.Len()) {
			if h.done[i] < 0 || h.Process[i] == history.NoProcess {
				continue
			}
			if at, some := last[h.Process[i]]; some && h.begun[i] < at {
				return fmt.Errorf("transaction %d is in the order before one that its process had done", i)
			}
			if h.ok(i) && h.Complete[i] >= 0 {
				last[h.Process[i]] = max(last[h.Process[i]], h.done[i])
			}
		}
	}
	if !h.rule.realtime {
		return nil
	}
	latest := make([]int32, h.Clocks()) // by clock: the latest invocation of what began so far
	for i := range latest {
		latest[i] = -1
	}
	between := int32(-1) // and that by all clocks, each at the earliest
	for place, i := range h.Order {
		clock := 0
		if len(h.Clock) > 0 {
			clock = int(h.Clock[i])
		}
		if int32(place) == h.begun[i] {
			latest[clock] = max(latest[clock], h.Invoke[i])
			if len(h.Clock) > 0 {
				between = max(between, h.Earliest[i])
			}
		}
		if int32(place) != h.done[i] || !h.ok(i) || h.Complete[i] < 0 {
			continue
		}
		if h.Complete[i] < latest[clock] || len(h.Clock) > 0 && h.Latest[i] < between {
			return fmt.Errorf("transaction %d is in the order after one that began when it had been answered", i)
		}
	}
	return nil
}

// replay lets the transactions happen in their order.
func (h *holding) replay() error {
	state := map[int32][]int32{}
	changed := map[int32]int32{} // by key: the place of the last commit that wrote it
	for place, i := range h.Order {
		if h.begun[i] == int32(place) && !h.explained(i, func(key int32) []int32 { return state[key] }) {
			return fmt.Errorf("transaction %d did not read what the order says", i)
		}
		if h.done[i] != int32(place) {
			continue
		}
		for key, values := range h.writes[i] {
			at, some := changed[key]
			if some && h.how == snapshot && at > h.begun[i] {
				return fmt.Errorf("transaction %d wrote %s, as another one did that was not over when it began", i, h.Keys.Text(key))
			}
			if some && at > h.begun[i] && h.lists[key] && h.readsOwn(i, key) {
				return fmt.Errorf("transaction %d read %s with its own elements, and another had changed it meanwhile", i, h.Keys.Text(key))
			}
			changed[key] = int32(place)
			state[key] = h.after(key, state[key], values)
		}
	}
	return nil
}

// after is a key once values were written to it.
func (h *holding) after(key int32, before, values []int32) []int32 {
	if !h.lists[key] {
		return values[len(values)-1:]
	}
	return append(before, values...)
}

// explained reports whether a transaction's answers are those of the keys as they are, with its own writes upon that.
func (h *holding) explained(i int32, holds func(key int32) []int32) bool {
	if !h.ok(i) {
		return true
	}
	own := map[int32][]int32{}
	for _, op := range h.Steps(i) {
		if op.Write {
			own[op.Key] = append(own[op.Key], op.Value)
			continue
		}
		if !h.answered(&op) {
			continue
		}
		found, mine := h.found(&op), own[op.Key]
		if op.Kind == history.Registers && len(mine) > 0 {
			if !slices.Equal(found, mine[len(mine)-1:]) {
				return false
			}
			continue
		}
		base := holds(op.Key)
		if len(found) != len(base)+len(mine) || !slices.Equal(found[:len(base)], base) || !slices.Equal(found[len(base):], mine) {
			return false
		}
	}
	return true
}
