//go:build linux

package main

// Signals at random moments, and what they leave: nothing, or on the user's own server a schema that can be told from the user's.

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets/local"
)

// killsEnv says how often each signal is sent to runs over embedded, throwaway and own servers, each; scripts/nightly sets it.
const killsEnv = "LASTSEAT_KILLS"

// killed is a place where runs are killed.
type killed struct {
	name   string
	needs  []string      // programs
	own    string        // whose server stands for the user's; empty: none
	within time.Duration // the signal comes
	share  int           // of the kills over servers of its kind: one in so many
	args   []string
}

func killPlaces() []killed {
	return []killed{
		{name: "embedded", share: 1, within: 700 * time.Millisecond, args: []string{"--target", "sqlite"}},
		{name: "throwaway postgres and redis", needs: []string{"postgres", "redis"}, share: 2, within: 3 * time.Second, args: []string{"--target", "postgres", "--lock", "redis"}},
		{name: "throwaway mariadb", needs: []string{"mariadb"}, share: 2, within: 3 * time.Second, args: []string{"--target", "mariadb"}},
		{name: "own postgres", own: "postgres", share: 2, within: time.Second, args: []string{"--target", "postgres"}},
		{name: "own mariadb", own: "mariadb", share: 2, within: time.Second, args: []string{"--target", "mariadb"}},
	}
}

// TestKills: whenever lastseat is told to end, or killed, nothing is left, and what is the user's stays as it is.
func TestKills(t *testing.T) {
	times := 4
	if s := os.Getenv(killsEnv); s != "" {
		var err error
		if times, err = strconv.Atoi(s); err != nil || times < 1 {
			t.Fatalf("%s is %q, must be a whole number from 1", killsEnv, s)
		}
	}
	for _, at := range killPlaces() {
		t.Run(strings.ReplaceAll(at.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			for _, e := range at.needs {
				program(t, e)
			}
			var server *own
			if at.own != "" {
				server = newOwn(t, at.own)
				at.args = append(at.args, "--dsn", server.dsn)
			}
			for range (times + at.share - 1) / at.share {
				for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGTERM} {
					killOnce(t, at, sig, server)
					if t.Failed() {
						return
					}
				}
			}
		})
	}
}

// killOnce begins a run, sends it a signal some time later, and looks at what is left.
func killOnce(t *testing.T, at killed, sig syscall.Signal, server *own) {
	temp, moment := tempFolder(t), rand.N(at.within)
	p := begin(t, temp, append([]string{"run", "--workload", "seats", "-d", "10m", "-c", "16", "--strategy", "for-update"}, at.args...)...)
	time.Sleep(moment)
	memory := sharedMemory(temp)
	if err := p.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait() // its state says more
	state := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	inOrder := state.ExitStatus() == suite.ExitInterrupted && sig != syscall.SIGQUIT
	// Go itself answers SIGQUIT, with 2, or by another signal where it fails to show a stack that moves. Every signal may come before the
	// program has said what to do at it.
	byGo := sig == syscall.SIGQUIT && (state.ExitStatus() == 2 || state.Signaled() && state.Signal() == syscall.SIGSEGV)
	if !inOrder && (!state.Signaled() || state.Signal() != sig) && !byGo {
		t.Errorf("%v after %v: it ended with %v", sig, moment, p.cmd.ProcessState)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		left := append(append(processesIn(temp), filesIn(temp)...), stillThere(memory)...)
		if len(left) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Errorf("%v after %v: left: %v", sig, moment, left)
			break
		}
	}
	if server != nil {
		server.check(t, inOrder, fmt.Sprintf("%v after %v", sig, moment))
	}
}

// processesIn are those whose command line names a folder.
func processesIn(dir string) (all []string) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		if content, err := os.ReadFile(f); err == nil && bytes.Contains(content, []byte(dir)) {
			all = append(all, strings.ReplaceAll(string(content), "\x00", " "))
		}
	}
	return all
}

