package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/durability"
	"github.com/lastseat/lastseat/targets/fault"
	"github.com/lastseat/lastseat/targets/retry"
	"github.com/lastseat/lastseat/workloads"
)

// crashed is a row of seats whose server is killed, or whose connections are cut at COMMIT.
type crashed struct {
	fault      string
	durability string // empty: the server's own settings
	retry      string // empty: clients do not try again
	unsafe     bool
}

// TestCrashes: where real servers are killed and real connections are cut at COMMIT, clients that send again blindly and settings
// that give durability up are caught, and nothing else is accused.
func TestCrashes(t *testing.T) {
	const off, zero, two = "synchronous_commit=off", "innodb_flush_log_at_trx_commit=0", "innodb_flush_log_at_trx_commit=2"
	everywhere := []crashed{
		{"cut-after-commit", "", "retry-blind", true},
		{"cut-after-commit", "", "idempotency-key", false},
		{"kill-server", "", "retry-blind", true},
		{"drop-connection", "", "retry-blind", true},
		{"partition", "", "retry-blind", true},
		{"drop-connection", "", "idempotency-key", false},
		{"partition", "", "idempotency-key", false},
		{"kill-server", "", "", false},
		{"kill-server", "", "idempotency-key", false},
	}
	innodb := append([]crashed{{"kill-server", zero, "", true}, {"kill-server", two, "", false}, {"cut-after-commit", zero, "idempotency-key", false}}, everywhere...)
	of := map[string][]crashed{
		"postgres": append([]crashed{{"kill-server", off, "", true}, {"cut-after-commit", off, "idempotency-key", false}}, everywhere...),
		"mysql":    innodb, "mariadb": innodb,
	}
	for _, name := range []string{"postgres", "mysql", "mariadb"} {
		t.Run(name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			t.Cleanup(func() { goleak.VerifyNone(t, before) }) // once the server is closed
			o := openTarget(t, name, retryClients)
			for _, c := range of[name] {
				t.Run(c.name(), func(t *testing.T) { c.run(t, o) })
			}
		})
	}
}

func (c crashed) name() string {
	return strings.Join(slices.DeleteFunc([]string{c.fault, c.durability, c.retry}, func(s string) bool { return s == "" }), "+")
}

func (c crashed) run(t *testing.T, o *opened) {
	w, err := workloads.New("seats", workloads.Config{})
	if err != nil {
		t.Fatal(err)
	}
	spec := harness.RowSpec{Strategy: "for-update", Level: harness.ReadCommitted, Start: w.Init(), Samples: w.Samples()}
	breaks := find(t, fault.Table(), c.fault)
	spec.Around.Traits = breaks.Traits
	settings := prepared(t, o, durability.Table(), c.durability, &spec)
	again := prepared(t, o, retry.Table(), c.retry, &spec)
	broken := prepared(t, o, fault.Table(), c.fault, &spec)
	offer, err := o.server.Row(spec)
	if err != nil {
		t.Fatal(err)
	}
	if offer.Skip != "" {
		t.Fatal(offer.Skip)
	}
	if offer.Promise.Safe == c.unsafe {
		t.Fatalf("the promise is %+v", offer.Promise)
	}
	row := harness.Row{
		Label: harness.Label{Workload: "seats"}, Workload: w, Promise: &offer.Promise, Traits: breaks.Traits,
		Target: again.Wrap(settings.Wrap(broken.Wrap(offer.Target))),
	}
	row.Nemesis, _ = broken.(harness.Nemesis)
	cfg := harness.DefaultConfig()
	cfg.Concurrency, cfg.Budget, cfg.Reserve, cfg.Seed, cfg.MinTrials = retryClients, 3*time.Second, 2*time.Minute, 1, 100
	rep, err := harness.Run(t.Context(), row, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := row.Target.Close(); err != nil {
		t.Error(err)
	}
	showCrash(t, rep)
	if !rep.AsExpected || !c.unsafe && rep.Accounting.Ambiguous == 0 {
		t.Errorf("%s: %s, %v", rep.Verdict, rep.Reason, rep.Failure)
	}
}

func showCrash(t *testing.T, rep *harness.Report) {
	t.Helper()
	a := &rep.Accounting
	t.Logf("%s in %s: %d ok, %d failed, %d unknown, %d ambiguous, %d attempts, %d trials, %d violations, %d faults", rep.Verdict,
		rep.Elapsed.Round(time.Millisecond), a.Outcomes[harness.OK], a.Outcomes[harness.Failed], a.Outcomes[harness.Unknown], a.Ambiguous,
		a.Attempts, rep.Trials, rep.Violations(), len(rep.Faults))
	for _, res := range rep.Results {
		if res.Violations > 0 && !res.Checker.Figure {
			t.Logf("%s: %s", res.Checker.Name, res.Texts[0])
		}
	}
}

func find(t *testing.T, table []harness.Decoration, name string) harness.Decoration {
	t.Helper()
	i := slices.IndexFunc(table, func(d harness.Decoration) bool { return d.Name == name })
	if i < 0 {
		t.Fatalf("no %s", name)
	}
	return table[i]
}

// nothing is a decorator that does nothing.
type nothing struct{}

func (nothing) Prepare(*harness.RowSpec) string          { return "" }
func (nothing) Wrap(inner harness.Target) harness.Target { return inner }
func (nothing) Close() error                             { return nil }

// prepared is the decorator of a name, opened and prepared for a row; where the name is empty, one that does nothing.
func prepared(t *testing.T, o *opened, table []harness.Decoration, name string, spec *harness.RowSpec) harness.Decorator {
	t.Helper()
	if name == "" {
		return nothing{}
	}
	around, err := find(t, table, name).Open(t.Context(), harness.DecorationOptions{Store: o.server, Servers: 1, Clients: retryClients})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := around.Close(); err != nil {
			t.Error(err)
		}
	})
	if why := around.Prepare(spec); why != "" {
		t.Fatal(why)
	}
	return around
}
