package engine

import (
	"os"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness/store"
)

// bytesPerOp is about what an operation takes in memory while its row runs and is judged: its record, its rows in a store of this
// process, and what checks make of them.
const bytesPerOp = 300

// bytesPerAnswer is about what an operation takes in memory while the journal of a server is read that has its row.
const bytesPerAnswer = 150

// recordedAtMost is how many operations the row may record; 0: as many as come.
func (r *run) recordedAtMost() int64 {
	p, inProcess := r.row.Target.(store.InProcess)
	switch {
	case r.cfg.Counts:
		return 0
	case r.cfg.MaxRecorded > 0:
		return r.cfg.MaxRecorded
	case r.history.Spool == nil:
		return keptAtMost(bytesPerOp)
	case inProcess && p.InProcess():
		return 0
	}
	return keptAtMost(bytesPerAnswer)
}

// keptAtMost is how many operations of such a size fit into half of the memory that this machine, or this container, has left; 0: not
// known.
func keptAtMost(size int64) int64 {
	available := available()
	if limit := containerLimit(); limit > 0 && (available == 0 || limit < available) {
		available = limit
	}
	return available / 2 / size
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
