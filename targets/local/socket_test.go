package local_test

import (
	"strings"
	"testing"

	"github.com/lastseat/lastseat/targets/local"
)

// TestSocketPath: a socket that was not asked for, whose path no system takes, or that a DSN would have to escape is none.
func TestSocketPath(t *testing.T) {
	asked := local.Options{Socket: true}
	for data, want := range map[string]string{
		"/tmp/lastseat-1/data":               "/tmp/lastseat-1/data/s",
		"/tmp/" + strings.Repeat("long", 25): "",
		"/tmp/a b/data":                      "",
		"/tmp/a)/data":                       "",
		"/tmp/é/data":                        "",
	} {
		if got := (local.Layout{Data: data, Options: asked}).SocketPath("s"); got != want {
			t.Errorf("in %s: %q, want %q", data, got, want)
		}
	}
	if got := (local.Layout{Data: "/tmp/data"}).SocketPath("s"); got != "" {
		t.Errorf("%q was not asked for", got)
	}
}
