package reports

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
)

const (
	ru, rc, rr, ser = harness.ReadUncommitted, harness.ReadCommitted, harness.RepeatableRead, harness.Serializable
	none            = harness.NoLevel
)

var (
	splitPromise = unsafePromise("check and write apart (split)", "the check and the write are separate transactions, so another client fits in between; no isolation level prevents that", promise.Split)
	lockPromise  = &promise.Promise{Safe: true, Short: "locks before it reads", Reason: "locks before it reads"}
	condPromise  = &promise.Promise{Safe: true, Short: "the write itself checks", Reason: "the write itself checks"}
	verPromise   = &promise.Promise{Safe: true, Short: "compares versions", Reason: "PostgreSQL read-committed prevents dirty reads"}
)

func levelPromise(where string) *promise.Promise {
	return &promise.Promise{Safe: true, Short: "level prevents lost updates (P4)", Reason: where + " prevents dirty reads, lost updates (P4)"}
}

func lets(where string, hs ...promise.Hazard) *promise.Promise {
	set := promise.HazardSet(hs...)
	return unsafePromise(strings.Replace(set.Main().Named(), " (", " possible (", 1), where+" lets "+set.Several()+" through: "+set.Main().Meaning(), hs...)
}

func unsafePromise(short, reason string, hs ...promise.Hazard) *promise.Promise {
	return &promise.Promise{Missing: promise.HazardSet(hs...), Short: short, Reason: reason}
}

// ran builds a row that was run: opsPerSecond for 2 s, with latencies around typical, and violations if there are any.
func ran(target, server, strategy string, level harness.Level, p *promise.Promise, opsPerSecond int64, typical time.Duration, violations int64) Row {
	label := harness.Label{Workload: "seats", Target: target, Strategy: strategy, Isolation: level}
	rep := &engine.Report{Row: engine.Row{Label: label, Promise: p}, Elapsed: 2 * time.Second, Clients: 64}
	control := &engine.Control{
		Label:  harness.Label{Workload: "seats", Target: target, Strategy: "naive-autocommit", Isolation: level},
		Failed: map[string]bool{"oversold": true},
	}
	rep.Control = control
	a := &rep.Accounting
	a.Outcomes[harness.OK], a.Outcomes[harness.Rejected] = 2*opsPerSecond, opsPerSecond/3
	r := rand.New(rand.NewPCG(1, uint64(opsPerSecond)))
	for range 500 {
		a.Latency[harness.OK].Record(time.Duration(float64(typical) * (0.5 + r.ExpFloat64())))
		a.Latency[harness.Rejected].Record(typical / 2)
	}
	a.Attempts = a.Processed()
	a.Queued = 3 * time.Millisecond
	rep.Results = []engine.CheckResult{
		{Checker: harness.Checker{Name: "oversold", Rule: "never more seats are sold than there are", Unit: "seats"}, Vouched: "control"},
		{Checker: harness.Checker{Name: "conservation", Rule: "each stock equals its start plus its orders", Unit: "seats"}, Vouched: "planted"},
		{Checker: harness.Checker{Name: "lost-sales", Rule: "no buyer is refused while there are seats", Unit: "seats", Figure: true}},
	}
	rep.Trials = opsPerSecond * 9 / 5
	rep.UpperBound = engine.UpperBound(rep.Trials)
	rep.Verdict, rep.AsExpected, rep.Reason = harness.Safe, true, p.Reason
	if violations > 0 {
		rep.Verdict, rep.AsExpected = harness.Unsafe, !p.Safe
		found := &rep.Results[0]
		found.Vouched, found.Violations, found.Measure = "", violations, violations*3/2
		found.Texts = []string{
			"stock 3 had 1 seat left at 0.412 s; client 7 and client 22 both read 1 and both sold it: orders 34359738375 and 98784247822",
			"stock 8 fell to -2 at 0.977 s",
		}
		found.Operations = []engine.Involved{
			{Client: 7, Operation: "buy", Did: "found 1 in stock 3 (version 19), -1", Answer: "ok", From: 400e6, To: 412e6},
			{Client: 22, Operation: "buy", Did: "found 1 in stock 3 (version 19), -1", Answer: "ok", From: 403e6, To: 431e6},
		}
		rep.Results[1].Violations, rep.Results[1].Measure = 2, -4
		rep.Results[1].Texts = []string{"stock 5 holds 3, its start and 1,204 orders make -1"}
		if p.Safe {
			rep.Reason = "SURPRISE: expected safe (" + p.Reason + "), but an invariant broke"
		}
	}
	return Row{Label: label, Server: server, Expected: p, Clients: 64, Cells: 10, Report: rep}
}

