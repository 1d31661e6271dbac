package anomaly

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// blind draws a history of transactions over registers, half of whose steps are reads and half are writes that read nothing.
type blind struct {
	txns, sessions, steps, keys int
	zipfian                     bool
	store                       string // serial, snapshot, or broken: a serial one of which one read in a thousand is stale
}

func (b blind) String() string {
	keys := "uniform"
	if b.zipfian {
		keys = "zipfian"
	}
	return fmt.Sprintf("%s/%s/%d", b.store, keys, b.txns)
}

// picker draws keys.
func (b blind) picker(r *rand.Rand) func() int32 {
	if !b.zipfian {
		return func() int32 { return int32(r.IntN(b.keys)) }
	}
	sum := make([]float64, b.keys+1)
	for k := range b.keys {
		sum[k+1] = sum[k] + math.Pow(float64(k+1), -0.99)
	}
	return func() int32 { return int32(sort.SearchFloat64s(sum, r.Float64()*sum[b.keys])-1) & math.MaxInt32 }
}

// running is a transaction that has begun.
type running struct {
	invoke int32
	steps  []history.TxnOp
	began  int // how many had committed
}

// draw makes the history: sessions take turns at random; each transaction takes effect when it is answered.
func (b blind) draw(seed uint64) *history.Transactions {
	r := rand.New(rand.NewPCG(seed, 1))
	pick := b.picker(r)
	h := &history.Transactions{Kind: history.Registers, First: []int32{0}}
	type write struct {
		value int32
		at    int
	}
	versions := make([][]write, b.keys)
	last := make([]int32, b.keys)
	open := make([]*running, b.sessions)
	event, commits := int32(0), 0
	for h.Len() < b.txns {
		s := r.IntN(b.sessions)
		if open[s] == nil {
			open[s] = &running{invoke: event, began: commits}
			event++
			for range b.steps {
				open[s].steps = append(open[s].steps, history.TxnOp{Write: r.IntN(2) == 0, Key: pick()})
			}
			continue
		}
		t := open[s]
		open[s] = nil
		at := commits
		if b.store == "snapshot" {
			at = t.began
		}
		own, conflict := map[int32]int32{}, false
		for i := range t.steps {
			op := &t.steps[i]
			vs := versions[op.Key]
			if op.Write {
				conflict = conflict || b.store == "snapshot" && len(vs) > 0 && vs[len(vs)-1].at > at
				last[op.Key]++
				op.Value, own[op.Key] = last[op.Key], last[op.Key]
				continue
			}
			if v, ok := own[op.Key]; ok {
				op.Value = v
				continue
			}
			n := sort.Search(len(vs), func(i int) bool { return vs[i].at > at })
			if b.store == "broken" && n > 1 && r.IntN(1000) == 0 {
				n--
			}
			op.Value = history.Initial
			if n > 0 {
				op.Value = vs[n-1].value
			}
		}
		outcome := harness.OK
		if conflict {
			outcome = harness.Failed
		} else {
			commits++
			for k, v := range own {
				versions[k] = append(versions[k], write{v, commits})
			}
		}
		for _, op := range t.steps {
			if outcome == harness.Failed && !op.Write {
				op.Value = history.NotRead
			}
			h.Ops = append(h.Ops, op)
		}
		h.First = append(h.First, int32(len(h.Ops)))
		h.Outcome, h.Process = append(h.Outcome, outcome), append(h.Process, int32(s))
		h.Invoke, h.Complete = append(h.Invoke, t.invoke), append(h.Complete, event)
		event++
	}
	return h
}

// blinds are histories of 10,000 transactions, and what must come of them.
var blinds = []struct {
	blind
	model   string
	verdict harness.Verdict
}{
	{blind{store: "serial"}, "strong-session-serializable", harness.Safe},
	{blind{store: "serial", zipfian: true}, "strong-session-serializable", harness.Safe},
	{blind{store: "serial"}, "strong-session-snapshot-isolation", harness.Safe},
	{blind{store: "serial", zipfian: true}, "", harness.Safe},
	{blind{store: "snapshot"}, "strong-session-snapshot-isolation", harness.Safe},
	{blind{store: "snapshot", zipfian: true}, "strong-session-snapshot-isolation", harness.Safe},
	{blind{store: "snapshot"}, "strong-session-serializable", harness.Unsafe},
	{blind{store: "broken"}, "strong-session-serializable", harness.Unsafe},
	{blind{store: "broken", zipfian: true}, "strong-session-serializable", harness.Unsafe},
	{blind{store: "broken"}, "serializable", harness.Unsafe},
	{blind{store: "broken", zipfian: true}, "", harness.Unsafe},
}

// TestBlindWrites: what such stores do is decided, of histories small enough for a test.
func TestBlindWrites(t *testing.T) {
	for _, c := range blinds {
		c.sessions, c.steps, c.txns, c.keys = 20, 8, 1000, 1000
		t.Run(c.String()+"/"+c.model, func(t *testing.T) {
			r, err := Judge(c.draw(1), c.model)
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict != c.verdict {
				t.Errorf("%s, want %s: %s", r.Verdict, c.verdict, r.Reason)
			}
		})
	}
}

func BenchmarkBlindWrites(b *testing.B) {
	for _, c := range blinds {
		c.sessions, c.steps, c.txns, c.keys = 20, 8, 10_000, 10_000
		b.Run(c.String()+"/"+c.model, func(b *testing.B) {
			h := c.draw(1)
			for b.Loop() {
				r, err := Judge(h, c.model)
				if err != nil || r.Verdict != c.verdict {
					b.Fatal(err, r.Verdict, r.Reason)
				}
				b.ReportMetric(float64(len(r.Undecided)), "undecided")
			}
		})
	}
}
