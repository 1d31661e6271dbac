//go:build linux

package main

// Rows on workers: processes of this machine, and others that join a NATS server of the user's.

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/lastseat/lastseat/harness/fleet"
	"github.com/lastseat/lastseat/harness/suite"
)

// workersResult is what the JSON says of rows and their workers.
type workersResult struct {
	Rows []workersRow `json:"rows"`
}

type workersRow struct {
	Strategy  string `json:"strategy"`
	Env       string `json:"env"`
	Fault     string `json:"fault"`
	Faults    []any  `json:"faults"`
	Verdict   string `json:"verdict"`
	Reason    string `json:"reason"`
	Error     string `json:"error"`
	Processed int64  `json:"processed"`
	Figures   []struct {
		Name  string  `json:"name"`
		Value float64 `json:"value"`
	} `json:"figures"`
	Workers []struct {
		Name      string `json:"name"`
		Clients   int    `json:"clients"`
		Processed int64  `json:"processed"`
		Lost      string `json:"lost"`
	} `json:"workers"`
}

func readWorkers(t *testing.T, path string) (r workersResult) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestWorkersOnThisMachine: over three processes the verdicts are those of one, and each took part.
func TestWorkersOnThisMachine(t *testing.T) {
	for _, e := range []string{"postgres", "mariadb"} {
		t.Run(e, func(t *testing.T) {
			s := sharedOf(t, e)
			file := filepath.Join(t.TempDir(), "result.json")
			begin(t, "", "run", "--workers", "3", "--target", e, "--dsn", s.DSN(), "--workload", "seats", "--strategy", "naive-autocommit,for-update",
				"-c", "12", "-n", "6000", "--min-trials", "200", "--quiet", "--json", file).exits(suite.ExitAsExpected, "Clients were in 3 workers")
			r := readWorkers(t, file)
			if len(r.Rows) != 2 || r.Rows[0].Verdict != "unsafe" || r.Rows[1].Verdict != "safe" {
				t.Fatalf("%+v", r.Rows)
			}
			for _, row := range r.Rows {
				var sum int64
				for _, w := range row.Workers {
					if sum += w.Processed; w.Clients != 4 || w.Processed == 0 {
						t.Errorf("%s: %+v", row.Strategy, w)
					}
				}
				if len(row.Workers) != 3 || sum != 6000 || row.Processed != 6000 {
					t.Errorf("%s: %d workers did %d operations of %d", row.Strategy, len(row.Workers), sum, row.Processed)
				}
			}
			if left := leftovers(t, connect(t, s), e); len(left) > 0 {
				t.Errorf("%q is left", left)
			}
		})
	}
}

// TestWorkersWithLocks: over three processes a mutex in each of them is caught, and a lock that all of them share is never accused. All take
// part, the wait for locks comes back, and nothing is left in the servers, of which one is the user's.
func TestWorkersWithLocks(t *testing.T) {
	t.Parallel()
	for _, lock := range []string{"redis", "db-lock", "zookeeper", "etcd"} {
		t.Run(lock, func(t *testing.T) {
			args := []string{"run", "--workers", "3", "--target", "postgres", "--workload", "seats", "--strategy", "naive-tx", "-c", "9", "-n", "1200", "--min-trials", "50", "--quiet"}
			s := newOwn(t, "postgres")
			var theirs *redis.Client
			switch lock {
			case "redis":
				r := mortal(t, lock)
				theirs = redis.NewClient(&redis.Options{Addr: r.Address(), Password: r.Password()})
				defer func() { _ = theirs.Close() }()
				args = append(args, "--redis", r.DSN())
			case "zookeeper", "etcd":
				program(t, lock)
			}
			file := filepath.Join(t.TempDir(), "result.json")
			begin(t, "", append(args, "--dsn", s.dsn, "--lock", "process-mutex,"+lock, "--json", file)...).exits(suite.ExitAsExpected, "Clients were in 3 workers", "lock wait")
			r := readWorkers(t, file)
			for i, want := range map[string]string{"process-mutex": "unsafe", lock: "safe"} {
				row := r.row(t, i)
				if row.Verdict != want || row.Error != "" || len(row.Workers) != 3 {
					t.Errorf("%s: %+v", i, row)
				}
				for _, w := range row.Workers {
					if w.Clients != 3 || w.Processed == 0 {
						t.Errorf("%s: %+v", i, w)
					}
				}
				if len(row.Figures) != 1 || row.Figures[0].Name != "lock wait" || row.Figures[0].Value <= 0 {
					t.Errorf("%s: figures %+v", i, row.Figures)
				}
			}
			if left := leftovers(t, s.db, "postgres"); len(left) > 0 {
				t.Errorf("%q is left", left)
			}
			if theirs != nil {
				if keys, err := theirs.Keys(t.Context(), "*").Result(); err != nil || len(keys) > 0 {
					t.Errorf("%q is left in Redis (%v)", keys, err)
				}
			}
		})
	}
}

