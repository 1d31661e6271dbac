package interrupt

import "testing"

// TestLeft: only commands that may have made something on a server speak of it.
func TestLeft(t *testing.T) {
	for command, some := range map[string]bool{"run": true, "isolation": true, "explore": true, "check": false, "verify": false, "compare": false} {
		if got := left([]string{command, "x"}) != ""; got != some {
			t.Errorf("%s leaves something: %t, want %t", command, got, some)
		}
	}
}
