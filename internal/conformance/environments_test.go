package conformance

// What is around a store: every row that is known to be bad is caught under its fault (in the whole matrix three times in a row), and every other is
// never accused, on real servers.

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

const (
	surroundedClients = 8
	surroundedTrials  = 100              // of a safe row, in the whole matrix 200: it is about never being accused
	surroundedLimit   = 10 * time.Minute // for a row to be decided in; MySQL, killed every ten seconds on a busy machine, comes to a trial a second
	inARow            = 3                // times that a bad row is caught
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
	t.Parallel()
	const (
		naive  = "naive-tx"
		cuts   = "fault=kill-server,cut-after-commit"
		faults = "fault=kill-server,drop-connection,cut-after-commit,delay,partition,pause"
	)
	for _, family := range []struct {
		target, about string
		rows          []surroundings
	}{
		{"postgres", "locks", []surroundings{
			{strategies: naive, flags: "lock=all"},
			{strategies: naive, servers: "1", flags: "lock=process-mutex"},
		}},
		{"postgres", "locks under faults", []surroundings{
			{strategies: naive, flags: "lock=redis,redis-aof,redlock,redis-fenced,redis-sentinel,redis-sentinel-fenced,zookeeper,zookeeper-fenced,etcd,etcd-fenced,db-lock,redis-no-owner fault=pause-holder"},
			{strategies: naive, flags: "lock=redis,redis-fenced,zookeeper,etcd,db-lock,redis-no-expiry fault=crash-holder"},
			{strategies: naive, flags: "lock=redis,redis-aof,redlock,redis-fenced,redis-sentinel,redis-sentinel-fenced,etcd,etcd-fenced fault=kill-lock-server"},
		}},
		{"postgres", "reads", []surroundings{
			{strategies: "naive-tx,check-then-act,optimistic", flags: "reads-from=cache,replica,replica-lsn"},
			{strategies: naive, flags: "reads-from=cache,replica,replica-lsn lock=redis"},
			{strategies: naive, servers: "1", flags: "reads-from=cache lock=process-mutex"},
		}},
		{"postgres", "transactions on a replica", []surroundings{
			{workload: "snapshot", strategies: "plain", level: "rr", flags: "reads-from=replica,replica-lsn"},
			{workload: "snapshot", strategies: "plain", level: "ser", flags: "reads-from=replica"},
			{workload: "append", strategies: "plain", level: "rc", flags: "reads-from=replica,replica-lsn"},
		}},
		{"postgres", "faults", []surroundings{
			{strategies: "atomic,for-update", flags: faults},
			{strategies: "atomic", flags: "fault=failover,failover-sync"},
			{strategies: naive, flags: "lock=redis,zookeeper-fenced,db-lock fault=kill-server,drop-connection,partition"},
		}},
		{"postgres", "who tries again, durability and payment", []surroundings{
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
		{"memory", "locks", []surroundings{
			{strategies: "naive", servers: "1,2", flags: "lock=process-mutex"},
			{workload: "checkout", strategies: "naive", servers: "1", flags: "lock=process-mutex,redis"}, // no lock mends a half
		}},
		{"sqlite", "reads and payment", []surroundings{
			{workload: "checkout", strategies: "for-update", flags: "payment=all fault=none,payment-duplicate"},
			{strategies: "naive-tx,optimistic", flags: "reads-from=cache"},
		}},
	} {
		t.Run(family.target+" "+family.about, func(t *testing.T) {
			t.Parallel()                                                                      // rows wait for servers that come back, for disks and for locks
			o := openWith(t, family.target, store.OpenConfig{Connections: surroundedClients}) // durable: some are killed
			for _, s := range family.rows {
				s.run(t, o)
			}
		})
	}
}

// run runs the family's rows. There is one of each, unless the machine lacks a program that nobody requires.
func (s *surroundings) run(t *testing.T, o *suite.Opened) *suite.Table {
	t.Helper()
	table := planned(t, s.config(t), o)
	for _, row := range table.Rows {
		t.Run(fmt.Sprintf("%s %s", row.Label.Workload, row.Label.Row(row.Label.Isolation.Short())), func(t *testing.T) {
			switch {
			case row.Skip == "":
			case o.Lacks() && os.Getenv("LASTSEAT_REQUIRE") == "":
				t.Skip(row.Skip)
			default:
				t.Fatalf("no such row: %s", row.Skip)
			}
			times := 1
			if !row.Expected.Safe && required.Whole() {
				times = inARow
			}
			for range times {
				once(t, table, row)
			}
		})
	}
	return table
}

// once runs a row until it is decided.
func once(t *testing.T, table *suite.Table, row *suite.Row) {
	t.Helper()
	row.Budget = time.Second
	if traits := row.Environment.Traits(); traits.Kills || traits.Unlocks {
		row.Budget = 12 * time.Second // the first round lasts a quarter of it: a failover, of which a row has one, is over by then on a busy machine, too
	}
	table.Once(t.Context(), row)
	asPromised(t, row)
	if r := row.Report; r != nil {
		t.Logf("%d of unknown fate, %d faults: %s", r.Accounting.Ambiguous, len(r.Faults), r.Reason)
	}
}

// config is what the flags say.
func (s *surroundings) config(t *testing.T) suite.Config {
	t.Helper()
	axes, picked := targets.Axes(), map[string][]string{}
	for flag := range strings.FieldsSeq(s.flags) {
		name, values, _ := strings.Cut(flag, "=")
		i := slices.IndexFunc(axes, func(a store.Axis) bool { return a.Name == name })
		if i < 0 {
			t.Fatalf("no axis %s", name)
		}
		for _, value := range strings.Split(values, ",") {
			switch {
			case value == "all":
				picked[name] = []string{suite.None}
				for _, d := range axes[i].Components {
					picked[name] = append(picked[name], d.Name)
				}
			case value == suite.None || axes[i].Named(value) != nil:
				picked[name] = append(picked[name], value)
			default:
				t.Fatalf("no %s %s", name, value)
			}
		}
	}
	servers := []int{suite.DefaultServers}
	if s.servers != "" {
		servers = nil
		for n := range strings.SplitSeq(s.servers, ",") {
			servers = append(servers, int(n[0]-'0'))
		}
	}
	all, err := suite.Environments(axes, picked, servers)
	if err != nil {
		t.Fatal(err)
	}
	environments := slices.DeleteFunc(all, func(e suite.Environment) bool {
		return !e.Any() || e.Traits().Service && e.Of("payment") == nil
	})
	cfg := suite.Config{
		Workloads: []suite.Workload{workloadOf(cmp.Or(s.workload, "seats"), workloads.Config{})}, Strategies: strings.Split(s.strategies, ","),
		Clients: []int{surroundedClients}, Environments: environments, Each: engine.DefaultConfig(),
	}
	cfg.Each.MinTrials, cfg.Each.Reserve, cfg.Each.Seed = surroundedTrials, surroundedLimit, uint64(time.Now().UnixNano())
	if required.Whole() {
		cfg.Each.MinTrials *= 2
	}
	if l, ok := harness.ParseLevel(s.level); ok {
		cfg.Levels = []harness.Level{l}
	}
	return cfg
}
