//go:build unix

package local_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/targets/local"
)

// TestOddFolders: servers work in a temporary folder whose name a shell, a settings file or a connection string could read otherwise.
func TestOddFolders(t *testing.T) {
	for _, name := range []string{`a space, it's "quoted" \ $HOME;&(x)#%20=`, "ünï"} {
		t.Run(name, func(t *testing.T) {
			eachBinary(t, func(t *testing.T, b local.Binary) {
				temp := filepath.Join(openFolder(t), name)
				if err := os.Mkdir(temp, 0o755); err != nil {
					t.Fatal(err)
				}
				t.Setenv("TMPDIR", temp)
				if b.Program.Name == "zookeeper" && name == "ünï" {
					_, err := local.Start(t.Context(), b, local.Options{})
					if err == nil || !strings.Contains(err.Error(), "not all ASCII; set TMPDIR") || strings.Contains(err.Error(), "\n") {
						t.Errorf("error: %v", err)
					}
					return
				}
				s := start(t, b, local.Options{})
				query(t, s, probe(s))
				crash(t, s)
				query(t, s, probe(s))
				if err := s.Stop(t.Context()); err != nil {
					t.Error(err)
				}
				if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
					t.Errorf("left: %v, %v", left, err)
				}
			})
		})
	}
}

// probe is something that every server of its engine answers.
func probe(s *local.Server) string {
	switch s.Binary().Program.Name {
	case "redis":
		return "PING"
	case "zookeeper":
		return "srvr"
	case "etcd":
		return "/health"
	case "postgres", "mysql", "mariadb":
	}
	return "SELECT '1'"
}
