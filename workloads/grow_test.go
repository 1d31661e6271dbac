package workloads

import (
	"math/rand/v2"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// TestListsAreLeft: lists stay short as long as there are new ones, and grow evenly once there are none, though some clients are
// much faster than others.
func TestListsAreLeft(t *testing.T) {
	const active, clients, transactions = 4, 16, 20_000
	for pool, limit := range map[int]int{8192: 96, 40: transactions*mostSteps/3/40 + 96} {
		sets := single(pool)
		there := make([][]int64, pool)
		var growers [clients]*grower
		var last [clients]harness.Answer
		for id := range growers {
			r := rand.New(rand.NewPCG(1, uint64(id)))
			growers[id] = newGrower(id, r, (&Config{}).chooser(active), active, sets)
		}
		r := rand.New(rand.NewPCG(5, 5))
		for range transactions {
			i := min(r.IntN(clients), r.IntN(clients))
			op := growers[i].Next(last[i])
			last[i] = harness.Answer{Op: 1, Outcome: harness.OK, Seen: harness.ApplyContents(there, op, last[i].Seen[:0])}
		}
		longest, used := 0, 0
		for _, list := range there {
			longest = max(longest, len(list))
			if len(list) > 0 {
				used++
			}
		}
		if longest > limit || used < min(pool, transactions/96) {
			t.Errorf("of %d lists %d were used, and the longest holds %d values, want at most %d", pool, used, longest, limit)
		}
	}
}
