//go:build unix

package local_test

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets/env/lock"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(starterEnv); path != "" {
		starter(path)
	}
	goleak.VerifyTestMain(m)
}

// programs are those of all engines and of all servers that keep locks.
func programs() []local.Program {
	return append(lock.Programs(), postgres.Program(), mysql.Mysqld(), mysql.Mariadbd())
}

// programOf is the program of a name.
func programOf(name string) local.Program {
	for _, p := range programs() {
		if p.Name == name {
			return p
		}
	}
	panic("no program of " + name)
}

// keepers are the programs that keep locks, and speak no SQL.
var keepers = []string{"redis", "zookeeper", "etcd"}

// eachDatabase is eachBinary for those that speak SQL.
func eachDatabase(t *testing.T, test func(t *testing.T, b local.Binary)) {
	eachBinary(t, func(t *testing.T, b local.Binary) {
		if slices.Contains(keepers, b.Program.Name) {
			t.Skip("speaks no SQL")
		}
		test(t, b)
	})
}

// eachBinary runs a test against every server program of the machine. An engine without one is skipped, or is a failure where
// it was asked for: everything under CI=true, or what LASTSEAT_REQUIRE lists.
func eachBinary(t *testing.T, test func(t *testing.T, b local.Binary)) {
	for _, p := range programs() {
		all := local.All(t.Context(), p)
		if len(all) == 0 {
			t.Run(p.Name, func(t *testing.T) { absent(t, p.Name) })
		}
		for _, b := range all {
			t.Run(p.Name+"-"+b.Version, func(t *testing.T) { test(t, b) })
		}
	}
}

func absent(t *testing.T, engine string) {
	_, err := local.Find(t.Context(), programOf(engine))
	required.Missing(t, engine, err.Error())
}

