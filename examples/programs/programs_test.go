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

// shops are the examples: what each needs beside Go, as LASTSEAT_REQUIRE names it, how to see that it is there, and which operations break
// together with which; none: buy with itself.
var shops = []struct {
	folder, needs string
	server        local.Program
	there         []string
	pairs         []string
}{
	{"node-pg", "node", postgres.Program(), []string{"node", "-e", "require('pg')"}, nil},
	{"node-mysql", "node", mysql.Mariadbd(), []string{"node", "-e", "require('mysql2')"}, nil},
	{"django", "django", postgres.Program(), []string{"python3", "-c", "import django, psycopg2"}, nil},
	{"gorm", "gorm", postgres.Program(), []string{"go", "build", "-o", os.DevNull, "."}, nil},
	{"sqlalchemy", "python", postgres.Program(), []string{"python3", "-c", "import sqlalchemy, psycopg2"}, nil},
	{"ruby", "ruby", postgres.Program(), []string{"ruby", "-e", "require 'pg'; require 'webrick'"}, nil},
	{"java", "java", postgres.Program(), []string{
		"javap", "-cp", "/usr/share/java/postgresql.jar:/usr/share/java/HikariCP.jar:/usr/share/java/slf4j-nop.jar",
		"com.zaxxer.hikari.HikariDataSource", "org.postgresql.Driver", "org.slf4j.impl.StaticLoggerBinder",
	}, nil},
	{"idempotency", "python", postgres.Program(), []string{"python3", "-c", "import psycopg2"}, []string{"charge with charge"}},
	{"procedure", "postgres", postgres.Program(), []string{"true"}, nil},
	{"payment", "python", postgres.Program(), []string{"python3", "-c", "import psycopg2"}, []string{"pay with pay", "pay with cancel", "cancel with cancel"}},
}

// twice is the head of a schedule in which both clients are told that it was done.
var twice = regexp.MustCompile(`(?m)^ +a: \w+ → (?:200|ok)\b.* b: \w+ → (?:200|ok)\b`)

// TestPrograms: every broken shop does twice what can be done once, and no mended one does.
func TestPrograms(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "lastseat")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../cmd/lastseat").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Setenv("PATH", "/usr/bin:"+os.Getenv("PATH")) // Debian's Python has Debian's Django
	for _, s := range shops {
		t.Run(s.folder, func(t *testing.T) {
			t.Parallel()
			if _, err := local.Find(t.Context(), s.server); err != nil {
				required.Missing(t, s.server.Name, err.Error())
			}
			look := exec.CommandContext(t.Context(), s.there[0], s.there[1:]...)
			look.Dir = s.folder
			if out, err := look.CombinedOutput(); err != nil {
				required.Missing(t, s.needs, "./scripts/examples gets what this shop needs; "+err.Error()+": "+string(out))
			}
			pairs := s.pairs
			if pairs == nil {
				pairs = []string{"buy with buy"}
			}
			code, broken := explore(t, binary, s.folder, "shop.yaml")
			if code != 1 || len(twice.FindAllString(broken, -1)) != len(pairs) {
				t.Errorf("broken: exit code %d, want 1 and something done twice for %q:\n%s", code, pairs, broken)
			}
			code, mended := explore(t, binary, s.folder, "mended.yaml")
			if code != 0 {
				t.Errorf("mended: exit code %d, want 0:\n%s", code, mended)
			}
			for _, pair := range pairs {
				if !strings.Contains(broken, pair+": UNSAFE") {
					t.Errorf("broken: %s is not unsafe:\n%s", pair, broken)
				}
				if !strings.Contains(mended, pair+": safe") {
					t.Errorf("mended: %s is not safe:\n%s", pair, mended)
				}
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
