//go:build unix

package local_test

import (
	"testing"

	"github.com/lastseat/lastseat/targets/local"
)

// TestRedisRemembersOnlyWhatItIsToldTo: a crash empties the server, unless it appends to a file.
func TestRedisRemembersOnlyWhatItIsToldTo(t *testing.T) {
	b := binary(t, "redis")
	const missing = "$-1\r\n"
	for name, c := range map[string]struct {
		opts local.Options
		want string
	}{
		"in memory":            {local.Options{}, missing},
		"appending":            {local.Options{ExtraArgs: []string{"--appendonly", "yes"}}, "$2\r\n41\r\n"},
		"appending and waited": {local.Options{ExtraArgs: []string{"--appendonly", "yes", "--appendfsync", "always"}}, "$2\r\n41\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, b, c.opts)
			say(t, s, "SET seats 41")
			crash(t, s)
			if got := say(t, s, "GET seats"); got != c.want {
				t.Errorf("after the crash: %q, want %q", got, c.want)
			}
		})
	}
}
