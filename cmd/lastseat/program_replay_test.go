package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/suite"
)

// TestProgramReplay: explore saves the shortest schedule of a pair that breaks, and replay plays it again, on the same program alone.
func TestProgramReplay(t *testing.T) {
	t.Parallel()
	yaml := shopFile(t, []string{"seat/racy", "seat/lock"}, nil)
	dir := filepath.Dir(yaml)
	out := filepath.Join(dir, "broken")
	p := begin(t, "", "explore", yaml, "--isolation", "rc", "--only", "seat-racy,seat-racy", "--out", out)
	file := filepath.Join(out, "seat-racy-seat-racy-postgres-read-committed.schedule")
	p.exits(suite.ExitBroken, "Again: lastseat replay "+file)
	saved, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(saved), "program: ../shop.yaml\n") || !strings.Contains(string(saved), "isolation: read-committed\n") {
		t.Errorf("it holds\n%s", saved)
	}
	begin(t, "", "replay", file).exits(suite.ExitBroken, "at read-committed", "UNSAFE: this schedule ends as no serial order gives", "stock: hat, -1")

	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program, err := os.ReadFile(yaml)
	if err != nil {
		t.Fatal(err)
	}
	begin(t, "", "replay", file, "--target", "postgres").exits(suite.ExitSetup, "--target is for schedules of statements")
	for name, c := range map[string]struct{ old, new, says string }{
		"mended":           {"POST /seat/racy", "POST /seat/lock", "the program has changed: statement 1 of the schedule was a: SELECT left_over FROM stock WHERE item = $1, and is a: SELECT left_over FROM stock WHERE item = $1 FOR UPDATE; explore it again"},
		"other names":      {"  seat-racy:", "  purchase:", `shop.yaml has no operation "seat-racy" any more; explore it again`},
		"another database": {"database: postgres", "database: mariadb", "it was found on postgres, and " + yaml + " now says database: mariadb; explore it again"},
		"not to be read":   {"operations:", "operatoins:", "unknown key operatoins; did you mean operations?"},
	} {
		t.Run(name, func(t *testing.T) {
			write(yaml, strings.Replace(string(program), c.old, c.new, 1))
			begin(t, "", "replay", file).exits(suite.ExitSetup, c.says)
		})
	}
	if err := os.Remove(yaml); err != nil {
		t.Fatal(err)
	}
	begin(t, "", "replay", file).exits(suite.ExitSetup, "its program's file "+yaml+" is not there: put it back, or correct program: in the schedule")
	write(file, strings.Replace(string(saved), "order: a", "ordre: a", 1))
	begin(t, "", "replay", file).exits(suite.ExitSetup, `unknown key "ordre"; did you mean order?`)
}
