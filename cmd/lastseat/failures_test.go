package main

// The faults of docs/failures.md that need a server; interrupt_test.go and diskfull_test.go have those that need a signal or a
// full disk. Each is met by the real program in a process of its own; testdata/script holds the faults that need none of these.

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets/local"
)

func TestWrongPassword(t *testing.T) {
	onServers(t, func(t *testing.T, e string, s *local.Server) {
		db := connect(t, s)
		if e == "postgres" {
			execAll(t, db, "CREATE ROLE locked LOGIN PASSWORD 'right'")
		} else {
			execAll(t, db, "CREATE USER locked@'127.0.0.1' IDENTIFIED BY 'right'")
		}
		refuses(t, []string{"refuses user locked", "correct user and password in the DSN"},
			"--target", e, "--dsn", dsnOf(s, "locked:"+password))
		if left := leftovers(t, db, e); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// TestPasswordNowhere: a run that connects by a password repeats it in no file either.
func TestPasswordNowhere(t *testing.T) {
	onServers(t, func(t *testing.T, e string, s *local.Server) {
		create := []string{"CREATE ROLE owner SUPERUSER LOGIN PASSWORD '" + password + "'"}
		if e == "mariadb" {
			create = []string{"CREATE USER owner@'127.0.0.1' IDENTIFIED BY '" + password + "'", "GRANT ALL ON *.* TO owner@'127.0.0.1'"}
		}
		execAll(t, connect(t, s), create...)
		dir := t.TempDir()
		args := []string{
			"--target", e + "=" + dsnOf(s, "owner:"+password), "--strategy", "naive-autocommit", "--out", filepath.Join(dir, "out"),
		}
		for _, f := range reports.Formats(reports.JUnitOptions{}) {
			args = append(args, "--"+f.Flag, filepath.Join(dir, f.Flag))
		}
		begin(t, "", quick(args...)...).exits(suite.ExitAsExpected)
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
		if err != nil || files < 3+len(reports.Formats(reports.JUnitOptions{})) {
			t.Errorf("%d files: %v", files, err)
		}
	})
}

func TestNoRightToCreate(t *testing.T) {
	onServers(t, func(t *testing.T, e string, s *local.Server) {
		says, create := []string{"no right to create a schema in database postgres", "GRANT CREATE ON DATABASE postgres TO guest"},
			"CREATE ROLE guest LOGIN PASSWORD '"+password+"'"
		if e == "mariadb" {
			says, create = []string{"no right to create a database", "GRANT ALL ON `lastseat\\_%`.* TO 'guest'@'%'"}, "CREATE USER guest@'127.0.0.1' IDENTIFIED BY '"+password+"'"
		}
		execAll(t, connect(t, s), create)
		refuses(t, says, "--target", e, "--dsn", dsnOf(s, "guest:"+password))
	})
}

func TestUnknownDatabase(t *testing.T) {
	s := sharedOf(t, "postgres")
	refuses(t, []string{"refuses user postgres", "nowhere", "name an existing database in the DSN"},
		"--target", "postgres", "--dsn", strings.Replace(s.DSN(), "/postgres?", "/nowhere?", 1))
}

func TestTooFewConnections(t *testing.T) {
	onServers(t, func(t *testing.T, e string, s *local.Server) {
		refuses(t, []string{"too few connections: the run wants 500 and the server has", "raise its max_connections", "--connections"},
			"--target", e, "--dsn", s.DSN(), "-c", "600", "--connections", "500")
	})
}

// TestFewConnections: without --connections, clients share what the server has, and the header says so.
func TestFewConnections(t *testing.T) {
	t.Parallel()
	b := program(t, "postgres")
	s, err := local.Start(t.Context(), b, local.Options{MaxConnections: 12, Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	p := begin(t, "", quick("--strategy", "for-update", "--target", "postgres", "--dsn", s.DSN(), "-c", "64", "--min-trials", "50")...)
	p.exits(suite.ExitAsExpected, "64 clients share", "as many as the server has free (max_connections)")

	// None is free: superusers may take the last ones, others may not.
	db := connect(t, s)
	execAll(t, db, "CREATE ROLE plain LOGIN PASSWORD '"+password+"'", "GRANT CREATE ON DATABASE postgres TO plain")
	left := func(n int) func() bool { // a server notices after its client that a connection has ended
		return func() bool {
			return len(texts(t, db, "SELECT 'x' FROM pg_stat_activity WHERE backend_type = 'client backend'")) == n
		}
	}
	until(t, "the run's connections closed", left(1))
	for range 9 {
		connect(t, s)
	}
	refuses(t, []string{"refuses user plain", "free connections on the server, or raise its max_connections"},
		"--target", "postgres", "--dsn", dsnOf(s, "plain:"+password))
	until(t, "that connection closed", left(10))
	refuses(t, []string{"too few connections: the run wants 64 and the server has", "raise its max_connections"},
		"--target", "postgres", "--dsn", s.DSN())
}

// TestServerKilled: rows of the lost server carry the error, rows of others still run.
func TestServerKilled(t *testing.T) {
	for _, e := range []string{"postgres", "mariadb"} {
		t.Run(e, func(t *testing.T) {
			t.Parallel()
			s := mortal(t, e)
			db := connect(t, s)
			file := filepath.Join(t.TempDir(), "result.json")
			// So many operations keep the server busy until it is killed, however late that is, and memory for a moment.
			p := begin(t, "", "run", "--target", e+"="+s.DSN()+",memory", "--workload", "seats", "-n", "300000", "-c", "16",
				"--min-trials", "50", "--strategy", "naive-autocommit,for-update,naive,mutex", "--json", file)
			busy(t, db, e)
			if err := s.Kill(); err != nil {
				t.Fatal(err)
			}
			p.exits(suite.ExitSetup, "server lost", "not run:", "mutex ✓ safe", "lastseat_", "is left")
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
	if r.Version != suite.Version {
		t.Errorf("%s has version %d", path, r.Version)
	}
	return r
}

// TestTwoRuns: two runs against one server, and a table of the user's under a name that runs use too.
func TestTwoRuns(t *testing.T) {
	for _, e := range []string{"postgres", "mariadb"} {
		t.Run(e, func(t *testing.T) {
			t.Parallel()
			s := mortal(t, e)
			db := connect(t, s)
			schema := "public"
			if e == "mariadb" {
				schema = "shop"
				execAll(t, db, "CREATE DATABASE shop")
			}
			for _, table := range []string{"stock", "orders", "account", "entry"} {
				execAll(t, db, fmt.Sprintf("CREATE TABLE %s.%s (id INT PRIMARY KEY, available INT)", schema, table),
					fmt.Sprintf("INSERT INTO %s.%s VALUES (1, 7), (2, 9)", schema, table))
			}
			dir := t.TempDir()
			dsn := s.DSN()
			if e == "mariadb" {
				dsn = strings.Replace(dsn, ")/", ")/shop", 1)
			}
			var runs []*process
			for i := range 2 {
				runs = append(runs, begin(t, "", quick("--target", e, "--dsn", dsn, "--strategy", "naive-autocommit,for-update,advisory",
					"--workload", "seats,joint", "--min-trials", "50", "--json", filepath.Join(dir, fmt.Sprint(i)))...))
			}
			for i, p := range runs {
				_ = p.cmd.Wait()
				// A busy machine may leave a row inconclusive; none may be wrong.
				if code := p.cmd.ProcessState.ExitCode(); code != suite.ExitAsExpected && code != suite.ExitInconclusive {
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
}

// TestNoProgram: a target whose server program is missing is skipped with a hint, and rows of others run.
func TestNoProgram(t *testing.T) {
	t.Setenv("LASTSEAT_MYSQLD", "")
	t.Setenv("LASTSEAT_SERVERS", "none")
	hint := "no MySQL server program found"
	begin(t, "", quick("--target", "mysql")...).exits(suite.ExitInconclusive, hint)
	begin(t, "", "run", "--target", "mysql,memory", "--workload", "seats", "--strategy", "mutex", "-n", "50000", "--min-trials", "50").
		exits(suite.ExitAsExpected, hint, "✓ safe")
}

// TestFailureTable: every line of docs/failures.md names a test that there is, in any package.
func TestFailureTable(t *testing.T) {
	doc, err := os.ReadFile("../../docs/failures.md")
	if err != nil {
		t.Fatal(err)
	}
	var source []byte
	err = filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		source = append(source, content...)
		return err
	})
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
