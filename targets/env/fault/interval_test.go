package fault

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

// TestInterval: the first strike comes early, and a later one when things have been well for the interval, or for as long as the last fault took.
// They are well when clients are served again, and nobody is struck who was not.
func TestInterval(t *testing.T) {
	const clients, each = 3, time.Millisecond // how long an operation takes
	for _, test := range []struct {
		took, away  time.Duration // a fault, and the clients after it
		least, most time.Duration // between the end of a fault and the next one
	}{
		{0, 0, time.Second, 2 * time.Second},
		{time.Second / 2, 0, time.Second, 2 * time.Second},
		{20 * time.Second, 0, 20 * time.Second, 20 * time.Second},
		{0, 10 * time.Second, 11 * time.Second, 12 * time.Second},
		{20 * time.Second, 10 * time.Second, 30 * time.Second, 30 * time.Second},
		{0, time.Hour, 0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			strikes, ended := 0, time.Now()
			on := store.Victims{Turn: clients, Rand: rand.New(rand.NewPCG(1, 2)), Served: func() int64 {
				return int64(max(0, time.Since(ended)-test.away) / each)
			}}
			err := interval{time.Second, 2 * time.Second}.strike(ctx, on, func() error {
				well, least, most := time.Since(ended), test.least, test.most+lookEvery+clients*each
				if strikes == 0 {
					least, most = firstLeast, firstMost
				}
				if well < least || well > most {
					t.Errorf("a fault of %v, clients away for %v: %v passed before strike %d, want %v to %v", test.took, test.away, well, strikes, least, most)
				}
				strikes++
				time.Sleep(test.took)
				ended = time.Now()
				return nil
			})
			if err != nil || strikes < 5 && test.away < time.Hour || strikes > 1 && test.away == time.Hour {
				t.Errorf("%d strikes, %v", strikes, err)
			}
		})
	}
}
