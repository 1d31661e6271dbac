package main

// A real PgBouncer before a server that stands for the user's own.

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets/local"
)

// pooler is a way to set PgBouncer.
type pooler struct {
	mode    string // session, transaction
	ignores bool   // it forgets settings that come with a connection, rather than to refuse it
}

func (p pooler) String() string {
	if p.ignores {
		return p.mode + " pooling that ignores settings"
	}
	return p.mode + " pooling"
}

// poolers are all the ways.
func poolers() []pooler {
	return []pooler{{"session", false}, {"session", true}, {"transaction", false}, {"transaction", true}}
}

// before starts PgBouncer before a server, in a folder of its own, and answers the DSN of a database through it. It resets nothing
// between one client of a session and the next.
func (p pooler) before(t *testing.T, s *local.Server, database string) string {
	t.Helper()
	program := pgbouncer(t)
	cfg, err := pgx.ParseConfig(s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "lastseat-pgbouncer-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	port := freePort(t)
	behind := fmt.Sprintf("* = host=%s port=%d user=%s", cfg.Host, cfg.Port, cfg.User)
	if cfg.Password != "" {
		behind += " password='" + cfg.Password + "'"
	}
	lines := []string{
		"[databases]", behind,
		"[pgbouncer]", "listen_addr = 127.0.0.1", fmt.Sprintf("listen_port = %d", port), "unix_socket_dir =", "auth_type = any",
		"pool_mode = " + p.mode, "default_pool_size = 12", "server_reset_query =",
	}
	if p.ignores {
		lines = append(lines, "ignore_startup_parameters = search_path,lock_timeout,default_transaction_isolation")
	}
	if os.Geteuid() == 0 {
		lines = append(lines, "user = nobody") // it refuses root
	}
	ini := filepath.Join(dir, "pgbouncer.ini")
	if err := os.WriteFile(ini, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, ini)
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	up, ended := make(chan bool), make(chan struct{})
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(log)
		for told := false; lines.Scan(); {
			if !told && strings.Contains(lines.Text(), "process up") {
				told = true
				close(up)
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it keeps nothing
		<-ended
		_ = cmd.Wait()
	})
	select {
	case <-up:
	case <-ended:
		t.Fatal("PgBouncer did not start")
	}
	u := url.URL{Scheme: "postgres", User: url.User(cfg.User), Host: fmt.Sprintf("127.0.0.1:%d", port), Path: database, RawQuery: "sslmode=disable"}
	return u.String()
}

// pgbouncer is the program; without one the test is skipped.
func pgbouncer(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const hint = "no PgBouncer found: ./scripts/servers installs it"
	if required.By("pgbouncer") {
		t.Fatal(hint)
	}
	t.Skip(hint)
	return ""
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}
