package engine

import (
	"fmt"
	"strconv"
)

// Load says how operations are sent, as far as it is not each as soon as its client is free.
func (c *Config) Load() []string {
	var parts []string
	if c.Rate > 0 {
		parts = append(parts, fmt.Sprintf("open loop, %s operations/s due (%s)", strconv.FormatFloat(c.Rate, 'f', -1, 64), c.Arrivals))
	}
	if c.Burst {
		parts = append(parts, "in bursts: all clients begin each operation at the same moment")
	}
	if c.Warmup > 0 {
		parts = append(parts, fmt.Sprintf("after %v of warm-up", c.Warmup))
	}
	return parts
}
