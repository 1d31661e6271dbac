//go:build !unix

package engine

import "time"

// cpuTime is not known here.
func cpuTime() time.Duration { return 0 }
