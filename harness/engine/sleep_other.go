//go:build !linux

package engine

import "time"

func sleepExactly(d time.Duration) { time.Sleep(d) }