func filesIn(dir string) (all []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return []string{err.Error()}
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

var systemV = regexp.MustCompile(`(?m) (\d+) +/SYSV[0-9a-f]{8} `)

// sharedMemory are the segments that servers in a folder use: files in /dev/shm, and System V's by their numbers.
func sharedMemory(dir string) (all []string) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		if content, err := os.ReadFile(f); err != nil || !bytes.Contains(content, []byte(dir)) {
			continue
		}
		maps, _ := os.ReadFile(filepath.Join(filepath.Dir(f), "maps")) // none: it has ended
		for _, m := range systemV.FindAllSubmatch(maps, -1) {
			all = append(all, "shm "+string(m[1]))
		}
		for _, field := range strings.Fields(string(maps)) {
			if strings.HasPrefix(field, "/dev/shm/") && !slices.Contains(all, field) {
				all = append(all, field)
			}
		}
	}
	return all
}

func stillThere(memory []string) (all []string) {
	segments, _ := os.ReadFile("/proc/sysvipc/shm")
	for _, m := range memory {
		if id, ok := strings.CutPrefix(m, "shm "); ok {
			if regexp.MustCompile(`(?m)^ *-?\d+ +` + id + ` `).Match(segments) {
				all = append(all, m)
			}
		} else if _, err := os.Stat(m); err == nil {
			all = append(all, m)
		}
	}
	return all
}

// own stands for a server of the user's, with tables of the names that runs use.
type own struct {
	engine string
	db     console
	dsn    string
	schema string
	before []string
}

func newOwn(t *testing.T, e string) *own { return ownOn(t, e, mortal(t, e)) }

func ownOn(t *testing.T, e string, s *local.Server) *own {
	t.Helper()
	o := &own{engine: e, db: connect(t, s), dsn: s.DSN(), schema: "public"}
	if e == "mariadb" {
		o.schema, o.dsn = "shop", strings.Replace(s.DSN(), ")/", ")/shop", 1)
		execAll(t, o.db, "CREATE DATABASE shop")
	}
	for _, table := range userTables {
		execAll(t, o.db, fmt.Sprintf("CREATE TABLE %s.%s (id INT PRIMARY KEY, available INT)", o.schema, table),
			fmt.Sprintf("INSERT INTO %s.%s VALUES (1, 7), (2, 9)", o.schema, table))
	}
	o.before = o.contents(t)
	return o
}

var userTables = []string{"stock", "orders", "account", "entry", "ticket"}

// contents are the user's tables: what there is, its columns and its rows.
func (o *own) contents(t *testing.T) []string {
	t.Helper()
	all := texts(t, o.db, fmt.Sprintf(`SELECT CONCAT(table_name, '.', column_name, ' ', data_type) FROM information_schema.columns
		WHERE table_schema = '%s' ORDER BY 1`, o.schema))
	for _, table := range userTables {
		rows := texts(t, o.db, fmt.Sprintf("SELECT CONCAT(id, ':', available) FROM %s.%s ORDER BY id", o.schema, table))
		all = append(all, table+" "+strings.Join(rows, " "))
	}
	return all
}

// runsSchema is the name of a run's schema or database, which no user's has.
var runsSchema = regexp.MustCompile(`^lastseat_[0-9a-f]{8}$`)

// check looks at the server after a run: it holds what is the user's, as it was, and of the run nothing, or one schema where the run
// was killed.
func (o *own) check(t *testing.T, inOrder bool, what string) {
	t.Helper()
	sessions := "SELECT 'x' FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
	if o.engine == "mariadb" {
		sessions = "SELECT 'x' FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND user = 'root'"
	}
	until(t, "the run's sessions gone", func() bool { return len(texts(t, o.db, sessions)) == 0 })
	left := leftovers(t, o.db, o.engine)
	if inOrder && len(left) > 0 || len(left) > 1 {
		t.Errorf("%s: schemas are left: %v", what, left)
	}
	for _, name := range left {
		if !runsSchema.MatchString(name) {
			t.Errorf("%s: schema %s is left, by a name that may be the user's", what, name)
		}
	}
	o.clean(t, left)
	if now := o.contents(t); !slices.Equal(now, o.before) {
		t.Errorf("%s: the user's tables were\n%q and are\n%q", what, o.before, now)
	}
}

// clean has lastseat find and drop what a killed run left.
func (o *own) clean(t *testing.T, left []string) {
	t.Helper()
	if len(left) == 0 {
		return
	}
	begin(t, "", "clean", "--target", o.engine, "--dsn", o.dsn).exits(suite.ExitAsExpected, "dropped")
	if still := leftovers(t, o.db, o.engine); len(still) > 0 {
		t.Errorf("clean does not drop %v", still)
	}
}
