package conformance

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// TestClusters: where clients are spread over servers that hold one state, what the level lets through is caught, and what makes up for it
// is not accused. The same of anomalies, statement by statement. Whether there are a thousand trials is the machine's business, not this test's. With LASTSEAT_WHOLE each row of seats,
// transfer and joint is run.
func TestClusters(t *testing.T) {
	if testing.Short() {
		t.Skip("starts clusters; run without -short")
	}
	t.Parallel()
	for _, e := range targets.Table() {
		if e.Cluster == "" {
			continue
		}
		t.Run(e.Name, func(t *testing.T) { // one cluster at a time
			o := openWith(t, e.Name, store.OpenConfig{Connections: matrixClients, Volatile: true})
			t.Logf("%s: %v", o.Info, o.Info.Settings)
			cfg := suite.Config{Strategies: []string{"naive-tx", "for-update"}, Each: engine.DefaultConfig(), Clients: []int{matrixClients}}
			names := []string{"seats"}
			if required.Whole() {
				cfg.Strategies, cfg.AllLevels, names = nil, true, []string{"seats", "transfer", "joint"}
			}
			for _, name := range names {
				cfg.Workloads = append(cfg.Workloads, workloadOf(name, workloads.Config{}))
			}
			brief := planned(t, cfg, o)
			cfg.Each.Reserve = time.Minute
			patient := planned(t, cfg, o)
			for i, row := range brief.Rows {
				if row.Skip != "" {
					continue
				}
				table := brief
				if mustBeCaught(row) { // it ends once it is, however slow the machine is
					table, row = patient, patient.Rows[i]
				}
				row.Budget = 3 * time.Second
				t.Run(fmt.Sprintf("%s %s@%s", row.Label.Workload, row.Label.Strategy, row.Label.Isolation), func(t *testing.T) {
					table.Once(t.Context(), row)
					asAllowed(t, row)
				})
			}
			staleAcross(t, o)
			anomaliesOf(t, &e, o)
		})
	}
}

// staleAcross: another server than the client's own answers with what was, and what decides on that is caught; reads that wait are never
// stale, and a lock around them is enough.
func staleAcross(t *testing.T, o *suite.Opened) {
	t.Helper()
	for _, s := range []surroundings{
		{strategies: "naive-tx,optimistic", level: "rr", flags: "reads-from=node"},
		{strategies: "naive-tx", level: "rr", flags: "reads-from=node-synced lock=none,redis"},
	} {
		table := s.run(t, o)
		for _, row := range table.Rows {
			if row.Report == nil || row.Label.Strategy == "naive-autocommit" {
				continue
			}
			stale := staleOf(t, row)
			waits := row.Environment.Of("reads-from").Name == "node-synced"
			for began := time.Now(); stale == 0 && !waits; stale = staleOf(t, row) {
				if time.Since(began) > seenUntil {
					t.Fatalf("no stale read on another server in %v", seenUntil)
				}
				once(t, table, row)
			}
			if waits && stale > 0 {
				t.Errorf("%s: %v %% of the reads that waited are stale", row.Label.Strategy, stale)
			}
		}
	}
}

// staleOf is the share of a row's reads that were stale, in percent.
func staleOf(t *testing.T, row *suite.Row) float64 {
	t.Helper()
	for _, f := range row.Report.Figures {
		if f.Name == "stale" {
			return f.Value
		}
	}
	t.Fatalf("%v: no figure says how many reads were stale", row.Report.Figures)
	return 0
}

// anomaliesOf measures what the levels of a cluster do with anomalies, where the sessions are on one server and where each has its own.
func anomaliesOf(t *testing.T, e *store.Engine, o *suite.Opened) {
	t.Helper()
	anomalies, err := schedule.Anomalies()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range o.Server.(store.Isolating).Variants() {
		for _, level := range o.Server.Levels() {
			for _, s := range anomalies {
				if !required.Whole() && !slices.Contains([]string{"G0", "G1b", "PMP", "P4", "G2-item"}, s.Name) {
					continue
				}
				t.Run(fmt.Sprintf("%s %s@%s", s.Name, v.Setting.Value, level), func(t *testing.T) {
					at := schedule.Place{Server: v.Isolating, Product: e.Cluster, Level: level, Search: true, LockTimeout: e.LockTimeout}
					measuredAcross(t, s, at)
				})
			}
		}
	}
}

// seenUntil bounds how long servers get to show what they let through. They do in well under a second; who wins is theirs.
const seenUntil = 2 * time.Minute

// measuredAcross: nothing else is measured than is declared, and lost updates and write skew are seen, not taken for prevented.
func measuredAcross(t *testing.T, s *schedule.Schedule, at schedule.Place) {
	t.Helper()
	for began := time.Now(); ; {
		m, err := schedule.Measure(t.Context(), s, at)
		if err != nil {
			t.Fatal(err)
		}
		if m.Skip != "" {
			t.Skip(m.Skip)
		}
		if !m.AsDeclared() {
			t.Errorf("let through: %v (%s), and declared prevented: %v", m.Through, m.How, m.Prevents)
		}
		if !m.Undecided() || !slices.Contains([]string{"P4", "G2-item"}, s.Name) {
			return
		}
		if time.Since(began) > seenUntil {
			t.Fatalf("not seen in %v", seenUntil)
		}
	}
}

// mustBeCaught: of two clients that read the same row and write it, one is lost.
func mustBeCaught(row *suite.Row) bool {
	return slices.Contains([]string{"naive-autocommit", "naive-tx"}, row.Label.Strategy) && row.Label.Isolation == harness.RepeatableRead
}

// asAllowed: a row that is safe shows no violation, and naive-tx, in which two clients read and write the same row, shows one.
func asAllowed(t *testing.T, row *suite.Row) {
	t.Helper()
	if row.Err != nil {
		t.Fatal(row.Err)
	}
	r := row.Report
	t.Logf("%s: %d ok, %d trials, %d violations", r.Verdict, r.Accounting.Outcomes[harness.OK], r.Trials, r.Violations())
	caught := r.Violations() > 0
	if caught && row.Expected.Safe || !caught && !row.Expected.Safe && mustBeCaught(row) {
		t.Errorf("%s, expected safe=%v (%s)", r.Verdict, row.Expected.Safe, row.Expected.Reason)
		for i := range r.Results {
			t.Log(r.Results[i].Checker.Name, r.Results[i].Texts)
		}
	}
}
