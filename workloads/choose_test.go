package workloads

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// shares is how often each of n cells is chosen.
func shares(t *testing.T, c Config, n int) []float64 {
	t.Helper()
	if err := c.checkRand(); err != nil {
		t.Fatal(err)
	}
	const draws = 400_000
	choose, r := c.chooser(n), rand.New(rand.NewPCG(1, 2))
	got := make([]float64, n)
	for range draws {
		got[choose(r)] += 1.0 / draws
	}
	return got
}

// TestChoosersFollowTheirDistribution: the draws are seeded, so the comparison cannot fail by luck.
func TestChoosersFollowTheirDistribution(t *testing.T) {
	const n = 10
	zipf := make([]float64, n)
	sum := 0.0
	for i := range zipf {
		zipf[i] = 1 / math.Pow(float64(i+1), 0.99)
		sum += zipf[i]
	}
	even, hot := make([]float64, n), make([]float64, n)
	for i := range n {
		zipf[i] /= sum
		even[i] = 1.0 / n
		hot[i] = 0.2 / 8
		if i < 2 {
			hot[i] = 0.8 / 2
		}
	}
	for _, test := range []struct {
		how       RandType
		want      []float64
		tolerance float64 // the zipfian method is exact for the first two, and approximates the others
	}{{UniformCells, even, 0.005}, {Hotspot, hot, 0.005}, {Zipfian, zipf, 0.02}} {
		got := shares(t, Config{RandType: test.how}, n)
		for i := range n {
			if math.Abs(got[i]-test.want[i]) > test.tolerance {
				t.Errorf("%s: cell %d is chosen in %.3f of the draws, want %.3f", test.how, i, got[i], test.want[i])
			}
		}
	}
}

// TestChoosersStayWithinTheirCells, for few cells too, where the methods divide by what may be 0.
func TestChoosersStayWithinTheirCells(t *testing.T) {
	for _, how := range RandTypes() {
		for _, n := range []int{1, 2, 3, 1000} {
			sum := 0.0
			for _, s := range shares(t, Config{RandType: how}, n) { // a draw outside would panic
				sum += s
			}
			if math.Abs(sum-1) > 1e-6 {
				t.Errorf("%s of %d cells: the shares add up to %v", how, n, sum)
			}
		}
	}
}

func TestRandIsChecked(t *testing.T) {
	for _, c := range []Config{
		{RandType: "often"}, {ZipfianConstant: 1}, {ZipfianConstant: math.NaN()}, {HotspotDataFraction: 2}, {HotspotOpnFraction: -1},
	} {
		if err := c.checkRand(); !errors.Is(err, ErrConfig) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
