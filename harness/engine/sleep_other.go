//go:build !linux

package harness

import "time"

func sleepExactly(d time.Duration) { time.Sleep(d) }
