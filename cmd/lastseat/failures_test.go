package main

// The faults of docs/failures.md that need a server, a signal or a full disk. Each is met by the real program in a process
// of its own; testdata/script holds the faults that need none of these.

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver "mysql"
	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets/local"
)

// password is what no output may hold.
const password = "sekret"

// shared are throwaway servers that stand for the user's own: all tests use one of each.
var shared = map[local.Engine]*sharedServer{local.Postgres: {}, local.MariaDB: {}}

type sharedServer struct {
	once   sync.Once
	server *local.Server
	err    error
}

func stopShared() error {
	var errs []error
	for _, s := range shared {
		if s.server != nil {
			errs = append(errs, s.server.Stop(context.Background()))
		}
	}
	return errors.Join(errs...)
}

// required reports whether LASTSEAT_REQUIRE names the engine: then a machine without it fails.
func required(e local.Engine) bool {
	return slices.Contains(strings.Split(os.Getenv("LASTSEAT_REQUIRE"), ","), string(e))
}

// program is the server program of an engine; without one the test is skipped.
func program(t *testing.T, e local.Engine) local.Binary {
	t.Helper()
	b, err := local.Find(t.Context(), e)
	var missing *local.NotFoundError
	if errors.As(err, &missing) && !required(e) {
		t.Skip(missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sharedOf is the shared server of an engine.
func sharedOf(t *testing.T, e local.Engine) *local.Server {
	t.Helper()
	b, s := program(t, e), shared[e]
	s.once.Do(func() { s.server, s.err = local.Start(context.Background(), b, local.Options{}) })
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.server
}

// onServers runs a test on each shared server.
func onServers(t *testing.T, test func(t *testing.T, e local.Engine, s *local.Server)) {
	for _, e := range []local.Engine{local.Postgres, local.MariaDB} {
		t.Run(string(e), func(t *testing.T) { test(t, e, sharedOf(t, e)) })
	}
}

// console sends statements to a server, and answers the rows of a query with one column, as text.
type console func(statement string) ([]string, error)

// connect opens a session on a server, as its superuser.
func connect(t *testing.T, s *local.Server) console {
	t.Helper()
	if s.Binary().Engine == local.Postgres {
		c, err := pgx.Connect(t.Context(), s.DSN())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close(context.Background()) })
		return func(statement string) ([]string, error) {
			// The simple protocol answers in text, whatever the type.
			rows, err := c.Query(context.Background(), statement, pgx.QueryExecModeSimpleProtocol)
			if err != nil {
				return nil, err
			}
			return pgx.CollectRows(rows, pgx.RowTo[string])
		}
	}
	db, err := sql.Open("mysql", s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return func(statement string) ([]string, error) {
		rows, err := db.QueryContext(context.Background(), statement)
		if err != nil {
			return nil, err
		}
		defer func() { _ = rows.Close() }() // its error is that of Err
		var all []string
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return nil, err
			}
			all = append(all, s)
		}
		return all, rows.Err()
	}
}

func execAll(t *testing.T, c console, statements ...string) {
	t.Helper()
	for _, q := range statements {
		texts(t, c, q)
	}
}

func texts(t *testing.T, c console, query string) []string {
	t.Helper()
	all, err := c(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return all
}

// leftovers are the schemas or databases that runs made on a server and have not dropped.
func leftovers(t *testing.T, db console, e local.Engine) []string {
	t.Helper()
	return texts(t, db, map[local.Engine]string{
		local.Postgres: `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'lastseat\_%'`,
		local.MariaDB:  `SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'lastseat\_%'`,
	}[e])
}

// dsnOf is a server's DSN for another user.
func dsnOf(s *local.Server, user string) string {
	old := "root"
	if s.Binary().Engine == local.Postgres {
		old = "postgres"
	}
	return strings.Replace(s.DSN(), old+"@", user+"@", 1)
}

// process is the program under test while it runs.
type process struct {
	t              *testing.T
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
}

// begin starts lastseat. Its throwaway servers come to lie in the folder temp, if one is given. The user's own servers are not
// for tests.
func begin(t *testing.T, temp string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command("lastseat", args...)}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.Env = slices.DeleteFunc(os.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return strings.HasSuffix(name, "_DSN")
	})
	if temp != "" {
		p.cmd.Env = append(p.cmd.Env, "TMPDIR="+temp)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it has ended, unless the test failed
		_ = p.cmd.Wait()
		if t.Failed() {
			t.Logf("standard error:\n%s\nstandard output:\n%s", &p.stderr, &p.stdout)
		}
	})
	return p
}

