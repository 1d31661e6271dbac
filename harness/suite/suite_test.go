package suite_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets/memory"
	"github.com/lastseat/lastseat/targets/sqlite"
	"github.com/lastseat/lastseat/workloads"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// seats is a table of the seats workload in memory, small enough for a test.
func seats(clients ...int) suite.Config {
	cfg := suite.Config{
		Targets: []suite.TargetSpec{{Name: "memory", Engine: memory.Engine()}},
		Workloads: []suite.Workload{{Name: "seats", Cells: workloads.DefaultCells, New: func(cells int, _ float64) (harness.Workload, error) {
			return workloads.New("seats", workloads.Config{Cells: cells})
		}}},
		Strategies: []string{"naive", "mutex"}, Clients: clients, Each: engine.DefaultConfig(),
	}
	cfg.Each.Reserve = time.Minute
	return cfg
}

func open(t *testing.T, cfg suite.Config) *suite.Table {
	t.Helper()
	table, err := suite.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := table.Close(); err != nil {
			t.Error(err)
		}
	})
	return table
}

// TestTable: the bad row is caught, the good one is safe with the bad one as its control, and the exit code says so.
func TestTable(t *testing.T) {
	res := open(t, seats(8)).Run(t.Context())
	if len(res.Rows) != 2 || res.Rows[0].Verdict() != harness.Unsafe || res.Rows[1].Verdict() != harness.Safe {
		t.Fatalf("%d rows: %s, %s", len(res.Rows), res.Rows[0].Reason(), res.Rows[1].Reason())
	}
	if code := res.ExitCode(); code != suite.ExitAsExpected {
		t.Errorf("exit code %d", code)
	}
	res.Strict = true
	if code := res.ExitCode(); code != suite.ExitBroken {
		t.Errorf("strict: exit code %d", code)
	}
	if res.Rows[1].Report.Control == nil {
		t.Error("the safe row has no control")
	}
}

// TestControlIsAdded: where no row vouches for the others, one is added that does not count.
func TestControlIsAdded(t *testing.T) {
	cfg := seats(8)
	cfg.Strategies = []string{"mutex"}
	table := open(t, cfg)
	if len(table.Rows) != 2 || !table.Rows[0].Control || table.Rows[0].Label.Strategy != "naive" {
		t.Fatalf("%d rows", len(table.Rows))
	}
	res := table.Run(t.Context())
	res.Strict = true
	if res.ExitCode() != suite.ExitAsExpected {
		t.Errorf("exit code %d", res.ExitCode())
	}
}

// TestStepsAndRepeats: a row at each step, run as often as asked.
func TestStepsAndRepeats(t *testing.T) {
	cfg := seats(2, 4)
	cfg.Cells, cfg.Runs, cfg.Each.Duration = []int{1, 3}, 2, 20*time.Millisecond
	table := open(t, cfg)
	if len(table.Rows) != 2*2*2 {
		t.Fatalf("%d rows", len(table.Rows))
	}
	for _, row := range table.Run(t.Context()).Rows {
		if len(row.Runs) != 2 || row.Report == nil {
			t.Errorf("%s at %d clients, %d cells: %d runs", row.Label, row.Clients, row.Cells, len(row.Runs))
		}
	}
}

// TestSkipped: what a target lacks is a row with the reason, once; where only known strategies are wanted it is no row.
func TestSkipped(t *testing.T) {
	cfg := seats(2, 4)
	cfg.Strategies = []string{"mutex", "for-update"}
	skipped := func(r *suite.Row) bool { return r.Skip != "" }
	if n := len(slices.DeleteFunc(open(t, cfg).Rows, func(r *suite.Row) bool { return !skipped(r) })); n != 1 {
		t.Errorf("%d skipped rows, want 1", n)
	}
	cfg.OnlyKnown = true
	if slices.ContainsFunc(open(t, cfg).Rows, skipped) {
		t.Error("a row of a strategy that the target lacks")
	}
	cfg.Targets = []suite.TargetSpec{{Name: "sqlite", Engine: sqlite.Engine()}}
	cfg.Strategies = []string{"naive-tx", "plain"} // the last one is for transactions over lists
	if rows := open(t, cfg).Rows; slices.ContainsFunc(rows, skipped) || len(rows) == 0 {
		t.Errorf("%d rows, one of them of a strategy that the workload does not suit", len(rows))
	}
	cfg.Strategies = []string{"plain"}
	if !slices.ContainsFunc(open(t, cfg).Rows, skipped) {
		t.Error("no strategy suits, and no row says why")
	}
}

