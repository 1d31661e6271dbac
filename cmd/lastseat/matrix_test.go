package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/targettest"
	"github.com/lastseat/lastseat/workloads"
)

// matrixServers are the targets of the matrix: every engine, and the newer versions from scripts/servers where they are found.
func matrixServers(t *testing.T) []string {
	t.Helper()
	var specs []string
	for _, e := range targets.Table() {
		specs = append(specs, e.Name)
	}
	for _, b := range local.All(t.Context()) {
		def, err := local.Find(t.Context(), b.Engine)
		if _, sells := engineNamed(string(b.Engine)); err == nil && sells && b.Path != def.Path {
			major, _, _ := strings.Cut(b.Version, ".")
			specs = append(specs, fmt.Sprintf("%s%s=%s", b.Engine, major, b.Path))
		}
	}
	return specs
}

// openTarget opens a target for a test. A missing server is a visible skip, and a failure where LASTSEAT_REQUIRE names it.
func openTarget(t testing.TB, spec string, clients int) *opened {
	t.Helper()
	return openWith(t, spec, harness.OpenConfig{Connections: clients})
}

func openWith(t testing.TB, spec string, cfg harness.OpenConfig) *opened {
	t.Helper()
	parsed, err := parseTarget(spec, "")
	if err != nil {
		t.Fatal(err)
	}
	cfg.DSN = parsed.dsn
	s, err := parsed.engine.Open(t.Context(), cfg)
	var missing *harness.MissingError
	if errors.As(err, &missing) {
		if slices.Contains(strings.Split(os.Getenv("LASTSEAT_REQUIRE"), ","), parsed.engine.Name) {
			t.Fatal(missing.Hint)
		}
		t.Skip(missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	o := newOpened(parsed, s)
	t.Cleanup(func() {
		if err := o.close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// TestConformance runs the conformance suite over every target of the table.
func TestConformance(t *testing.T) {
	for _, spec := range matrixServers(t) {
		name, _, _ := strings.Cut(spec, "=")
		t.Run(name, func(t *testing.T) {
			t.Parallel() // it is about what one client can get wrong
			o := openTarget(t, spec, 4)
			targettest.Exercise(t, o.server, o.spec.engine.Strategies)
			whoLeavesHalves(t, o)
		})
	}
}

// Each row gets as long as it takes: until it is caught, or has its trials.
const (
	matrixBudget  = 500 * time.Millisecond
	matrixReserve = 5 * time.Minute // none needs it but where the machine is slow
	matrixClients = 16
)

// TestEveryRowIsAsExpected is the product's promise, on every target that can be had: each row whose promise is unsafe is
// caught, each row whose promise is safe holds for at least 1,000 trials. The first server of each engine runs seats under every
// strategy at every level; the other workloads, and further versions of an engine, leave out the levels that decide nothing.
func TestEveryRowIsAsExpected(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes; run without -short")
	}
	for _, spec := range matrixServers(t) {
		name, _, further := strings.Cut(spec, "=")
		t.Run(name, func(t *testing.T) {
			if further {
				t.Parallel() // fewer rows, and each has the time it takes
			}
			o := openTarget(t, spec, matrixClients)
			first := !further
			t.Logf("%s: %v", o.info, o.info.Settings)
			// What levels do to a checkout, they do to seats. Its halves, and what a refused Call takes back, show at the default
			// level; where the level alone decides, both ends are run as well, below.
			for _, k := range workloads.Table() {
				a := axes{workloads: []string{k.Name}, allLevels: k.Name != "checkout"}
				switch {
				case first && k.Name == "seats":
					everyRow(t, o, workloads.Config{}, a, everyLevel)
				case k.Name == "joint":
					// Locked in no order, five pairs of accounts are in a deadlock most of the time, and a trial takes ten times as long.
					everyRow(t, o, workloads.Config{}, a, unless("for-update-unordered", levelsThatDecide))
					a.strategies, a.cells = []string{"for-update-unordered"}, []int{40}
					everyRow(t, o, workloads.Config{}, a, levelsThatDecide)
				case first || k.Name != "checkout":
					everyRow(t, o, workloads.Config{}, a, levelsThatDecide)
				}
			}
			if !first {
				return
			}
			// The reads are what differs: one safe strategy shows it.
			manyReads := axes{workloads: []string{"transfer"}, allLevels: true, strategies: []string{"for-update"}}
			everyRow(t, o, workloads.Config{ManyReads: true}, manyReads, everyLevel)
			ends := axes{workloads: []string{"checkout"}, strategies: []string{"naive-autocommit", "naive-tx", "optimistic"}}
			if levels := o.server.Levels(); len(levels) > 1 {
				ends.levels = []harness.Level{levels[0], levels[len(levels)-1]}
				everyRow(t, o, workloads.Config{}, ends, everyLevel)
			}
		})
	}
}

// everyLevel keeps all rows.
func everyLevel([]planned, *planned) bool { return true }

// levelsThatDecide leaves out the rows whose promise is that of the same strategy at the default level.
func levelsThatDecide(rows []planned, p *planned) bool {
	normal := p.server.info.DefaultLevel
	return p.label.Isolation == normal || !slices.ContainsFunc(rows, func(other planned) bool {
		return other.label.Strategy == p.label.Strategy && other.label.Isolation == normal &&
			other.offer.Promise.Safe == p.offer.Promise.Safe && other.offer.Promise.Model == p.offer.Promise.Model
	})
}

// unless leaves out the rows of a strategy, too.
func unless(strategy string, keep func([]planned, *planned) bool) func([]planned, *planned) bool {
	return func(rows []planned, p *planned) bool { return p.label.Strategy != strategy && keep(rows, p) }
}

func everyRow(t *testing.T, o *opened, shape workloads.Config, a axes, keep func([]planned, *planned) bool) {
	cfg := harness.DefaultConfig()
	cfg.Concurrency, cfg.Budget, cfg.Reserve, cfg.Seed = matrixClients, matrixBudget, matrixReserve, uint64(time.Now().UnixNano())
	a.clients = []int{matrixClients}
	opt := &options{axes: a, shape: shape, config: cfg, runs: 1}
	m := matrixOf(t, opt, o)
	rows := m.rows
	for i := range rows {
		p := &rows[i]
		p.budget = matrixBudget
		if p.offer.Skip != "" || !keep(rows, p) {
			continue
		}
		t.Run(fmt.Sprintf("%s many-reads=%v %s@%s", p.label.Workload, shape.ManyReads, p.label.Strategy, p.label.Isolation), func(t *testing.T) {
			var row []reports.Row
			for n := 0; n == 0 || n < defectAttempts && brokenByServer(t, p, &row[0]); n++ {
				row = []reports.Row{{Label: p.label, Expected: &p.offer.Promise}}
				m.one(t.Context(), p, row, 0, i+1, len(rows))
			}
			asPromised(t, p, &row[0])
		})
	}
}

// matrixOf is a server's rows, ready to be run one by one.
func matrixOf(t *testing.T, opt *options, o *opened) *matrix {
	t.Helper()
	rows, err := plan(t.Context(), opt, []*opened{o})
	if err != nil {
		t.Fatal(err)
	}
	return &matrix{
		opt: opt, rows: rows, result: &reports.Result{}, controls: map[controlKey]*harness.Control{}, gone: map[string]error{},
		progress: reports.NewProgress(io.Discard, reports.ProgressOptions{}),
	}
}

// asPromised fails unless the row that was run is what its promise says.
func asPromised(t *testing.T, p *planned, row *reports.Row) {
	t.Helper()
	if row.Err != nil {
		t.Fatal(row.Err)
	}
	r := row.Report
	t.Logf("%s: %d ok, %d trials, %d violations in %v", r.Verdict, r.Accounting.Outcomes[harness.OK], r.Trials, r.Violations(), r.Elapsed.Round(time.Millisecond))
	if r.AsExpected {
		return
	}
	t.Errorf("%s, expected safe=%v: %s", r.Verdict, p.offer.Promise.Safe, r.Reason)
	for i := range r.Results {
		t.Log(r.Results[i].Checker.Name, r.Results[i].Texts)
	}
}