// TestServersAreProcesses: --servers-as processes is a worker for each application server, and one of them alone is safe with a mutex.
func TestServersAreProcesses(t *testing.T) {
	t.Parallel()
	s := newOwn(t, "postgres")
	for servers, want := range map[string]string{"1": "safe", "2": "unsafe"} {
		file := filepath.Join(t.TempDir(), "result.json")
		begin(t, "", "run", "--servers", servers, "--servers-as", "processes", "--target", "postgres", "--dsn", s.dsn, "--workload", "seats", "--strategy", "naive-tx",
			"--lock", "process-mutex", "-c", "8", "-n", "3000", "--min-trials", "100", "--quiet", "--json", file).exits(suite.ExitAsExpected, "--servers-as=processes")
		r := readWorkers(t, file)
		if row := r.row(t, "process-mutex+"+servers+"-servers"); row.Verdict != want || strconv.Itoa(len(row.Workers)) != servers {
			t.Errorf("%s: %+v", servers, row)
		}
	}
}

// TestServersStandStill: where a whole application server stops, locks that end meanwhile are caught without a fence; with one, and where the
// lock lasts as long as its connection, nobody is accused. Whoever stands still is not lost.
func TestServersStandStill(t *testing.T) {
	t.Parallel()
	for _, e := range []string{"redis", "zookeeper"} {
		program(t, e)
	}
	s := newOwn(t, "postgres")
	run := func(verdict string, locks []string, more ...string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "result.json")
		p := begin(t, "", append([]string{
			"run", "--servers", "3", "--servers-as", "processes", "--target", "postgres", "--dsn", s.dsn, "--workload", "seats", "--strategy", "naive-tx",
			"--gap", "2ms", "--fault", "pause-holder", "--lock", strings.Join(locks, ","), "-c", "12", "--min-trials", "30", "--quiet", "--json", file,
		}, more...)...)
		p.exits(suite.ExitAsExpected, "application server stopped")
		r := readWorkers(t, file)
		for _, lock := range locks {
			row := r.row(t, lock)
			if row.Verdict != verdict {
				t.Errorf("%s: %+v", lock, row)
			}
			for _, w := range row.Workers {
				if w.Lost != "" {
					t.Errorf("%s: %+v", lock, w)
				}
			}
		}
	}
	run("unsafe", []string{"redis", "zookeeper"}, "--budget", "3m")
	run("safe", []string{"redis-fenced", "zookeeper-fenced", "db-lock"}, "--budget", "1m") // a quarter first
}

// row is the row with this around its store.
func (r *workersResult) row(t *testing.T, env string) workersRow {
	t.Helper()
	for _, row := range r.Rows {
		if row.Env == env {
			return row
		}
	}
	t.Fatalf("there is no row with %s: %+v", env, r.Rows)
	return workersRow{}
}

