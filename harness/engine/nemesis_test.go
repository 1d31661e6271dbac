package engine

import "testing"

// TestTurn: a fault waits for one operation of each client, and does not wait for those that a low rate makes rare.
func TestTurn(t *testing.T) {
	for _, c := range []struct {
		clients int
		rate    float64
		want    int64
	}{
		{1, 0, 1}, {64, 0, 64}, {64, 8, 1}, {64, 200, 20}, {64, 1e6, 64}, {8, 0.01, 1},
	} {
		if got := turnOf(c.clients, c.rate); got != c.want {
			t.Errorf("%d clients at %v a second: %d, want %d", c.clients, c.rate, got, c.want)
		}
	}
}
