package draw

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// Store is how a store keeps what it is told.
type Store string

// The stores.
const (
	Serial   Store = "serial"   // strictly serializable
	Snapshot Store = "snapshot" // snapshot isolation
	Broken   Store = "broken"   // serial, but that one read in a thousand misses the last write
)

// Stores are all stores.
func Stores() []Store { return []Store{Serial, Snapshot, Broken} }

// Blind is a history of transactions over registers, half of whose steps are reads and half are writes that read nothing.
type Blind struct {
	Transactions, Sessions, Steps, Keys int
	Zipfian                             bool // some keys much more often than others, by the law of Zipf with exponent 0.99
	Store                               Store
}

func (b Blind) String() string {
	keys := "uniform"
	if b.Zipfian {
		keys = "zipfian"
	}
	return fmt.Sprintf("%s/%s/%d", b.Store, keys, b.Transactions)
}

// picker draws keys.
func (b Blind) picker(r *rand.Rand) func() int32 {
	if !b.Zipfian {
		return func() int32 { return int32(r.IntN(b.Keys)) }
	}
	sum := make([]float64, b.Keys+1)
	for k := range b.Keys {
		sum[k+1] = sum[k] + math.Pow(float64(k+1), -0.99)
	}
	return func() int32 { return int32(sort.SearchFloat64s(sum, r.Float64()*sum[b.Keys])-1) & math.MaxInt32 }
}

// running is a transaction that has begun.
type running struct {
	invoke int32
	steps  []history.TxnOp
	began  int // how many had committed
}

// write is a version of a key.
type write struct {
	value int32
	at    int // how many had committed, with its transaction
}

// store is what the transactions so far have left.
type store struct {
	Blind
	r        *rand.Rand
	versions [][]write // by key
	last     []int32   // by key: the last value that anybody tried to write
	commits  int
}

// Draw makes the history: sessions take turns at random; each transaction takes effect when it is answered. A seed gives the same
// history always.
func (b Blind) Draw(seed uint64) *history.Transactions {
	r := rand.New(rand.NewPCG(seed, 1))
	s := &store{Blind: b, r: r, versions: make([][]write, b.Keys), last: make([]int32, b.Keys)}
	pick := b.picker(r)
	h := &history.Transactions{First: []int32{0}}
	open := make([]*running, b.Sessions)
	for event := int32(0); h.Len() < b.Transactions; event++ {
		session := r.IntN(b.Sessions)
		if open[session] == nil {
			t := &running{invoke: event, began: s.commits}
			for range b.Steps {
				t.steps = append(t.steps, history.TxnOp{Write: r.IntN(2) == 0, Kind: history.Registers, Key: pick()})
			}
			open[session] = t
			continue
		}
		t := open[session]
		open[session] = nil
		outcome := s.end(t)
		h.Ops = append(h.Ops, t.steps...)
		h.First = append(h.First, int32(len(h.Ops)))
		h.Outcome, h.Process = append(h.Outcome, outcome), append(h.Process, int32(session))
		h.Invoke, h.Complete = append(h.Invoke, t.invoke), append(h.Complete, event)
	}
	return h
}

// end fills in what a transaction wrote and read, and commits it, if it may.
func (s *store) end(t *running) harness.Outcome {
	at := s.commits
	if s.Store == Snapshot {
		at = t.began
	}
	own, conflict := map[int32]int32{}, false
	for i := range t.steps {
		op := &t.steps[i]
		if op.Write {
			vs := s.versions[op.Key]
			conflict = conflict || s.Store == Snapshot && len(vs) > 0 && vs[len(vs)-1].at > at
			s.last[op.Key]++
			op.Value, own[op.Key] = s.last[op.Key], s.last[op.Key]
		} else if v, ok := own[op.Key]; ok {
			op.Value = v
		} else {
			op.Value = s.read(op.Key, at)
		}
	}
	if conflict {
		for i := range t.steps {
			if op := &t.steps[i]; !op.Write {
				op.Value = history.NotRead
			}
		}
		return harness.Failed
	}
	s.commits++
	for k, v := range own {
		s.versions[k] = append(s.versions[k], write{v, s.commits})
	}
	return harness.OK
}

// read is the value of a key after so many commits.
func (s *store) read(key int32, at int) int32 {
	vs := s.versions[key]
	n := sort.Search(len(vs), func(i int) bool { return vs[i].at > at })
	if s.Store == Broken && n > 1 && s.r.IntN(1000) == 0 {
		n--
	}
	if n == 0 {
		return history.Initial
	}
	return vs[n-1].value
}