func start(t *testing.T, b local.Binary, opts local.Options) *local.Server {
	t.Helper()
	began := time.Now()
	s, err := local.Start(t.Context(), b, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s started in %v", b, time.Since(began).Round(time.Millisecond))
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// query runs statements on a connection of its own and returns what the last one answers, as text.
func query(t *testing.T, s *local.Server, statements ...string) string {
	t.Helper()
	if e := s.Binary().Program.Name; slices.Contains(keepers, e) {
		return say(t, s, statements...)
	}
	exec, scan := connect(t, s)
	last := len(statements) - 1
	for _, q := range statements[:last] {
		if err := exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	var answer string
	if err := scan(statements[last], &answer); err != nil {
		t.Fatalf("%s: %v", statements[last], err)
	}
	return answer
}

func connect(t *testing.T, s *local.Server) (exec func(q string) error, scan func(q string, dest *string) error) {
	t.Helper()
	ctx := t.Context()
	if s.Binary().Program.Name == "postgres" {
		conn, err := pgx.Connect(ctx, s.DSN())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
		exec = func(q string) error { _, err := conn.Exec(ctx, q); return err }
		// The simple protocol answers in text, whatever the type.
		scan = func(q string, dest *string) error {
			return conn.QueryRow(ctx, q, pgx.QueryExecModeSimpleProtocol).Scan(dest)
		}
		return exec, scan
	}
	db, err := sql.Open("mysql", s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	exec = func(q string) error { _, err := db.ExecContext(ctx, q); return err }
	scan = func(q string, dest *string) error { return db.QueryRowContext(ctx, q).Scan(dest) }
	return exec, scan
}

// alive counts a zombie as dead: nobody may be there to wait for it.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return syscall.Kill(pid, 0) == nil && !exists("/proc/self/stat")
	}
	return !strings.Contains(string(stat), ") Z ")
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestStartAndStop(t *testing.T) {
	t.Parallel()
	eachBinary(t, func(t *testing.T, b local.Binary) {
		t.Parallel()
		s := start(t, b, local.Options{})
		ask := map[string]string{"redis": "INFO server", "zookeeper": "srvr", "etcd": "/version"}[b.Program.Name]
		if v := query(t, s, cmp.Or(ask, "SELECT version()")); !strings.Contains(v, b.Version) {
			t.Errorf("asked for %s, its version is %s", b.Version, v)
		}
		for setting, want := range durable(b.Program.Name) {
			if got := query(t, s, setting); got != want {
				t.Errorf("%s = %s, want %s", setting, got, want)
			}
		}
		onlyLoopback(t, s.PID())
		pid := s.PID()
		began := time.Now()
		for range 2 {
			if err := s.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		t.Logf("%s stopped in %v", b, time.Since(began).Round(time.Millisecond))
		if alive(pid) {
			t.Errorf("process %d lives on", pid)
		}
		if exists(s.Dir()) {
			t.Errorf("folder %s is still there", s.Dir())
		}
		if err := s.Restart(t.Context()); !errors.Is(err, local.ErrStopped) {
			t.Errorf("Restart after Stop: %v", err)
		}
	})
}

func durable(engine string) map[string]string {
	switch engine {
	case "redis": // remembers nothing unless asked to
		return map[string]string{"CONFIG GET save": "*2\r\n$4\r\nsave\r\n$0\r\n\r\n", "CONFIG GET appendonly": "*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n"}
	case "zookeeper", "etcd":
		return nil
	case "postgres":
		return map[string]string{"SHOW fsync": "on", "SHOW synchronous_commit": "on", "SHOW full_page_writes": "on", "SHOW max_connections": "300"}
	case "mysql", "mariadb":
	}
	settings := map[string]string{
		"SELECT @@innodb_flush_log_at_trx_commit": "1", "SELECT @@innodb_doublewrite IN ('1', 'ON')": "1", "SELECT @@innodb_flush_method": "O_DIRECT",
		"SELECT @@max_connections": "300", "SELECT @@log_bin": "0",
	}
	if engine == "mysql" { // its own defaults
		settings["SELECT @@log_bin"], settings["SELECT @@sync_binlog"] = "1", "1"
	}
	return settings
}

// onlyLoopback holds that a process listens on 127.0.0.1 only, by its sockets in /proc.
func onlyLoopback(t *testing.T, pid int) {
	t.Helper()
	descriptors, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil || len(descriptors) == 0 {
		t.Logf("the sockets of process %d cannot be seen", pid)
		return
	}
	var sockets []string
	for _, fd := range descriptors {
		if link, err := os.Readlink(fd); err == nil && strings.HasPrefix(link, "socket:[") {
			sockets = append(sockets, strings.Trim(link, "socket:[]"))
		}
	}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		content, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(content)) {
			f := strings.Fields(line)
			if len(f) > 9 && f[3] == "0A" && slices.Contains(sockets, f[9]) && !strings.HasPrefix(f[1], "0100007F:") {
				t.Errorf("listens on %s", f[1])
			}
		}
	}
}

func TestVolatileWithArguments(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, b local.Binary) {
		t.Parallel()
		opts := local.Options{Volatile: true, MaxConnections: 40, ExtraArgs: []string{"--innodb-lock-wait-timeout=7"}}
		want := map[string]string{
			"SELECT @@innodb_flush_log_at_trx_commit": "0", "SELECT @@max_connections": "40", "SELECT @@innodb_lock_wait_timeout": "7",
		}
		if b.Program.Name == "postgres" {
			opts.ExtraArgs = []string{"-c", "deadlock_timeout=7s"}
			want = map[string]string{"SHOW fsync": "off", "SHOW max_connections": "40", "SHOW deadlock_timeout": "7s"}
		}
		s := start(t, b, opts)
		for setting, want := range want {
			if got := query(t, s, setting); got != want {
				t.Errorf("%s = %s, want %s", setting, got, want)
			}
		}
	})
}