// models are rows judged by isolation models: one keeps more than it promised, one less, and one was not decided.
func models() *Result {
	const pg = "PostgreSQL 15.19"
	transactions := func(level harness.Level, model string, standing ...string) Row {
		iso := promise.Isolation{Level: level, Model: model, Prevents: promise.HazardSet(promise.P4, promise.GSingleWrite)}
		p := promise.OfLevel("PostgreSQL", iso)
		row := ran("postgres", pg, "plain", level, &p, 1600, 5*time.Millisecond, 0)
		row.Label.Workload, row.Report.Label.Workload, row.Report.Control = "append", "append", nil
		row.Report.Results = []engine.CheckResult{{
			Checker: harness.Checker{
				Name: "model", Rule: "transactions show no anomaly that the promised isolation model forbids", Unit: "kinds of anomaly",
				Familiar: func(standing []string) []string { return standing[len(standing)-1:] },
			},
			Finding: harness.Finding{ConsistentWith: append([]string{}, standing...)}, Vouched: "planted",
		}}
		return row
	}
	broken := transactions(rr, "snapshot-isolation", "monotonic-view", "read-committed")
	broken.Report.Verdict, broken.Report.AsExpected = harness.Unsafe, false
	broken.Report.Reason = "SURPRISE: expected safe (" + broken.Expected.Reason + "), but an invariant broke"
	found := &broken.Report.Results[0]
	found.Violations, found.Measure, found.Vouched = 1, 1, ""
	found.Texts = []string{"lost-update: Let:\n  A = T7 (process 1): read list 3 []\nThen:\n  A and B both read list 3 as [] and both wrote it."}
	return &Result{
		Seed: 42, Started: time.Date(2026, 10, 12, 14, 3, 0, 0, time.UTC), Servers: servers()[2:3],
		Rows: []Row{
			transactions(rc, "read-committed", "monotonic-atomic-view", "monotonic-view", "read-committed"), broken,
			undecidedRow(transactions(ser, "serializable", "strict-serializable"), 167, "only 167 of 1000 trials", "run longer"),
		},
	}
}

func failing(row Row, n int64, why error) Row {
	const down = 2 // besides: outside services were down
	row.Report.Accounting.Outcomes[harness.Failed] += n + down
	row.Report.Accounting.Down = down
	row.Report.Failure = why
	return row
}

func refusing(row Row, n int64) Row {
	row.Report.Results[2].Violations, row.Report.Results[2].Measure = n, n
	return row
}

func undecidedRow(row Row, trials int64, why, advice string) Row {
	row.Report.Judgement = engine.Judgement{
		Verdict: harness.Inconclusive, Reason: why, Advice: advice, Trials: trials,
		UpperBound: engine.UpperBound(trials), Results: row.Report.Results,
	}
	return row
}

func contended(row Row, conflicts, waiting float64) Row {
	a := &row.Report.Accounting
	n := int64(float64(a.Attempts) * conflicts / (1 - conflicts))
	a.Conflicts[harness.Serialization], a.Retried = n, n/2
	a.Attempts += n
	a.Backoff = time.Duration(waiting * float64(row.Report.Elapsed) * float64(row.Report.Clients))
	return row
}

func skipped(target, server, strategy string, level harness.Level, why string) Row {
	return Row{
		Label:  harness.Label{Workload: "seats", Target: target, Strategy: strategy, Isolation: level},
		Server: server, Clients: 64, Cells: 10, Skip: why,
	}
}

func foreignRow(row Row) Row {
	row.Foreign = true
	return row
}

func settings(pairs ...string) []store.Setting {
	var s []store.Setting
	for i := 0; i < len(pairs); i += 2 {
		s = append(s, store.Setting{Name: pairs[i], Value: pairs[i+1]})
	}
	return s
}

func servers() []Server {
	return []Server{
		{Target: "memory", Info: store.ServerInfo{Product: "this process", DefaultLevel: none, Throwaway: true}},
		{Target: "sqlite", Info: store.ServerInfo{
			Product: "SQLite", Version: "3.53.0", DefaultLevel: ser, Throwaway: true,
			Settings: settings("journal_mode", "wal", "synchronous", "normal"),
			Note:     "one writer at a time; its worst waits are busy polling, up to 2 s",
		}},
		{Target: "postgres", Info: store.ServerInfo{
			Product: "PostgreSQL", Version: "15.19", DefaultLevel: rc, Throwaway: true, Durable: true,
			Settings: settings("fsync", "on", "synchronous_commit", "on", "full_page_writes", "on", "wal_sync_method", "fdatasync", "deadlock_timeout", "1s"),
		}},
		{Target: "mysql", Missing: "no mysqld found: apt-get install mysql-server, or give --mysql DSN"},
	}
}

