package conformance

import (
	"errors"
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
	"github.com/lastseat/lastseat/targets/targettest"
	"github.com/lastseat/lastseat/workloads"
)

// matrixServers are the targets of the matrix: every engine, and the newer versions from scripts/servers where they are found.
func matrixServers(t *testing.T) []string {
	t.Helper()
	var specs []string
	for _, e := range targets.Single() {
		specs = append(specs, e.Name)
	}
	for _, e := range targets.Single() {
		if e.Installed == nil {
			continue
		}
		found, err := e.Installed(t.Context())
		for i, p := range found {
			if i > 0 && err == nil { // the first is what the name alone stands for
				major, _, _ := strings.Cut(p.Version, ".")
				specs = append(specs, fmt.Sprintf("%s%s=%s", e.Name, major, p.Path))
			}
		}
	}
	return specs
}

// targetOf reads postgres, or postgres18=/path/of/postgres.
func targetOf(t testing.TB, spec string) suite.TargetSpec {
	t.Helper()
	name, dsn, _ := strings.Cut(spec, "=")
	e := engineNamed(strings.TrimRight(name, "0123456789"))
	if e == nil {
		t.Fatalf("no engine %s", spec)
	}
	if dsn == "" && e.DSNEnv != "" {
		dsn = os.Getenv(e.DSNEnv)
	}
	return suite.TargetSpec{Name: name, Engine: *e, DSN: dsn}
}

// openTarget opens a target for a test. What levels and strategies do does not hang on disks: a throwaway server does not wait for them.
// A missing server is a visible skip, and a failure where LASTSEAT_REQUIRE names it.
func openTarget(t testing.TB, spec string, clients int) *suite.Opened {
	t.Helper()
	return openWith(t, spec, store.OpenConfig{Connections: clients, Volatile: true})
}

func openWith(t testing.TB, spec string, cfg store.OpenConfig) *suite.Opened {
	t.Helper()
	parsed := targetOf(t, spec)
	cfg.DSN = parsed.DSN
	s, err := parsed.Engine.Open(t.Context(), cfg)
	var missing *store.MissingError
	if errors.As(err, &missing) {
		if slices.Contains(strings.Split(os.Getenv("LASTSEAT_REQUIRE"), ","), parsed.Engine.Name) {
			t.Fatal(missing.Hint)
		}
		t.Skip(missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	o := suite.NewOpened(parsed, s)
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// TestConformance runs the conformance suite over every target of the table.
func TestConformance(t *testing.T) {
	t.Parallel()
	for _, spec := range matrixServers(t) {
		name, _, _ := strings.Cut(spec, "=")
		t.Run(name, func(t *testing.T) {
			t.Parallel() // it is about what one client can get wrong
			o := openTarget(t, spec, 4)
			targettest.Exercise(t, o.Server, o.Spec.Engine.Strategies)
			whoLeavesHalves(t, o)
		})
	}
}

// TestDriverConformance runs the suite over the drivers as programs use them: a strategy of each family of statements.
func TestDriverConformance(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"postgres", "mysql", "mariadb"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := openWith(t, name, store.OpenConfig{Connections: 4, Volatile: true, Driver: true})
			if o.Info.Wire == "" {
				t.Error("the server's description does not say that its driver is used")
			}
			var some []store.StrategyInfo
			for _, s := range o.Spec.Engine.Strategies {
				if slices.Contains([]string{"naive-tx", "atomic", "for-update", "optimistic", "advisory", "unique-slot", "single-statement"}, s.Name) {
					some = append(some, s)
				}
			}
			targettest.Exercise(t, o.Server, some)
			whoLeavesHalves(t, o)
		})
	}
}

// Each row gets as long as it takes: until it is caught, or has its trials.
const (
	matrixBudget  = 500 * time.Millisecond
	matrixReserve = 5 * time.Minute // none needs it but where the machine is slow
	matrixTrials  = 300             // of a safe row; in the whole matrix it has as many as a run wants, 1,000
	matrixClients = 16
)