// workersOf are the processes that a coordinator has started.
func workersOf(coordinator int) (pids []int) {
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range all {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		args, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		if len(fields) > 1 && fields[1] == strconv.Itoa(coordinator) && strings.HasSuffix(string(args), "\x00worker\x00") {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// TestWorkersDie: one is killed and one is stopped for ever, in the middle of a row. Nothing is accused, the row says who is missing, and
// what broke stands without them, and the next rows run on the third alone.
func TestWorkersDie(t *testing.T) {
	t.Parallel()
	s := newOwn(t, "postgres")
	db := s.db
	out := t.TempDir()
	file := filepath.Join(t.TempDir(), "result.json")
	p := begin(t, "", "run", "--workers", "3", "--target", "postgres", "--dsn", s.dsn, "--workload", "seats", "--strategy", "naive-autocommit,for-update",
		"-c", "9", "-d", "15s", "--min-trials", "50", "--quiet", "--json", file, "--out", out)
	busy(t, db, "postgres")
	pids := workersOf(p.cmd.Process.Pid)
	if len(pids) != 3 {
		t.Fatalf("workers %v", pids)
	}
	_ = syscall.Kill(pids[0], syscall.SIGKILL)
	_ = syscall.Kill(pids[1], syscall.SIGSTOP)
	t.Cleanup(func() { _ = syscall.Kill(pids[1], syscall.SIGKILL) })
	p.exits(suite.ExitAsExpected, "fell silent")
	r := readWorkers(t, file)
	if len(r.Rows) != 2 || r.Rows[0].Verdict != "unsafe" || !strings.Contains(r.Rows[0].Reason, "and what broke stands without it") || r.Rows[1].Error != "" {
		t.Fatalf("%+v", r.Rows)
	}
	kept, _ := filepath.Glob(filepath.Join(out, "histories", "*naive-autocommit*"))
	if len(kept) != 1 {
		t.Fatalf("histories %v", kept)
	}
	if strings.Contains(p.stderr.String(), "what the server holds decides nothing") { // a busy one did not end their sessions in time
		begin(t, "", "check", kept[0]).exits(suite.ExitInconclusive, "the final state is missing")
	} else {
		begin(t, "", "check", kept[0]).exits(suite.ExitBroken, "fell silent", "stands without it")
	}
	lost := 0
	for _, w := range r.Rows[0].Workers {
		if w.Lost != "" {
			lost++
		}
	}
	if last := r.Rows[1].Workers; lost != 2 || len(last) != 1 || last[0].Clients != 9 || last[0].Processed == 0 {
		t.Errorf("%d workers are lost; the next row ran on %+v", lost, last)
	}
}

// TestCoordinatorIsKilled: its workers stop by themselves, and what its NATS kept goes.
func TestCoordinatorIsKilled(t *testing.T) {
	t.Parallel()
	s := newOwn(t, "postgres")
	temp := t.TempDir()
	kept := func() bool {
		all, _ := filepath.Glob(filepath.Join(temp, "lastseat-nats-*"))
		return len(all) > 0
	}
	p := begin(t, temp, "run", "--workers", "2", "--target", "postgres", "--dsn", s.dsn, "--workload", "seats", "--strategy", "for-update", "-c", "4", "-d", "60s", "--quiet")
	busy(t, s.db, "postgres")
	pids := workersOf(p.cmd.Process.Pid)
	if len(pids) != 2 || !kept() {
		t.Fatalf("workers %v; NATS keeps something: %v", pids, kept())
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	for _, pid := range pids {
		until(t, fmt.Sprintf("worker %d has ended", pid), func() bool {
			args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			return err != nil || !strings.HasSuffix(string(args), "\x00worker\x00")
		})
	}
	until(t, "what NATS kept is gone", func() bool { return !kept() })
	execAll(t, s.db, "DROP SCHEMA "+leftovers(t, s.db, "postgres")[0]+" CASCADE")
}

// TestWorkersJoin: workers that join a NATS server of the user's are found there, and end with the run.
func TestWorkersJoin(t *testing.T) {
	t.Parallel()
	s := newOwn(t, "postgres")
	nats, err := fleet.Embed("", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer nats.Close()
	var joined []*process
	for range 2 {
		joined = append(joined, begin(t, "", "worker", "--join", nats.Access.URL))
	}
	begin(t, "", "run", "--workers", "2", "--nats", nats.Access.URL, "--target", "postgres", "--dsn", s.dsn, "--workload", "seats", "--strategy", "naive-autocommit",
		"-c", "8", "-n", "3000", "--quiet").exits(suite.ExitAsExpected, "Clients were in 2 workers", "unsafe")
	for _, w := range joined {
		w.exits(suite.ExitAsExpected, "waiting for a coordinator")
	}
}

// TestWorkersRefuse: what cannot be shared, or reached, is said in one sentence.
func TestWorkersRefuse(t *testing.T) {
	refuses(t, []string{"target memory is inside one process, and cannot be shared by 2 workers", "--target postgres"}, "--workers", "2")
	refuses(t, []string{"--nats", "go with --workers"}, "--nats", "nats://127.0.0.1:1")
	refuses(t, []string{"--workers is -1"}, "--workers", "-1", "--target", "postgres")
	refuses(t, []string{"cannot reach NATS"}, "--workers", "2", "--nats", "nats://127.0.0.1:1", "--target", "postgres")
	refuses(t, []string{"--servers is 1 and --workers 2: an application server is in one process"}, "--workers", "2", "--servers", "1", "--target", "postgres")
	refuses(t, []string{"--servers-as processes starts a worker for each application server"}, "--workers", "2", "--servers-as", "processes", "--target", "postgres")
	refuses(t, []string{`--servers-as is "pods"`}, "--servers-as", "pods")
	p := begin(t, "", "worker").exits(suite.ExitSetup, "lastseat worker --join nats://host:4222")
	if p.stdout.Len() > 0 {
		t.Error("it prints to the standard output")
	}
}