// exits waits for the program's end and checks its exit code, and that it says what it should, without the password.
func (p *process) exits(code int, says ...string) *process {
	p.t.Helper()
	_ = p.cmd.Wait() // the exit code says the same
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Errorf("exit code %d, want %d", got, code)
	}
	all := p.stderr.String() + p.stdout.String()
	flat := strings.Join(strings.Fields(all), " ") // the table wraps its lines
	for _, s := range says {
		if !strings.Contains(flat, s) {
			p.t.Errorf("it does not say %q", s)
		}
	}
	if strings.Contains(all, password) {
		p.t.Error("it repeats the password")
	}
	return p
}

// refuses runs lastseat, which must end with exit code 2 and one line: "lastseat: ", then all that it should say.
func refuses(t *testing.T, says []string, args ...string) {
	t.Helper()
	p := begin(t, "", append([]string{"run"}, args...)...).exits(reports.ExitSetup, says...)
	if msg := strings.TrimSpace(p.stderr.String()); !strings.HasPrefix(msg, "lastseat: ") || strings.Contains(msg, "\n") {
		t.Errorf("not one line that begins with lastseat: %q", msg)
	}
}

// quick is a run short enough for a test that is about something else.
func quick(more ...string) []string {
	return append([]string{"run", "--workload", "seats", "-c", "16", "-n", "2000"}, more...)
}

// until waits for a condition, as long as a busy machine may take.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s", what)
		}
	}
}

// busy waits until a run's clients have done something on the server.
func busy(t *testing.T, db console, e local.Engine) {
	t.Helper()
	until(t, "clients at work", func() bool {
		names := leftovers(t, db, e)
		if len(names) == 0 {
			return false
		}
		rows, err := db(fmt.Sprintf("SELECT CONCAT(op) FROM %s.orders LIMIT 100", names[0])) // an error: not there yet
		return err == nil && len(rows) == 100
	})
}

