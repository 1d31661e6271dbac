package programs

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
)

// shops are the examples: what each needs beside Go, as LASTSEAT_REQUIRE names it, and how to see that it is there.
var shops = []struct {
	folder, needs string
	server        local.Program
	there         []string
}{
	{"node-pg", "node", postgres.Program(), []string{"node", "-e", "require('pg')"}},
	{"node-mysql", "node", mysql.Mariadbd(), []string{"node", "-e", "require('mysql2')"}},
	{"django", "django", postgres.Program(), []string{"python3", "-c", "import django, psycopg2"}},
	{"gorm", "gorm", postgres.Program(), []string{"go", "build", "-o", os.DevNull, "."}},
}

// twice is the head of a schedule in which both customers get the hat.
var twice = regexp.MustCompile(`(?m)^ +a: buy → 200\b.* b: buy → 200\b`)

// TestPrograms: every broken shop sells its hat twice, and no mended one does.
func TestPrograms(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "lastseat")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../cmd/lastseat").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Setenv("PATH", "/usr/bin:"+os.Getenv("PATH")) // Debian's Python has Debian's Django
	for _, s := range shops {
		t.Run(s.folder, func(t *testing.T) {
			if _, err := local.Find(t.Context(), s.server); err != nil {
				required.Missing(t, s.server.Name, err.Error())
			}
			look := exec.CommandContext(t.Context(), s.there[0], s.there[1:]...)
			look.Dir = s.folder
			if out, err := look.CombinedOutput(); err != nil {
				required.Missing(t, s.needs, "./scripts/examples gets what this shop needs; "+err.Error()+": "+string(out))
			}
			code, out := explore(t, binary, s.folder, "shop.yaml")
			if code != 1 || !strings.Contains(out, "buy with buy: UNSAFE") || !twice.MatchString(out) {
				t.Errorf("broken: exit code %d, want 1 and the hat sold twice:\n%s", code, out)
			}
			if code, out := explore(t, binary, s.folder, "mended.yaml"); code != 0 || !strings.Contains(out, "buy with buy: safe") {
				t.Errorf("mended: exit code %d, want 0:\n%s", code, out)
			}
		})
	}
}

func explore(t *testing.T, binary, folder, file string) (code int, out string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, "explore", file, "--random-seed", "1")
	cmd.Dir = folder
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v: %s", err, text)
	}
	return cmd.ProcessState.ExitCode(), string(text)
}

// TestFewLines: what a user writes for a shop stays under twelve lines, and a README.md under 25.
func TestFewLines(t *testing.T) {
	for _, s := range shops {
		for name, most := range map[string]int{"shop.yaml": 11, "mended.yaml": 11, "README.md": 25} {
			text, err := os.ReadFile(filepath.Join(s.folder, name))
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(text), "\n"); n > most {
				t.Errorf("%s of %s has %d lines, want at most %d", name, s.folder, n, most)
			}
		}
	}
}