// TestEveryRowIsAsExpected is the product's promise, on every target that can be had: each row whose promise is unsafe is
// caught, each row whose promise is safe holds for hundreds of trials, and in the whole matrix for 1,000. The first server of each engine
// runs seats under every strategy at every level; the other workloads, and further versions of an engine, leave out the levels that decide
// nothing. Further versions are for the whole matrix.
func TestEveryRowIsAsExpected(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes; run without -short")
	}
	for _, spec := range matrixServers(t) {
		name, _, further := strings.Cut(spec, "=")
		if further && !required.Whole() {
			continue // TestConformance has it, and what its levels do is measured by TestMeasuredIsDeclared
		}
		t.Run(name, func(t *testing.T) {
			if further || engineNamed(name).Embedded {
				t.Parallel() // each row has the time it takes
			}
			o := openTarget(t, spec, matrixClients)
			t.Logf("%s: %v", o.Info, o.Info.Settings)
			// What levels do to a checkout, they do to seats. Its halves, and what a refused Call takes back, show at the default
			// level; where the level alone decides, both ends are run as well, below.
			for _, k := range workloads.Table() {
				cfg := suite.Config{AllLevels: k.Name != "checkout"}
				switch {
				case k.Name == "seats":
					// Counting locks what it counts: with few seats nearly every attempt of it ends in a deadlock where reads lock.
					levels := everyLevel
					if further {
						levels = levelsThatDecide
					}
					everyRow(t, o, k.Name, workloads.Config{}, cfg, func(rows []*suite.Row, row *suite.Row) bool { return !crowded(row) && levels(rows, row) })
					cfg.Strategies, cfg.Cells = []string{"count-insert"}, []int{40}
					everyRow(t, o, k.Name, workloads.Config{}, cfg, func(_ []*suite.Row, row *suite.Row) bool { return crowded(row) })
				case k.Name == "joint":
					// Locked in no order, five pairs of accounts are in a deadlock most of the time, and a trial takes ten times as long.
					everyRow(t, o, k.Name, workloads.Config{}, cfg, unless("for-update-unordered", levelsThatDecide))
					cfg.Strategies, cfg.Cells = []string{"for-update-unordered"}, []int{40}
					everyRow(t, o, k.Name, workloads.Config{}, cfg, levelsThatDecide)
				case !further || k.Name != "checkout":
					everyRow(t, o, k.Name, workloads.Config{}, cfg, levelsThatDecide)
				}
			}
			if further {
				return
			}
			// The reads are what differs: one safe strategy shows it.
			manyReads := suite.Config{AllLevels: true, Strategies: []string{"for-update"}}
			everyRow(t, o, "transfer", workloads.Config{ManyReads: true}, manyReads, everyLevel)
			ends := suite.Config{Strategies: []string{"naive-autocommit", "naive-tx", "optimistic"}}
			if levels := o.Server.Levels(); len(levels) > 1 {
				ends.Levels = []harness.Level{levels[0], levels[len(levels)-1]}
				everyRow(t, o, "checkout", workloads.Config{}, ends, everyLevel)
			}
		})
	}
}

// crowded reports whether the row counts under locks.
func crowded(row *suite.Row) bool {
	return row.Label.Strategy == "count-insert" && row.Label.Isolation == harness.Serializable
}

// everyLevel keeps all rows.
func everyLevel([]*suite.Row, *suite.Row) bool { return true }

// levelsThatDecide leaves out the rows whose promise is that of the same strategy at the default level.
func levelsThatDecide(rows []*suite.Row, row *suite.Row) bool {
	normal := row.Opened().Info.DefaultLevel
	return row.Label.Isolation == normal || !slices.ContainsFunc(rows, func(other *suite.Row) bool {
		return other.Skip == "" && other.Label.Workload == row.Label.Workload && other.Label.Strategy == row.Label.Strategy &&
			other.Label.Isolation == normal && other.Expected.Safe == row.Expected.Safe && other.Expected.Model == row.Expected.Model
	})
}

// unless leaves out the rows of a strategy, too.
func unless(strategy string, keep func([]*suite.Row, *suite.Row) bool) func([]*suite.Row, *suite.Row) bool {
	return func(rows []*suite.Row, row *suite.Row) bool { return row.Label.Strategy != strategy && keep(rows, row) }
}

// everyRow runs every row that is kept of one workload, until each is decided.
func everyRow(t *testing.T, o *suite.Opened, workload string, shape workloads.Config, cfg suite.Config, keep func([]*suite.Row, *suite.Row) bool) {
	t.Helper()
	cfg.Each = engine.DefaultConfig()
	cfg.Each.Reserve, cfg.Each.Seed = matrixReserve, uint64(time.Now().UnixNano())
	if !required.Whole() {
		cfg.Each.MinTrials = matrixTrials
	}
	cfg.Workloads, cfg.Clients = []suite.Workload{workloadOf(workload, shape)}, []int{matrixClients}
	table := planned(t, cfg, o)
	for _, row := range table.Rows {
		row.Budget = matrixBudget
		if row.Skip != "" || !keep(table.Rows, row) {
			continue
		}
		t.Run(fmt.Sprintf("%s many-reads=%v %s@%s", workload, shape.ManyReads, row.Label.Strategy, row.Label.Isolation), func(t *testing.T) {
			for n := 0; n == 0 || n < defectAttempts && brokenByServer(t, row); n++ {
				table.Once(t.Context(), row)
			}
			asPromised(t, row)
		})
	}
}

// planned is a server's rows, ready to be run one by one.
func planned(t *testing.T, cfg suite.Config, o *suite.Opened) *suite.Table {
	t.Helper()
	table, err := suite.On(t.Context(), cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// asPromised fails unless the row that was run is what its promise says.
func asPromised(t *testing.T, row *suite.Row) {
	t.Helper()
	if row.Err != nil {
		t.Fatal(row.Err)
	}
	r := row.Report
	t.Logf("%s: %d ok, %d trials, %d violations in %v", r.Verdict, r.Accounting.Outcomes[harness.OK], r.Trials, r.Violations(), r.Elapsed.Round(time.Millisecond))
	if r.AsExpected {
		return
	}
	t.Errorf("%s, expected safe=%v: %s", r.Verdict, row.Expected.Safe, r.Reason)
	for i := range r.Results {
		t.Log(r.Results[i].Checker.Name, r.Results[i].Texts)
	}
}