// TestOnly: rows that are not wanted are left out, and the wanted ones keep a control.
func TestOnly(t *testing.T) {
	cfg := seats(2)
	cfg.Only = func(l harness.Label) bool { return l.Strategy == "mutex" }
	table := open(t, cfg)
	if len(table.Rows) != 2 || !table.Rows[0].Control || table.Rows[1].Control {
		t.Errorf("%d rows", len(table.Rows))
	}
	cfg.Only = func(harness.Label) bool { return false }
	if table := open(t, cfg); len(table.Rows) != 0 {
		t.Errorf("%d rows where none is wanted", len(table.Rows))
	}
}

// TestInterrupted: a table whose context has ended shows what was measured.
func TestInterrupted(t *testing.T) {
	table := open(t, seats(2))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if res := table.Run(ctx); !res.Interrupted || len(res.Rows) != 0 || res.ExitCode() != suite.ExitInterrupted {
		t.Errorf("interrupted %v, %d rows, exit code %d", res.Interrupted, len(res.Rows), res.ExitCode())
	}
}

// TestMissing: a server that this machine lacks is told of, and the others run.
func TestMissing(t *testing.T) {
	cfg := seats(2)
	absent := memory.Engine()
	absent.Open = func(context.Context, store.OpenConfig) (store.Server, error) {
		return nil, &store.MissingError{Hint: "none here"}
	}
	cfg.Targets = append(cfg.Targets, suite.TargetSpec{Name: "absent", Engine: absent})
	table := open(t, cfg)
	if len(table.Servers) != 2 || table.Servers[1].Missing != "none here" || len(table.Rows) != 2 {
		t.Errorf("%+v, %d rows", table.Servers, len(table.Rows))
	}
	broken := errors.New("out of order")
	cfg.Targets[1].Engine.Open = func(context.Context, store.OpenConfig) (store.Server, error) { return nil, broken }
	if _, err := suite.Open(t.Context(), cfg); !errors.Is(err, broken) || !strings.Contains(err.Error(), "target absent") {
		t.Errorf("a server that cannot be opened: %v", err)
	}
}

// TestValidate: a config that makes no table is refused.
func TestValidate(t *testing.T) {
	for name, spoil := range map[string]func(*suite.Config){
		"no target":   func(c *suite.Config) { c.Targets = nil },
		"no workload": func(c *suite.Config) { c.Workloads = nil },
		"no clients":  func(c *suite.Config) { c.Clients = nil },
		"budget":      func(c *suite.Config) { c.Budget = -1 },
		"runs":        func(c *suite.Config) { c.Runs = -1 },
	} {
		cfg := seats(2)
		spoil(&cfg)
		if err := cfg.Validate(); !errors.Is(err, suite.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	cfg := seats(0)
	if err := cfg.Validate(); !errors.Is(err, engine.ErrConfig) {
		t.Errorf("0 clients: %v", err)
	}
}

// TestRatesAndSkewsAreSteps: a row runs at every rate and every skew; rates are judged together, skews each by itself.
func TestRatesAndSkewsAreSteps(t *testing.T) {
	cfg := seats(8)
	cfg.Each.Arrivals, cfg.Each.Duration = engine.Uniform, 50*time.Millisecond
	cfg.Rates, cfg.Skews = []float64{200, 4000}, []float64{0.5, 0.9}
	var skews []float64
	cfg.Workloads[0].New = func(cells int, skew float64) (harness.Workload, error) {
		skews = append(skews, skew)
		return workloads.New("seats", workloads.Config{Cells: cells, RandType: workloads.Zipfian, ZipfianConstant: skew})
	}
	res := open(t, cfg).Run(t.Context())
	if len(res.Rows) != 8 || len(res.Sweeps()) != 4 || !slices.Contains(skews, 0.5) || !slices.Contains(skews, 0.9) {
		t.Fatalf("%d rows, %d sweeps, skews %v", len(res.Rows), len(res.Sweeps()), skews)
	}
	for i := range res.Rows {
		row := &res.Rows[i]
		if due := row.Report.Accounting.Scheduled(); row.Rate == 200 && due > 20 || row.Rate == 4000 && due < 100 {
			t.Errorf("%d operations were due in 50 ms at %v a second", due, row.Rate)
		}
		if base := res.Base(row); base != nil && (base.Rate != row.Rate || base.Skew != row.Skew) {
			t.Errorf("%v a second, skew %v is compared with %v, %v", row.Rate, row.Skew, base.Rate, base.Skew)
		}
	}
}
