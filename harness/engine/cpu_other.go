//go:build !unix

package harness

import "time"

// cpuTime is not known here.
func cpuTime() time.Duration { return 0 }