func TestCrashAndRestartKeepWhatWasCommitted(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, b local.Binary) {
		t.Parallel()
		s := start(t, b, local.Options{})
		schema := "CREATE DATABASE shop"
		if b.Program.Name == "postgres" {
			schema = "CREATE SCHEMA shop"
		}
		query(t, s, schema, "CREATE TABLE shop.seats (n INT)", "INSERT INTO shop.seats VALUES (41)", "SELECT '1'")
		dsn, pid := s.DSN(), s.PID()
		if err := s.Kill(); err != nil {
			t.Fatal(err)
		}
		if alive(pid) || !exists(s.Dir()) {
			t.Fatalf("after Kill: process alive %v, folder there %v", alive(pid), exists(s.Dir()))
		}
		began := time.Now()
		if err := s.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s recovered in %v", b, time.Since(began).Round(time.Millisecond))
		if s.DSN() != dsn || s.PID() == pid {
			t.Errorf("after Restart: %s and process %d, before: %s and %d", s.DSN(), s.PID(), dsn, pid)
		}
		if n := query(t, s, "UPDATE shop.seats SET n = n + 1", "SELECT CONCAT(n, '') FROM shop.seats"); n != "42" {
			t.Errorf("n = %s, want 42", n)
		}
		if err := s.Restart(t.Context()); err != nil { // of a running server
			t.Fatal(err)
		}
		if n := query(t, s, "SELECT CONCAT(n, '') FROM shop.seats"); n != "42" {
			t.Errorf("n = %s after a restart in good order, want 42", n)
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	b, err := local.Find(t.Context(), programOf("postgres"))
	if err != nil {
		absent(t, "postgres")
	}
	var wg sync.WaitGroup
	servers := make([]*local.Server, 4)
	for i := range servers {
		wg.Go(func() {
			s, err := local.Start(t.Context(), b, local.Options{MaxConnections: 10})
			if err != nil {
				t.Error(err)
				return
			}
			servers[i] = s
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, s := range servers {
		if s == nil {
			continue
		}
		seen[s.DSN()] = true
		query(t, s, "SELECT '1'")
		if err := s.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if len(seen) != len(servers) {
		t.Errorf("addresses: %v", seen)
	}
}

func TestStartThatFailsShowsTheLogAndLeavesNothing(t *testing.T) {
	eachBinary(t, func(t *testing.T, b local.Binary) {
		tmp := openFolder(t)
		t.Setenv("TMPDIR", tmp)
		wrong := "--no-such-option=1"
		if b.Program.Name == "etcd" { // whose help follows an unknown flag, for pages
			wrong = "--auto-compaction-mode=no-such-option"
		}
		_, err := local.Start(t.Context(), b, local.Options{ExtraArgs: []string{wrong}})
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "_", "-"), "no-such-option") {
			t.Errorf("error: %v", err)
		}
		for soon, cancelled := 150*time.Millisecond, false; !cancelled; soon /= 2 { // some are faster than that
			ctx, cancel := context.WithTimeout(t.Context(), soon)
			s, err := local.Start(ctx, b, local.Options{})
			cancel()
			if cancelled = err != nil; !cancelled {
				err = s.Stop(t.Context())
			} else if errors.Is(err, context.DeadlineExceeded) {
				err = nil
			}
			if err != nil {
				t.Errorf("cancelled after %v: %v", soon, err)
			}
		}
		if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
			t.Errorf("left: %v, %v", left, err)
		}
	})
}

// openFolder is a temporary folder that others may enter: servers of root run as another user.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "lastseat-test-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func TestRestartWithTheDSNItHad(t *testing.T) {
	b, err := local.Find(t.Context(), programOf("postgres"))
	if err != nil {
		absent(t, "postgres")
	}
	s := start(t, b, local.Options{})
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	l := holdPort(t, s.Address())
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := s.Restart(ctx); err == nil {
		t.Error("restarted on a port that somebody else holds")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Restart(t.Context()); err != nil {
		t.Error(err)
	}
}

// holdPort takes the port of a server that was killed. A process that the server had just started may have it for a moment longer.
func holdPort(t *testing.T, address string) net.Listener {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		l, err := net.Listen("tcp", address)
		if err == nil {
			return l
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
