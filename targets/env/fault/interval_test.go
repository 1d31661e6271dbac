package fault

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// TestInterval: the first strike comes early, and a later one when things have been well for the interval, or for as long as the last fault took.
func TestInterval(t *testing.T) {
	for _, test := range []struct {
		took        time.Duration
		least, most time.Duration // between the end of a fault and the next one
	}{
		{0, time.Second, 2 * time.Second},
		{time.Second / 2, time.Second, 2 * time.Second},
		{20 * time.Second, 20 * time.Second, 20 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			strikes, ended := 0, time.Now()
			err := interval{time.Second, 2 * time.Second}.strike(ctx, rand.New(rand.NewPCG(1, 2)), func() error {
				well, least, most := time.Since(ended), test.least, test.most
				if strikes == 0 {
					least, most = firstLeast, firstMost
				}
				if well < least || well > most {
					t.Errorf("a fault of %v: things were well for %v before strike %d, want %v to %v", test.took, well, strikes, least, most)
				}
				strikes++
				time.Sleep(test.took)
				ended = time.Now()
				return nil
			})
			if err != nil || strikes < 5 {
				t.Errorf("%d strikes, %v", strikes, err)
			}
		})
	}
}
