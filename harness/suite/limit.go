package suite

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/store"
)

// MaxRows is the most rows that are planned: each takes half a second or more, and memory.
const MaxRows = 20_000

// ErrTooMany is what an error matches where a table would have more than MaxRows rows.
var ErrTooMany = errors.New("too many rows")

// factor is an axis that multiplies rows.
type factor struct {
	flag   string
	values int
}

// tooMany says how many rows there would be, what multiplies them, and what to do; nil: they are not too many.
func tooMany(rows float64, factors []factor) error {
	if rows <= MaxRows {
		return nil
	}
	factors = slices.DeleteFunc(factors, func(f factor) bool { return f.values < 2 })
	slices.SortStableFunc(factors, func(a, b factor) int { return cmp.Compare(b.values, a.values) })
	var all []string
	for _, f := range factors {
		all = append(all, fmt.Sprintf("--%s (%d)", f.flag, f.values))
	}
	return fmt.Errorf("%w: the values of %s multiply to %s, and a run has at most %d; name fewer of them, or make several runs",
		ErrTooMany, strings.Join(all, ", "), rowCount(rows), MaxRows)
}

func rowCount(rows float64) string {
	if rows > math.MaxInt32 {
		return fmt.Sprintf("%.0e", rows)
	}
	return fmt.Sprintf("%.0f", rows)
}

// checkRows refuses a table that is too large to plan. It counts rows before any server is asked: those that will be skipped are
// among them.
func (c *Config) checkRows() error {
	environments, cells := c.environments(), c.cells()
	each := float64(len(c.Workloads)) * float64(len(cells)) * float64(len(c.Clients)) * float64(len(c.rates())) * float64(len(c.skews()))
	factors := append([]factor{
		{"target", len(c.Targets)},
		{"workload", len(c.Workloads)},
		{"concurrency", len(c.Clients)},
		{"cells", len(cells)},
		{"rate", len(c.rates())},
		{"zipfian-constant", len(c.skews())},
	}, componentFactors(environments)...)
	rows, strategies, levels := 0.0, 0, 0
	for i := range c.Targets {
		e := &c.Targets[i].Engine
		s, l := c.strategyCount(e), c.levelCount(e)
		rows += each * float64(s) * float64(l) * float64(len(environments))
		strategies, levels = max(strategies, s), max(levels, l)
	}
	return tooMany(rows, append(factors, factor{"strategy", strategies}, factor{"isolation", levels}))
}

// strategyCount is how many strategies rows on an engine have.
func (c *Config) strategyCount(e *store.Engine) int {
	if c.Strategies == nil {
		return len(e.Strategies)
	}
	return len(c.Strategies)
}

// levelCount is how many isolation levels rows on an engine have.
func (c *Config) levelCount(e *store.Engine) int {
	if !c.AllLevels {
		return max(len(c.Levels), 1)
	}
	most := 1
	for i := range e.Declared {
		most = max(most, len(e.Declared[i].Levels))
	}
	return most
}

// componentFactors are the axes of components that the environments combine.
func componentFactors(all []Environment) []factor {
	values, servers := map[string]map[string]bool{}, map[int]bool{}
	var order []string
	for i := range all {
		servers[all[i].Servers] = true
		for _, c := range all[i].Components {
			if values[c.Axis] == nil {
				values[c.Axis] = map[string]bool{}
				order = append(order, c.Axis)
			}
			values[c.Axis][c.Name] = true
		}
	}
	factors := []factor{{"servers", len(servers)}}
	for _, axis := range order {
		n := len(values[axis])
		if slices.ContainsFunc(all, func(e Environment) bool { return e.Of(axis) == nil }) {
			n++ // nothing is a value too
		}
		factors = append(factors, factor{axis, n})
	}
	return factors
}
