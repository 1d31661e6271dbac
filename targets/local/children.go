package local

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// childrenOf are the processes that a process has started, where the system has a /proc that tells; elsewhere none are known.
func childrenOf(pid int) []int {
	files, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is good
	var children []int
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		// The name, in brackets, may hold anything; then come the state and the parent (proc_pid_stat(5)).
		fields := bytes.Fields(content[bytes.LastIndexByte(content, ')')+1:])
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && len(fields) > 1 && string(fields[1]) == strconv.Itoa(pid) {
			children = append(children, child)
		}
	}
	return children
}