// sample is a run as users meet it: 3 targets, all verdicts, no surprise.
func sample() *Result {
	const pg, lite = "PostgreSQL 15.19", "SQLite 3.53.0"
	const ms = time.Millisecond
	noLock := "SQLite has no SELECT … FOR UPDATE"
	r := &Result{
		Version: suite.Version, Seed: 42, Command: "lastseat run --target memory,sqlite,postgres,mysql --seed 42",
		Started: time.Date(2026, 10, 12, 14, 3, 0, 0, time.UTC), Elapsed: 41 * time.Second, Servers: servers(),
		Rows: []Row{
			ran("memory", "", "naive", none, lets("memory", promise.P4), 9_812_001, 5*time.Microsecond, 1_204_311),
			ran("memory", "", "mutex", none, lockPromise, 4_120_332, 14*time.Microsecond, 0),
			contended(ran("memory", "", "swap", none, verPromise, 6_020_118, 9*time.Microsecond, 0), 0.21, 0),
			ran("sqlite", lite, "naive-autocommit", ser, splitPromise, 6120, 9*ms, 811),
			contended(ran("sqlite", lite, "naive-tx", ser, levelPromise("SQLite serializable"), 4031, 14*ms, 0), 0.55, 0.61),
			ran("sqlite", lite, "conditional", ser, condPromise, 8230, 7*ms, 0),
			skipped("sqlite", lite, "for-update", ser, noLock), skipped("sqlite", lite, "for-update-unordered", ser, noLock),
			ran("postgres", pg, "naive-autocommit", rc, splitPromise, 5312, 11*ms, 4112),
			ran("postgres", pg, "naive-autocommit", rr, splitPromise, 5290, 11*ms, 4090),
			ran("postgres", pg, "naive-autocommit", ser, splitPromise, 5105, 11*ms, 3877),
			ran("postgres", pg, "naive-tx", rc, lets("PostgreSQL read-committed", promise.P4), 2210, 27*ms, 1938),
			contended(ran("postgres", pg, "naive-tx", rr, levelPromise("PostgreSQL repeatable-read"), 960, 31*ms, 0), 0.83, 0.34),
			contended(ran("postgres", pg, "naive-tx", ser, levelPromise("PostgreSQL serializable"), 722, 44*ms, 0), 0.88, 0.38),
			contended(ran("postgres", pg, "conditional", rc, condPromise, 3105, 19*ms, 0), 0.0002, 0.71),
			contended(ran("postgres", pg, "conditional", rr, condPromise, 1120, 33*ms, 0), 0.79, 0.52),
			contended(ran("postgres", pg, "for-update", rc, lockPromise, 1987, 32*ms, 0), 0, 0.79),
			undecidedRow(ran("postgres", pg, "for-update", rr, lets("PostgreSQL repeatable-read", promise.GSingleWrite), 1201, 40*ms, 0), 2161,
				"expected unsafe (read skew before a write possible (G-single-write)), but this load did not show it", "run longer, or with --gap"),
			undecidedRow(contended(ran("postgres", pg, "for-update-unordered", rc, lockPromise, 93, 610*ms, 0), 0.06, 0.97), 167,
				"only 167 of 1000 trials", "run longer, or with more clients on fewer cells"),
			foreignRow(skipped("sqlite", lite, "nowait", ser, "the engine has no NOWAIT")), foreignRow(skipped("sqlite", lite, "advisory", ser, "none")),
			failing(refusing(ran("postgres", pg, "optimistic", rc, verPromise, 1544, 29*ms, 0), 4), 7, errors.New("commit: disk full")),
		},
	}
	for i := range r.Rows {
		row := &r.Rows[i]
		row.Command = fmt.Sprintf("lastseat run --workload seats --row %s --seed 42", row.Label)
		if row.Verdict() == harness.Unsafe {
			row.HistoryFile = fmt.Sprintf("lastseat-42/seats-%s-%s-%s.jsonl.zst", row.Label.Target, row.Label.Strategy, row.Label.Isolation.Short())
		}
		if row.Report != nil && row.Label.Target == "memory" {
			row.Report.Control = nil
		}
	}
	return r
}

