package certificate

import (
	"fmt"

	"github.com/lastseat/lastseat/harness/history"
)

// viewing is an order in which each transaction saw some of those before it.
type viewing struct {
	*holding
	views   [][]uint64        // by place: the places that it saw
	writers map[int32][]int32 // by key: places of those who wrote it so far
}

// mostViewed bounds the transactions whose views are held.
const mostViewed = 60_000

func (v *viewing) verify() error {
	if len(v.Saw) != len(v.Order) || len(v.Order) > mostViewed {
		return fmt.Errorf("%d transactions are said to have seen some, expected %d, and no more than %d", len(v.Saw), len(v.Order), mostViewed)
	}
	done := map[int32][]int32{} // by process: places of those that are done
	v.views = make([][]uint64, len(v.Order))
	for place, i := range v.Order {
		v.views[place] = make([]uint64, place/64+1)
		for _, p := range done[v.Process[i]] {
			if v.sessions && v.session(v.Order[p], i) {
				v.see(place, p)
			}
		}
		for _, j := range v.Saw[place] {
			if j < 0 || int(j) >= v.Len() || v.done[j] < 0 || int(v.done[j]) >= place {
				return fmt.Errorf("transaction %d is said to have seen %d, which does not come before it", i, j)
			}
			v.see(place, v.done[j])
		}
		if err := v.transaction(place, i); err != nil {
			return err
		}
		done[v.Process[i]] = append(done[v.Process[i]], int32(place))
		for key := range v.writes[i] {
			v.writers[key] = append(v.writers[key], int32(place))
		}
	}
	return nil
}

// see adds that one saw another, and what that had seen if the model asks for it.
func (v *viewing) see(place int, other int32) {
	mine := v.views[place]
	mine[other/64] |= 1 << (other % 64)
	if v.how != readAtom {
		for i, w := range v.views[other] {
			mine[i] |= w
		}
	}
}

func (v *viewing) saw(place int, other int32) bool {
	return v.views[place][other/64]>>(other%64)&1 == 1
}

func (v *viewing) transaction(place int, i int32) error {
	if v.how == parallel {
		for key := range v.writes[i] {
			for _, w := range v.writers[key] {
				if !v.saw(place, w) {
					return fmt.Errorf("transactions %d and %d wrote %s, and neither saw the other", i, v.Order[w], v.Keys.Text(key))
				}
			}
		}
	}
	whole := true
	explained := v.explained(i, func(key int32) (values []int32) {
		for _, w := range v.writers[key] {
			switch {
			case v.saw(place, w) && v.lists[key] && !whole:
				return []int32{history.NotRead}
			case v.saw(place, w):
				values = v.after(key, values, v.writes[v.Order[w]][key])
			default:
				whole = false
			}
		}
		wholeOfKey := whole
		whole = true
		if !wholeOfKey && v.lists[key] && len(v.writes[i][key]) > 0 && v.readsOwn(i, key) {
			return []int32{history.NotRead} // an append makes a version of all that was appended before
		}
		return values
	})
	if !explained {
		return fmt.Errorf("transaction %d did not read what those wrote that it is said to have seen", i)
	}
	return nil
}
