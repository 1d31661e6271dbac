package engine

import "time"

// Simulate makes a run wait only in ways that a simulated clock (testing/synctest) knows.
func (c *Config) Simulate() { c.nap = time.Sleep }