// surprises is a small run that went wrong in every way there is.
func surprises() *Result {
	const pg = "PostgreSQL 15.19"
	r := &Result{
		Seed: 7, Interrupted: true, Command: "lastseat run --target postgres --seed 7",
		Servers: servers()[2:3], Warnings: []string{"only 20 of 64 connections were to be had on postgres"},
		Rows: []Row{
			ran("postgres", pg, "for-update", ser, lockPromise, 1987, 32*time.Millisecond, 1),
			ran("postgres", pg, "conditional", rc, condPromise, 3105, 19*time.Millisecond, 0),
			{
				Label: harness.Label{Workload: "seats", Target: "postgres", Strategy: "optimistic", Isolation: rc}, Server: pg, Expected: verPromise,
				Err: errors.New("set up postgres/optimistic@read-committed: create schema lastseat_7: permission denied for database shop (SQLSTATE 42501)"),
			},
			{Label: harness.Label{Workload: "seats", Target: "postgres", Strategy: "serial", Isolation: none}, Server: pg},
		},
	}
	r.Rows[0].HistoryFile = "my runs/seats.jsonl.zst"
	r.Rows[0].Explored = explored()
	return r
}

// surrounded is a run of one strategy with things around its store.
func surrounded() *Result {
	const pg = "PostgreSQL 15.19"
	keeps := &promise.Promise{Safe: true, By: "redis", Short: "others are kept out", Reason: "one client at a time has the lock"}
	row := func(around, fault string, p *promise.Promise, violations int64) Row {
		row := ran("postgres", pg, "naive-tx", rc, p, 900, 8*time.Millisecond, violations)
		row.Label.Env, row.Label.Fault = around, fault
		row.Command = "lastseat run --row " + row.Label.String()
		return row
	}
	early := unsafePromise("two lock holders possible (unlocked)", "the lock is given back before the commit", promise.P4, promise.Unlocked)
	early.By = "redis-early-release"
	r := &Result{Seed: 5, Servers: servers()[2:3], Rows: []Row{
		row("redis", "", keeps, 0), row("redis-early-release", "", early, 31), row("redis", "kill-server", keeps, 0),
		{Label: harness.Label{Workload: "seats", Target: "postgres", Strategy: "naive-tx", Isolation: rc, Env: "zookeeper"}, Skip: "zookeeper: no program found"},
	}}
	killed := r.Rows[2].Report
	killed.Faults = []harness.Fault{{What: "server killed", From: 2e8, To: 9e8}, {What: "server killed", From: 14e8, To: 17e8}}
	killed.End = 2e9
	for i := range int64(timeParts) {
		p := engine.Point{From: i * killed.End / timeParts, To: (i + 1) * killed.End / timeParts, Worked: time.Duration(killed.End / timeParts)}
		if p.From < 2e8 || p.From > 9e8 && p.From < 14e8 || p.From > 17e8 {
			p.OK, p.Rejected, p.Conflicts, p.P50, p.P99 = 20+i, 3, i, 4*time.Millisecond, time.Duration(8+i)*time.Millisecond
		}
		p.Unknown = i % 2
		killed.Timeline = append(killed.Timeline, p)
	}
	killed.Accounting.Ambiguous, killed.Accounting.Outcomes[harness.Unknown] = 12, 12
	r.Rows[1].Report.Figures = []store.Figure{{Name: "overlaps", Value: 41, Unit: "times that two clients held one lock"}}
	r.Backends = []Backend{
		{Component: "redis", BackendInfo: store.BackendInfo{Product: "Redis", Version: "7.0.15", Where: "cache:6379", Note: "found by Sentinel"}},
		{Component: "redis-early-release", BackendInfo: store.BackendInfo{Product: "Redis", Version: "7.0.15", Throwaway: true, Settings: settings("appendonly", "no")}},
	}
	return r
}

// many is a run that calls for a grid.
func many() *Result {
	r := &Result{Seed: 1, Servers: servers()[2:3]}
	strategies := []string{"naive-autocommit", "naive-tx", "conditional", "for-update", "for-update-unordered", "advisory-lock", "optimistic"}
	for t, target := range []string{"memory", "sqlite", "postgres", "mysql", "mariadb", "mariadb-11-8", "cockroach"} {
		for s, strategy := range strategies {
			levels := harness.Levels()
			if t == 0 {
				levels = []harness.Level{none}
			}
			for l, level := range levels {
				switch {
				case t == 1 && s == 3:
					r.Rows = append(r.Rows, skipped(target, "", strategy, level, "SQLite has no SELECT … FOR UPDATE"))
				case s == 0 || s == 1 && l < 2:
					r.Rows = append(r.Rows, ran(target, "", strategy, level, splitPromise, 1000, time.Millisecond, 12))
				case t == 3 && s == 5 && l == 2:
					r.Rows = append(r.Rows, ran(target, "", strategy, level, lockPromise, 900, time.Millisecond, 3))
				default:
					r.Rows = append(r.Rows, ran(target, "", strategy, level, lockPromise, 800, time.Millisecond, 0))
				}
			}
		}
	}
	return r
}
