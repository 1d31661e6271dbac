package conformance

import (
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/store"
)

// TestSocket: a throwaway server that is asked for a Unix socket is reached by it, and so is whoever opens it once more.
func TestSocket(t *testing.T) {
	t.Parallel()
	for target, names := range map[string]string{"postgres": "?host=/", "mysql": "@unix(/", "mariadb": "@unix(/"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			cfg := store.OpenConfig{Connections: 1, Volatile: true, Socket: true}
			o := openWith(t, target, cfg)
			if err := o.Twin(t.Context(), cfg); err != nil {
				t.Fatal(err)
			}
			for _, server := range o.All() {
				if dsn, _ := server.(store.Attachable).Attachment(); !strings.Contains(dsn, names) {
					t.Errorf("its DSN names no socket: it has no %s", names)
				}
			}
		})
	}
}