func TestWrongPassword(t *testing.T) {
	onServers(t, func(t *testing.T, e local.Engine, s *local.Server) {
		db := connect(t, s)
		if e == local.Postgres {
			hba := filepath.Join(s.Dir(), "data", "pg_hba.conf")
			rules, err := os.ReadFile(hba)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(hba, append([]byte("host all locked 127.0.0.1/32 scram-sha-256\n"), rules...), 0o600); err != nil {
				t.Fatal(err)
			}
			execAll(t, db, "CREATE ROLE locked LOGIN PASSWORD 'right'", "SELECT pg_reload_conf()::text")
			until(t, "the new rules", func() bool {
				return len(texts(t, db, "SELECT 'x' AS x FROM pg_hba_file_rules WHERE user_name = '{locked}'")) > 0
			})
		} else {
			execAll(t, db, "CREATE USER locked@'127.0.0.1' IDENTIFIED BY 'right'")
		}
		refuses(t, []string{"refuses user locked", "correct user and password in the DSN"},
			"--target", string(e), "--dsn", dsnOf(s, "locked:"+password))
		if left := leftovers(t, db, e); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// TestPasswordNowhere: a run that connects by a password repeats it in no file either.
func TestPasswordNowhere(t *testing.T) {
	onServers(t, func(t *testing.T, e local.Engine, s *local.Server) {
		user := "postgres" // who needs none here
		if e == local.MariaDB {
			user = "owner"
			execAll(t, connect(t, s), "CREATE USER owner@'127.0.0.1' IDENTIFIED BY '"+password+"'",
				"GRANT ALL ON *.* TO owner@'127.0.0.1'")
		}
		dir := t.TempDir()
		args := []string{
			"--target", string(e) + "=" + dsnOf(s, user+":"+password), "--strategy", "naive-autocommit", "--out", filepath.Join(dir, "out"),
		}
		for _, f := range formats(nil) {
			args = append(args, "--"+f.flag, filepath.Join(dir, f.flag))
		}
		begin(t, "", quick(args...)...).exits(reports.ExitAsExpected)
		files := 0
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			files++
			content, err := os.ReadFile(path)
			if bytes.Contains(content, []byte(password)) {
				t.Errorf("%s repeats the password", path)
			}
			return err
		})
		if err != nil || files < 3+len(formats(nil)) {
			t.Errorf("%d files: %v", files, err)
		}
	})
}

func TestNoRightToCreate(t *testing.T) {
	onServers(t, func(t *testing.T, e local.Engine, s *local.Server) {
		says, create := []string{"no right to create a schema in database postgres", "GRANT CREATE ON DATABASE postgres TO guest"},
			"CREATE ROLE guest LOGIN"
		if e == local.MariaDB {
			says, create = []string{"no right to create a database", "GRANT ALL ON `lastseat\\_%`.* TO 'guest'@'%'"}, "CREATE USER guest@'127.0.0.1'"
		}
		execAll(t, connect(t, s), create)
		refuses(t, says, "--target", string(e), "--dsn", dsnOf(s, "guest"))
	})
}

func TestUnknownDatabase(t *testing.T) {
	s := sharedOf(t, local.Postgres)
	refuses(t, []string{"refuses user postgres", "nowhere", "name an existing database in the DSN"},
		"--target", "postgres", "--dsn", strings.Replace(s.DSN(), "/postgres?", "/nowhere?", 1))
}

func TestTooFewConnections(t *testing.T) {
	onServers(t, func(t *testing.T, e local.Engine, s *local.Server) {
		refuses(t, []string{"too few connections: the run wants 500 and the server has", "raise its max_connections", "--connections"},
			"--target", string(e), "--dsn", s.DSN(), "-c", "600", "--connections", "500")
	})
}

// TestFewConnections: without --connections, clients share what the server has, and the header says so.
func TestFewConnections(t *testing.T) {
	b := program(t, local.Postgres)
	s, err := local.Start(t.Context(), b, local.Options{MaxConnections: 12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	p := begin(t, "", quick("--strategy", "for-update", "--target", "postgres", "--dsn", s.DSN(), "-c", "64", "-n", "8000")...)
	p.exits(reports.ExitAsExpected, "64 clients share", "as many as the server has free (max_connections)")

	// None is free: superusers may take the last ones, others may not.
	db := connect(t, s)
	execAll(t, db, "CREATE ROLE plain LOGIN", "GRANT CREATE ON DATABASE postgres TO plain")
	for range 9 {
		connect(t, s)
	}
	refuses(t, []string{"refuses user plain", "free connections on the server, or raise its max_connections"},
		"--target", "postgres", "--dsn", dsnOf(s, "plain"))
	refuses(t, []string{"too few connections: the run wants 64 and the server has", "raise its max_connections"},
		"--target", "postgres", "--dsn", s.DSN())
}

// TestServerKilled: rows of the lost server carry the error, rows of others still run.
func TestServerKilled(t *testing.T) {
	for _, e := range []local.Engine{local.Postgres, local.MariaDB} {
		t.Run(string(e), func(t *testing.T) {
			s, err := local.Start(t.Context(), program(t, e), local.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Stop(context.Background()) })
			db := connect(t, s)
			file := filepath.Join(t.TempDir(), "result.json")
			p := begin(t, "", "run", "--target", string(e)+"="+s.DSN()+",memory", "--workload", "seats", "-d", "1s", "-c", "16",
				"--strategy", "naive-autocommit,for-update,naive,mutex", "--json", file)
			busy(t, db, e)
			if err := s.Kill(); err != nil {
				t.Fatal(err)
			}
			p.exits(reports.ExitSetup, "server gone", "not run:", "mutex ✓ safe", "lastseat_", "is left")
			ran := 0
			for _, r := range result(t, file).Rows {
				if strings.Contains(r.Error, "\n") {
					t.Errorf("not one sentence: %s", r.Error)
				}
				if r.Verdict != "skipped" {
					ran++
				}
			}
			if ran != 4 {
				t.Errorf("the result has %d rows, want 4", ran)
			}
		})
	}
}

// saved is what these tests read of result.json.
type saved struct {
	Version     int
	Interrupted bool
	Rows        []struct {
		Strategy, Verdict, Error string
		AsExpected               bool `json:"as_expected"`
	}
}

func result(t *testing.T, path string) saved {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r saved
	if err := json.Unmarshal(content, &r); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if r.Version != reports.Version {
		t.Errorf("%s has version %d", path, r.Version)
	}
	return r
}

func TestInterrupt(t *testing.T) {
	onServers(t, func(t *testing.T, e local.Engine, s *local.Server) {
		db := connect(t, s)
		file := filepath.Join(t.TempDir(), "result.json")
		p := begin(t, "", "run", "--target", string(e), "--dsn", s.DSN(), "--workload", "seats", "-d", "1m", "-c", "16",
			"--strategy", "for-update,atomic", "--json", file)
		busy(t, db, e)
		if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		p.exits(reports.ExitInterrupted, "INTERRUPTED: what was measured until then", "naive-autocommit@")
		if r := result(t, file); !r.Interrupted || len(r.Rows) == 0 {
			t.Errorf("not a partial result: %+v", r)
		}
		if left := leftovers(t, db, e); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// tempFolder is one that servers of other accounts can reach.
func tempFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "lastseat-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func empty(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && len(entries) == 0
}

// TestInterruptThrowaway: Ctrl-C in mid-run also takes the throwaway server along.
func TestInterruptThrowaway(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			program(t, local.Postgres)
			temp := tempFolder(t)
			p := begin(t, temp, "run", "--target", "postgres,sqlite", "--workload", "seats", "-d", "1m", "-c", "16", "--strategy", "for-update")
			until(t, "a server", func() bool { return !empty(temp) })
			until(t, "the plan", func() bool { m, _ := filepath.Glob(filepath.Join(temp, "lastseat-sqlite-*")); return len(m) > 0 })
			time.Sleep(300 * time.Millisecond) // anywhere from set-up on is fine
			if err := p.cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			p.exits(reports.ExitInterrupted)
			if !empty(temp) {
				t.Error("its temporary folder is not empty")
			}
		})
	}
}

// TestInterruptStart: Ctrl-C while a throwaway server is being made.
func TestInterruptStart(t *testing.T) {
	program(t, local.Postgres)
	temp := tempFolder(t)
	p := begin(t, temp, "run", "--target", "postgres")
	until(t, "a server's folder", func() bool { return !empty(temp) })
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	p.exits(reports.ExitInterrupted, "lastseat: interrupted before the first row")
	if !empty(temp) {
		t.Error("its temporary folder is not empty")
	}
}

// TestKilled: kill -9 of lastseat leaves a readable history, and neither throwaway server nor folder.
func TestKilled(t *testing.T) {
	program(t, local.Postgres)
	temp := tempFolder(t)
	out := filepath.Join(t.TempDir(), "out")
	p := begin(t, temp, "run", "--target", "postgres", "--workload", "seats", "-d", "1m", "-c", "16", "--strategy", "for-update", "--out", out)
	until(t, "a history", func() bool {
		info, err := os.Stat(filepath.Join(out, "histories", "seats-postgres-naive-autocommit-read-committed.jsonl"))
		return err == nil && info.Size() > 10_000
	})
	pids, err := filepath.Glob(filepath.Join(temp, "lastseat-postgres-*", "data", "postmaster.pid"))
	if err != nil || len(pids) != 1 {
		t.Fatalf("the server's process: %v, %v", pids, err)
	}
	content, err := os.ReadFile(pids[0])
	if err != nil {
		t.Fatal(err)
	}
	pid, _, _ := strings.Cut(string(content), "\n")
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.exits(-1)
	until(t, "the server and its folder gone", func() bool {
		command, _ := os.ReadFile(filepath.Join("/proc", pid, "cmdline")) // none: it is gone
		return empty(temp) && !bytes.Contains(command, []byte(temp))
	})
	files, err := filepath.Glob(filepath.Join(out, "histories", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no history: %v", err)
	}
	// The kill falls between two lines or inside one; either way the file says that its run died.
	begin(t, "", "check", files[0]).exits(reports.ExitInconclusive, "inconclusive", "the run died or goes on")
}

// TestKilledOnYours: on the user's own server a killed run leaves its schema; docs/failures.md says how to drop it.
func TestKilledOnYours(t *testing.T) {
	onServers(t, func(t *testing.T, e local.Engine, s *local.Server) {
		db := connect(t, s)
		p := begin(t, "", "run", "--target", string(e), "--dsn", s.DSN(), "--workload", "seats", "-d", "1m", "-c", "16", "--strategy", "for-update")
		busy(t, db, e)
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		p.exits(-1)
		left := leftovers(t, db, e)
		if len(left) != 1 {
			t.Fatalf("left behind: %v, want one schema", left)
		}
		drop := "DROP DATABASE " + left[0]
		if e == local.Postgres {
			drop = "DROP SCHEMA " + left[0] + " CASCADE"
		}
		execAll(t, db, drop)
	})
}

// TestTwoRuns: two runs against one server, and a table of the user's under a name that runs use too.
func TestTwoRuns(t *testing.T) {
	onServers(t, func(t *testing.T, e local.Engine, s *local.Server) {
		db := connect(t, s)
		schema := "public"
		if e == local.MariaDB {
			schema = "shop"
			execAll(t, db, "CREATE DATABASE shop")
		}
		for _, table := range []string{"stock", "orders", "account", "entry"} {
			execAll(t, db, fmt.Sprintf("CREATE TABLE %s.%s (id INT PRIMARY KEY, available INT)", schema, table),
				fmt.Sprintf("INSERT INTO %s.%s VALUES (1, 7), (2, 9)", schema, table))
		}
		dir := t.TempDir()
		dsn := s.DSN()
		if e == local.MariaDB {
			dsn = strings.Replace(dsn, ")/", ")/shop", 1)
		}
		var runs []*process
		for i := range 2 {
			runs = append(runs, begin(t, "", quick("--target", string(e), "--dsn", dsn, "--strategy", "naive-autocommit,for-update,advisory",
				"--workload", "seats,transfer", "--json", filepath.Join(dir, fmt.Sprint(i)))...))
		}
		for i, p := range runs {
			_ = p.cmd.Wait()
			// A busy machine may leave a row inconclusive; none may be wrong.
			if code := p.cmd.ProcessState.ExitCode(); code != reports.ExitAsExpected && code != reports.ExitInconclusive {
				t.Errorf("exit code %d", code)
			}
			for _, r := range result(t, filepath.Join(dir, fmt.Sprint(i))).Rows {
				if r.Error != "" || r.Verdict != "inconclusive" && !r.AsExpected {
					t.Errorf("%+v", r)
				}
			}
		}
		if left := leftovers(t, db, e); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		for _, table := range []string{"stock", "orders", "account", "entry"} {
			got := texts(t, db, fmt.Sprintf("SELECT CONCAT(id, ':', available) FROM %s.%s ORDER BY id", schema, table))
			if !slices.Equal(got, []string{"1:7", "2:9"}) {
				t.Errorf("the user's table %s.%s holds %v", schema, table, got)
			}
		}
	})
}

// full is a folder on a disk of its own, of 64 kB.
func full(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("a small disk is mounted only by root on Linux")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("mount a small disk: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	return dir
}

func TestDiskFullHistory(t *testing.T) {
	out := filepath.Join(full(t), "out")
	p := begin(t, "", quick("--target", "memory", "--strategy", "naive,mutex", "--out", out)...)
	p.exits(reports.ExitSetup, "error: write "+out, "no space left on device")
	file := filepath.Join(out, "histories", "seats-memory-naive-none.jsonl")
	c := begin(t, "", "check", file)
	_ = c.cmd.Wait() // below
	if code := c.cmd.ProcessState.ExitCode(); code != reports.ExitBroken && code != reports.ExitInconclusive {
		t.Errorf("check of the history up to there: exit code %d", code)
	}
}

func TestDiskFullSQLite(t *testing.T) {
	dir := full(t)
	p := begin(t, "", quick("--target", "sqlite", "--dsn", filepath.Join(dir, "shop.db"), "--strategy", "atomic,for-update")...)
	p.exits(reports.ExitSetup, "error: ", "database or disk is full (13)")
	if !empty(dir) {
		t.Error("the file is left behind")
	}
}

func TestDiskFullOutputs(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here")
	}
	for _, f := range formats(nil) {
		p := begin(t, "", quick("--target", "memory", "--strategy", "mutex", "--"+f.flag, "/dev/full")...)
		p.exits(reports.ExitSetup, "--"+f.flag+": write /dev/full: no space left on device; make room there, or name another place", "mutex")
	}
}

// TestNoProgram: a target whose server program is missing is skipped with a hint, and rows of others run.
func TestNoProgram(t *testing.T) {
	t.Setenv("LASTSEAT_MYSQLD", "")
	t.Setenv("LASTSEAT_SERVERS", t.TempDir())
	if b, err := local.Find(t.Context(), local.MySQL); err == nil {
		t.Skipf("%s is installed where it cannot be hidden: %s", b, b.Path)
	}
	hint := "no MySQL server program found"
	begin(t, "", quick("--target", "mysql")...).exits(reports.ExitInconclusive, hint)
	begin(t, "", "run", "--target", "mysql,memory", "--workload", "seats", "--strategy", "mutex", "-d", "300ms").exits(reports.ExitAsExpected, hint, "✓ safe")
}

// TestFailureTable: every line of docs/failures.md names a test that there is.
func TestFailureTable(t *testing.T) {
	doc, err := os.ReadFile("../../docs/failures.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("failures_test.go")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for line := range strings.Lines(string(doc)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) < 3 || strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| fault") {
			continue
		}
		lines++
		name := strings.TrimSpace(cells[len(cells)-2])
		if strings.HasSuffix(name, ".txtar") {
			if _, err := os.Stat(filepath.Join("testdata/script", name)); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		} else if name == "" || !bytes.Contains(source, []byte("func "+name+"(t *testing.T)")) {
			t.Errorf("%s: there is no test %q", line, name)
		}
	}
	if lines < 30 {
		t.Errorf("the tables have only %d lines", lines)
	}
}
