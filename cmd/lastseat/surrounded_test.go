package main

// What is around a store: every row that is known to be bad is caught under its fault, three times in a row, and every other is
// never accused, on real servers.

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/reports"
)

const (
	surroundedClients = 8
	surroundedTrials  = 200             // of a safe row: it is about never being accused
	surroundedLimit   = 3 * time.Minute // for a row to be decided in; a bad one takes less than a minute where the machine has nothing else to do
	inARow            = 3               // times that a bad row is caught
)

// surroundings is a family of rows: flags as a user types them.
type surroundings struct {
	workload   string // empty: seats
	strategies string
	level      string // empty: each server's own
	servers    string // empty: 3
	flags      string // lock=redis,zookeeper fault=none,kill-server
}

func TestSurrounded(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes; run without -short")
	}
	const (
		naive  = "naive-tx"
		cuts   = "fault=kill-server,cut-after-commit"
		faults = "fault=kill-server,drop-connection,cut-after-commit,delay,partition,pause"
	)
	for _, family := range []struct {
		target, about string
		rows          []surroundings
	}{
		{"postgres", "locks and reads", []surroundings{
			{strategies: naive, flags: "lock=all"},
			{strategies: naive, servers: "1", flags: "lock=process-mutex"},
			{strategies: naive, flags: "lock=redis,redis-aof,redlock,redis-fenced,zookeeper,zookeeper-fenced,db-lock,redis-no-owner fault=pause-holder"},
			{strategies: naive, flags: "lock=redis,redis-fenced,zookeeper,db-lock,redis-no-expiry fault=crash-holder"},
			{strategies: naive, flags: "lock=redis,redis-aof,redlock,redis-fenced fault=kill-lock-server"},
			{strategies: "naive-tx,check-then-act,optimistic", flags: "reads-from=cache,replica,replica-lsn"},
			{strategies: naive, flags: "reads-from=cache,replica,replica-lsn lock=redis"},
			{strategies: naive, servers: "1", flags: "reads-from=cache lock=process-mutex"},
		}},
		{"postgres", "faults", []surroundings{
			{strategies: "atomic,for-update", flags: faults},
			{strategies: naive, flags: "lock=redis,zookeeper-fenced,db-lock fault=kill-server,drop-connection,partition"},
			{strategies: "atomic", flags: "retry=retry-blind,idempotency-key " + cuts},
			{strategies: "for-update,optimistic", flags: "retry=idempotency-key fault=drop-connection"},
			{strategies: "naive-tx", level: "rr", flags: "retry=retry-stale,swallow-conflict"},
			{strategies: "optimistic", level: "rr", flags: "retry=swallow-conflict"},
			{strategies: "atomic", flags: "durability=synchronous_commit=off fault=none,kill-server"},
			{workload: "checkout", strategies: "for-update", flags: "payment=all fault=none,payment-timeout,payment-slow,payment-duplicate,payment-refuse,kill-server,cut-after-commit"},
		}},
		{"mysql", "faults", []surroundings{
			{strategies: "atomic", flags: faults},
			{strategies: "atomic", flags: "retry=retry-blind,idempotency-key fault=cut-after-commit"},
			{strategies: "atomic", flags: "durability=innodb_flush_log_at_trx_commit=0,innodb_flush_log_at_trx_commit=2 fault=kill-server"},
			{strategies: naive, flags: "lock=db-lock"},
		}},
		{"mariadb", "faults", []surroundings{
			{strategies: "atomic", flags: faults},
			{strategies: "atomic", flags: "retry=retry-blind,idempotency-key " + cuts},
			{strategies: "atomic", flags: "durability=innodb_flush_log_at_trx_commit=0,innodb_flush_log_at_trx_commit=2 fault=kill-server"},
			{strategies: naive, flags: "lock=db-lock fault=none,drop-connection"},
		}},
		{"memory", "locks", []surroundings{{strategies: "naive", servers: "1,2", flags: "lock=process-mutex"}}},
		{"sqlite", "reads and payment", []surroundings{
			{workload: "checkout", strategies: "for-update", flags: "payment=all fault=none,payment-duplicate"},
			{strategies: "naive-tx,optimistic", flags: "reads-from=cache"},
		}},
	} {
		t.Run(family.target+" "+family.about, func(t *testing.T) {
			t.Parallel() // rows wait for servers that come back, for disks and for locks
			o := openTarget(t, family.target, surroundedClients)
			for _, s := range family.rows {
				s.run(t, o)
			}
		})
	}
}

// run runs the family's rows. There is one of each, unless the machine lacks a program that nobody requires.
func (s *surroundings) run(t *testing.T, o *opened) {
	t.Helper()
	m := matrixOf(t, s.options(t), o)
	for i := range m.rows {
		p := &m.rows[i]
		t.Run(fmt.Sprintf("%s %s", p.label.Workload, p.label.Row(p.label.Isolation.Short())), func(t *testing.T) {
			switch {
			case p.offer.Skip == "":
			case len(o.missing) > 0 && os.Getenv("LASTSEAT_REQUIRE") == "":
				t.Skip(p.offer.Skip)
			default:
				t.Fatalf("there is no such row: %s", p.offer.Skip)
			}
			times := 1
			if !p.offer.Promise.Safe {
				times = inARow
			}
			for range times {
				s.once(t, m, p)
			}
		})
	}
}

// once runs a row until it is decided.
func (s *surroundings) once(t *testing.T, m *matrix, p *planned) {
	t.Helper()
	p.budget = time.Second
	if traits := p.around.traits(); traits.Kills || traits.Unlocks {
		p.budget = 4 * time.Second // the first round lasts a quarter of it, and a server takes longer to come back
	}
	row := []reports.Row{{Label: p.label, Expected: &p.offer.Promise}}
	m.one(t.Context(), p, row, 0, 1, 1)
	asPromised(t, p, &row[0])
	if r := row[0].Report; r != nil {
		t.Logf("%d of unknown fate, %d faults: %s", r.Accounting.Ambiguous, len(r.Faults), r.Reason)
	}
}

// options are what the flags say.
func (s *surroundings) options(t *testing.T) *options {
	t.Helper()
	names := make([][]string, len(aroundAxes()))
	for i, axis := range aroundAxes() {
		names[i] = []string{none}
		for flag := range strings.FieldsSeq(s.flags) {
			if name, values, _ := strings.Cut(flag, "="); name == axis.flag {
				names[i] = strings.Split(values, ",")
			}
		}
	}
	servers := []int{defaultServers}
	if s.servers != "" {
		servers = nil
		for n := range strings.SplitSeq(s.servers, ",") {
			servers = append(servers, int(n[0]-'0'))
		}
	}
	surroundings, err := parseAround(names, servers)
	if err != nil {
		t.Fatal(err)
	}
	surroundings = slices.DeleteFunc(surroundings, func(a around) bool {
		return !a.any() || a.traits().Service && a.of("payment") == nil
	})
	cfg := harness.DefaultConfig()
	cfg.Concurrency, cfg.MinTrials, cfg.Reserve, cfg.Seed = surroundedClients, surroundedTrials, surroundedLimit, uint64(time.Now().UnixNano())
	a := axes{workloads: []string{"seats"}, strategies: strings.Split(s.strategies, ","), around: surroundings, clients: []int{surroundedClients}}
	if s.workload != "" {
		a.workloads = []string{s.workload}
	}
	if l, ok := harness.ParseLevel(s.level); ok {
		a.levels = []harness.Level{l}
	}
	return &options{axes: a, config: cfg, runs: 1}
}
