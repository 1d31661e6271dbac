package engine

import (
	"os"
	"strconv"
	"strings"
)

// bytesPerOp is about what an operation takes in memory while its row runs and is judged: its record, its rows in a store of this
// process, and what checks make of them.
const bytesPerOp = 300

// keptAtMost is how many operations fit into half of the memory that this machine, or this container, has left; 0: not known.
func keptAtMost() int64 {
	available := available()
	if limit := containerLimit(); limit > 0 && (available == 0 || limit < available) {
		available = limit
	}
	return available / 2 / bytesPerOp
}

// available is the memory that Linux says programs can still have, in bytes; 0: not known.
func available() int64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	return memAvailable(string(text))
}

// memAvailable reads MemAvailable, in bytes, from what /proc/meminfo holds.
func memAvailable(text string) int64 {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "MemAvailable:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err != nil {
				return 0
			}
			return kb << 10
		}
	}
	return 0
}

// containerLimit is how much memory this container may have, in bytes; 0: as much as the machine.
func containerLimit() int64 {
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil {
			return n
		}
	}
	return 0
}
