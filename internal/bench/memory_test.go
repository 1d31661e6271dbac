//go:build linux

package main

import (
	"os"
	"testing"
)

// TestPeakIsTheCommands: the memory that this process once had is not counted as that of a command.
func TestPeakIsTheCommands(t *testing.T) {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Skip(err)
	}
	const most = 256 << 20
	much := make([]byte, most)
	for i := range much {
		much[i] = 1
	}
	s, err := spend(t.Context(), "true")
	if err != nil {
		t.Fatal(err)
	}
	if s.memory == 0 || s.memory >= most {
		t.Errorf("true took %s", s.peak())
	}
}
