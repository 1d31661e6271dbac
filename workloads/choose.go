package workloads

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// RandType says how clients choose among cells.
type RandType string

const (
	// UniformCells: each cell as often as any other.
	UniformCells RandType = "uniform"
	// Zipfian: cell 0 the most often, cell i in proportion to 1/(i+1)^Config.ZipfianConstant.
	Zipfian RandType = "zipfian"
	// Hotspot: Config.HotspotOpnFraction of the operations choose among the first Config.HotspotDataFraction of the cells.
	Hotspot RandType = "hotspot"
)

// RandTypes are all ways to choose.
func RandTypes() []RandType { return []RandType{UniformCells, Zipfian, Hotspot} }

// chooser draws a number from 0 up to, and without, what it was made for.
type chooser func(r *rand.Rand) int

// chooser is the way of choosing among n cells.
func (c *Config) chooser(n int) chooser {
	switch c.RandType {
	case Zipfian:
		return zipfian(n, c.ZipfianConstant)
	case Hotspot:
		return hotspot(n, c.HotspotDataFraction, c.HotspotOpnFraction)
	}
	return func(r *rand.Rand) int { return r.IntN(n) }
}

// zipfian follows Gray et al., "Quickly generating billion-record synthetic databases" (SIGMOD 1994), as YCSB does: it also
// takes exponents below 1, which rand.Zipf does not.
func zipfian(n int, theta float64) chooser {
	zeta := func(n int) float64 {
		sum := 0.0
		for i := range n {
			sum += 1 / math.Pow(float64(i+1), theta)
		}
		return sum
	}
	zetan, first2 := zeta(n), 1+math.Pow(0.5, theta)
	alpha := 1 / (1 - theta)
	eta := (1 - math.Pow(2/float64(n), 1-theta)) / (1 - first2/zetan)
	return func(r *rand.Rand) int {
		u := r.Float64()
		switch uz := u * zetan; {
		case uz < 1 || n == 1:
			return 0
		case uz < first2 || n == 2:
			return 1
		}
		return min(int(float64(n)*math.Pow(eta*u-eta+1, alpha)), n-1)
	}
}

// hotspot follows YCSB: the hot cells are the first ones, and a choice within a set is uniform.
func hotspot(n int, data, opn float64) chooser {
	hot := min(max(int(float64(n)*data), 1), n)
	return func(r *rand.Rand) int {
		if hot == n || r.Float64() < opn {
			return r.IntN(hot)
		}
		return hot + r.IntN(n-hot)
	}
}

// checkRand says what is wrong with the way of choosing, and fills in YCSB's parameters where there are none.
func (c *Config) checkRand() error {
	fill := func(v *float64, standard float64) {
		if *v == 0 {
			*v = standard
		}
	}
	fill(&c.ZipfianConstant, DefaultZipfianConstant)
	fill(&c.HotspotDataFraction, DefaultHotspotDataFraction)
	fill(&c.HotspotOpnFraction, DefaultHotspotOpnFraction)
	switch {
	case c.RandType != "" && c.RandType != UniformCells && c.RandType != Zipfian && c.RandType != Hotspot:
		return fmt.Errorf("%w: rand-type is %q, must be uniform, zipfian or hotspot", ErrConfig, c.RandType)
	case !(c.ZipfianConstant > 0 && c.ZipfianConstant < 1):
		return fmt.Errorf("%w: zipfian-constant is %v, must be between 0 and 1, both excluded", ErrConfig, c.ZipfianConstant)
	case !(c.HotspotDataFraction > 0 && c.HotspotDataFraction <= 1):
		return fmt.Errorf("%w: hotspot-data-fraction is %v, must be above 0 and at most 1", ErrConfig, c.HotspotDataFraction)
	case !(c.HotspotOpnFraction > 0 && c.HotspotOpnFraction <= 1):
		return fmt.Errorf("%w: hotspot-opn-fraction is %v, must be above 0 and at most 1", ErrConfig, c.HotspotOpnFraction)
	}
	return nil
}

// YCSB's parameters.
const (
	DefaultZipfianConstant     = 0.99
	DefaultHotspotDataFraction = 0.2
	DefaultHotspotOpnFraction  = 0.8
)
