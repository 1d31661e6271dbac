package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/suite"
)

// shopDir is where it lies, for the end of all tests to remove; empty: it was not built.
var shopDir string

// shopProgram is the shop of targets/app, built once.
var shopProgram = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "lastseat-shop-")
	if err != nil {
		return "", err
	}
	shopDir = dir
	path := filepath.Join(dir, "shop")
	out, err := exec.Command("go", "build", "-o", path, "../../targets/app/testdata/shop").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return path, err
})

// shopFile writes a shop.yaml for operations, with lines in the place of its own or beside them, into a folder of the test's.
func shopFile(t *testing.T, operations []string, lines map[string]string) string {
	t.Helper()
	program(t, "postgres") // or the test is skipped
	shop, err := shopProgram()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := filepath.Abs("../../targets/app/testdata/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(schema, filepath.Join(dir, "schema.sql")); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"database": "postgres", "setup": "schema.sql", "app": shop}
	for key, value := range lines {
		if all[key] = value; value == "" {
			delete(all, key)
		}
	}
	var text strings.Builder
	for key, value := range all {
		fmt.Fprintf(&text, "%s: %s\n", key, value)
	}
	text.WriteString("operations:\n")
	for _, op := range operations {
		fmt.Fprintf(&text, "  %s: POST /%s?c={client}\n", strings.ReplaceAll(op, "/", "-"), op)
	}
	file := filepath.Join(dir, "shop.yaml")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestProgram: a racy program is accused with its own statements, and its mended twin is not.
func TestProgram(t *testing.T) {
	t.Parallel()
	racy := shopFile(t, []string{"seat/racy"}, nil)
	begin(t, "", "explore", racy).exits(suite.ExitBroken, "seat-racy with seat-racy: UNSAFE: 8 of 10 schedules",
		"SELECT left_over FROM stock WHERE item = $1 -- hat", "stock: hat, -1", "lost update (P4)", "--order 'a b b b b a a a'")
	begin(t, "", "explore", racy, "--only", "seat-racy,seat-racy", "--order", "a b b b b a a a").exits(suite.ExitBroken, "UNSAFE: this schedule ends as no serial order gives", "stock: hat, -1")
	begin(t, "", "explore", racy, "--isolation", "rc,rr").exits(suite.ExitBroken, "at read-committed", "UNSAFE", "at repeatable-read",
		"safe: none of")
	begin(t, "", "explore", shopFile(t, []string{"seat/lock"}, nil), "--lanes", "2").exits(suite.ExitAsExpected, "safe: none of 6 schedules breaks, and there are no other orders")
}

// TestProgramFaults: whatever is wrong with a program, one sentence says it.
func TestProgramFaults(t *testing.T) {
	t.Parallel()
	program(t, "postgres") // or the test is skipped
	shop, err := shopProgram()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		operations []string
		lines      map[string]string
		code       int
		says       string
	}{
		"does not start":       {[]string{"seat/racy"}, map[string]string{"app": "echo no luck; exit 3"}, suite.ExitSetup, "did not stay: it ended: exit status 3"},
		"tables elsewhere":     {[]string{"seat/racy"}, map[string]string{"setup": ""}, suite.ExitSetup, "made no tables in the database that it was given: it ignored DATABASE_URL"},
		"set-up elsewhere":     {[]string{"seat/racy"}, map[string]string{"setup": "{run: \"true\"}"}, suite.ExitSetup, `setup: "true" sent no statement to the database that it was given`},
		"migration fails":      {[]string{"seat/racy"}, map[string]string{"setup": "{run: echo broken; exit 1}"}, suite.ExitSetup, "setup: run echo broken; exit 1: it ended: exit status 1"},
		"SQL fails":            {[]string{"seat/racy"}, map[string]string{"setup": "CREATE TABEL x (y int)"}, suite.ExitSetup, "syntax error"},
		"no statements":        {[]string{"elsewhere/x"}, nil, suite.ExitSetup, "no statement came through lastseat's address"},
		"always fails":         {[]string{"fails/x"}, map[string]string{"app": "echo all is lost; " + shop}, suite.ExitSetup, `fails-x fails alone: 500 {"error":"it always fails"} The end of what the program printed: all is lost`},
		"dies":                 {[]string{"dies/x"}, nil, suite.ExitSetup, "died: it ended: exit status 3"},
		"changes nothing":      {[]string{"seat/racy"}, map[string]string{"seed": "UPDATE stock SET left_over = 0"}, suite.ExitSetup, "no operation changes anything when it runs alone"},
		"its port is taken":    {[]string{"seat/racy"}, map[string]string{"app": "PORT=" + taken(t) + " " + shop}, suite.ExitSetup, "address already in use Its port is taken: each copy of the program is to listen at a port of its own, which PORT says"},
		"never ends":           {[]string{"sleeps/x"}, nil, suite.ExitSetup, "sleeps-x fails alone: no answer: a statement of it had not ended after 10s"},
		"sets its own level":   {[]string{"seat/serializable"}, map[string]string{"level": "rc"}, suite.ExitAsExpected, "The program asks for serializable itself, whatever level: and --isolation say."},
		"a mistake in YAML":    {[]string{"seat/racy"}, map[string]string{"sede": "x"}, suite.ExitSetup, "unknown key sede; did you mean seed?"},
		"unknown operation":    {[]string{"nothing/x"}, nil, suite.ExitSetup, "no statement came through lastseat's address"},
		"unknown database":     {[]string{"seat/racy"}, map[string]string{"database": "oracle"}, suite.ExitSetup, "database: oracle is none that is known; there are: postgres, mysql, mariadb, sqlite; a server also as a URL"},
		"no such file":         {[]string{"seat/racy"}, map[string]string{"setup": "none.sql"}, suite.ExitSetup, "none.sql: no such file or directory"},
		"is not deterministic": {[]string{"random/x"}, nil, suite.ExitInconclusive, "the program is not deterministic: counter.n holds"},
	} {
		t.Run(name, func(t *testing.T) {
			temp := tempFolder(t)
			p := begin(t, temp, "explore", shopFile(t, c.operations, c.lines)).exits(c.code, c.says)
			if said := strings.TrimSpace(p.stderr.String()); c.code == suite.ExitSetup && (!strings.HasPrefix(said, "lastseat: ") || strings.Contains(said, "\nlastseat: ")) {
				t.Errorf("not one message that begins with lastseat: %q", said)
			}
			leavesNothing(t, temp)
		})
	}
}

// taken is a port where somebody listens.
func taken(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// leavesNothing says that a run whose folder for temporary files was temp has left neither a file nor a process.
func leavesNothing(t *testing.T, temp string) {
	t.Helper()
	if !empty(temp) {
		t.Error("its temporary folder is not empty")
	}
	until(t, "all its processes gone", func() bool {
		environments, _ := filepath.Glob("/proc/[0-9]*/environ")
		for _, file := range environments {
			if content, err := os.ReadFile(file); err == nil && bytes.Contains(content, []byte("TMPDIR="+temp+"\x00")) {
				return false
			}
		}
		return true
	})
}

// TestProgramPooler: a pooler before one's own server is named, and nothing is made behind it.
func TestProgramPooler(t *testing.T) {
	t.Parallel()
	s := mortal(t, "postgres")
	for _, p := range []pooler{{"session", false}, {"transaction", true}} {
		dsn := strings.Replace(p.before(t, s, "postgres"), "postgresql://", "postgres://", 1)
		file := shopFile(t, []string{"seat/racy"}, map[string]string{"database": dsn})
		begin(t, "", "explore", file).exits(suite.ExitSetup, "database postgres: a program cannot be explored through a pooler, which gives sessions to several clients in turn")
	}
	if left := texts(t, connect(t, s), "SELECT datname::text FROM pg_database WHERE datname LIKE 'lastseat%'"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestProgramInterruptedEarly: Ctrl-C in whatever phase ends all, and leaves nothing.
func TestProgramInterruptedEarly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		operation string
		lines     map[string]string // %s is a file that says that the phase has begun
	}{
		"set-up":  {"seat/racy", map[string]string{"setup": "{run: touch %s; sleep 3600}"}},
		"start":   {"seat/racy", map[string]string{"app": "touch %s; sleep 3600"}},
		"request": {"sleeps/x", map[string]string{"env": "{MARK: %s}"}},
	} {
		t.Run(name, func(t *testing.T) {
			mark, lines := filepath.Join(t.TempDir(), "begun"), map[string]string{}
			for key, line := range c.lines {
				lines[key] = fmt.Sprintf(line, mark)
			}
			temp := tempFolder(t)
			p := begin(t, temp, "explore", shopFile(t, []string{c.operation}, lines))
			until(t, "the phase", func() bool { _, err := os.Stat(mark); return err == nil })
			if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			p.exits(suite.ExitInterrupted, "INTERRUPTED")
			leavesNothing(t, temp)
		})
	}
}

// TestProgramKilled: kill -9 of lastseat ends the throwaway server and the copies of the program as well.
func TestProgramKilled(t *testing.T) {
	t.Parallel()
	mark, temp := filepath.Join(t.TempDir(), "begun"), tempFolder(t)
	p := begin(t, temp, "explore", shopFile(t, []string{"sleeps/x"}, map[string]string{"env": "{MARK: " + mark + "}"}))
	until(t, "a request", func() bool { _, err := os.Stat(mark); return err == nil })
	_ = p.cmd.Process.Kill()
	p.exits(-1)
	until(t, "its folder is gone", func() bool { return empty(temp) })
	leavesNothing(t, temp)
}

// TestProgramInterrupted: Ctrl-C ends an exploration, with the server and the copies of the program.
func TestProgramInterrupted(t *testing.T) {
	file := shopFile(t, []string{"transfer/serializable"}, nil)
	p := begin(t, "", "explore", file, "--clients", "3", "--budget", "100000000")
	time.Sleep(4 * time.Second) // it is under way, or about to be: either has to end so
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	p.exits(suite.ExitInterrupted, "INTERRUPTED")
	shop, _ := shopProgram()
	running, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, exe := range running {
		if path, err := os.Readlink(exe); err == nil && path == shop {
			t.Errorf("%s still runs", exe)
		}
	}
}
