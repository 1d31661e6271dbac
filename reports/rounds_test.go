package reports

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/rounds"
)

func roundsReports() []rounds.Report {
	table := []program.Difference{{Table: "stock", Columns: []string{"left", "note"}, Rows: [][]string{{"-1", program.Null}}}}
	other := []program.Difference{{Table: "stock", Columns: []string{"left", "note"}, Rows: [][]string{{"0", "x"}}}}
	return []rounds.Report{
		{
			File: "shop.yaml", App: "node shop.js", Server: "PostgreSQL 17", Engine: "postgres", Throwaway: true, Level: harness.ReadCommitted, Asked: true, Clients: 8, Instances: 2,
			Seed: 7, Seconds: 9, Control: &rounds.Control{Rounds: 6, Broke: 5},
			Cases: []rounds.Case{
				{
					Operations: []string{"buy", "buy"}, Verdict: harness.Unsafe, Alike: true, Rounds: 96, Trials: 96, Breaking: 93, Volatile: []string{"orders.made"}, Notes: []string{"a note"}, Seconds: 2,
					LostSales: 1, Errors: 2, StaleReads: 3,
					Example: &rounds.Example{
						Round: 3, Answers: []rounds.Told{{Clients: 2, Outcome: "ok", Answer: "200"}}, Tables: table, Broken: []string{"never: broken"}, Columns: []string{"stock.left"},
						Serial: rounds.Expected{Answers: []rounds.Told{{Clients: 1, Outcome: "ok", Answer: "200"}, {Clients: 1, Outcome: "rejected", Answer: "409"}}, Tables: other},
					},
				},
				{Operations: []string{"pay", "pay"}, Verdict: harness.Safe, Alike: true, Rounds: 1010, Trials: 1000, Bound: 0.003, Seconds: 4},
				{Operations: []string{"pay", "buy"}, Verdict: harness.Inconclusive, Why: "=1+1 transactions met in 3 of 4 rounds", Rounds: 4, Trials: 3, Bound: 0.6, Seconds: 1},
			},
		},
		{
			File: "shop.yaml", App: "node shop.js", Server: "PostgreSQL 17", Engine: "postgres", Level: harness.Serializable, Clients: 8, Instances: 2, Seconds: 3,
			Steps: []rounds.Step{{
				Clients: 8, Seconds: 3, Rate: 100, PerSecond: 99, Latency: map[string]float64{"p50": 1, "p95": 2, "p99": 3, "max": 4}, Statements: 3, Transactions: 1.5, Retries: 0.5,
				RolledBack: 5, Conflicts: map[string]int64{"deadlock": 4}, ServerErrors: 2, InDatabase: 1, InProgram: 2, Late: 6, Broken: []string{"never: broken"}, Judged: true,
				Verdict: harness.Unsafe, Why: "why", Operations: []rounds.OperationCounts{{Name: "buy", OK: 200, Rejected: 90, Failed: 1, Unknown: 2, Example: "500 oops"}},
			}},
		},
		{
			File: "calls.yaml", App: "SQL", Programless: true, Server: "PostgreSQL 17", Engine: "postgres", Level: harness.ReadCommitted, Clients: 8, Instances: 1, Seconds: 3,
			Faults: []program.FaultKind{program.CutBefore}, Control: &rounds.Control{Rounds: 6, Broke: 5},
			Cases: []rounds.Case{
				{
					Operations: []string{"buy", "buy"}, Fault: program.CutBefore, Verdict: harness.Unsafe, Alike: true, Rounds: 40, Trials: 9, Struck: 31, Unstruck: 2, Breaking: 12,
					Example: &rounds.Example{
						Round: 5, Struck: "INSERT INTO orders", Answers: []rounds.Told{{Clients: 2, Outcome: "unknown", Answer: "no answer"}}, Tables: table,
						Serial: rounds.Expected{Answers: []rounds.Told{{Clients: 2, Outcome: "ok", Answer: "200"}}, Tables: other},
					},
				},
				{
					Operations: []string{"buy", "pay"}, ByRules: true, Verdict: harness.Unsafe, Rounds: 50, Trials: 50, Breaking: 17,
					Example: &rounds.Example{Round: 1, Answers: []rounds.Told{{Clients: 2, Outcome: "ok", Answer: "200"}}, Tables: table, Broken: []string{"one charge a seat: broken"}},
				},
			},
		},
		{
			File: "file.yaml", App: "python3 shop.py", Unwired: true, Server: "SQLite 3", Engine: "sqlite", Level: harness.Serializable, Clients: 8, Instances: 2, Seconds: 3,
			Faults: []program.FaultKind{program.Repeat},
			Steps: []rounds.Step{{
				Clients: 4, Fault: program.Repeat, Struck: 19, Seconds: 3, PerSecond: 99, Latency: map[string]float64{"p50": 1, "p95": 2, "p99": 3, "max": 4}, ServerErrors: 7, Verdict: harness.Safe, Judged: true,
				Operations: []rounds.OperationCounts{{Name: "buy", OK: 200}},
			}},
		},
	}
}

// TestRoundsForms: each form says what broke, and how often.
func TestRoundsForms(t *testing.T) {
	all := roundsReports()
	for _, f := range RoundsFormats() {
		var b bytes.Buffer
		if err := f.Write(&b, all); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"93", "deadlock", "3 of 4 rounds"} {
			if f.Flag == "csv" && want == "deadlock" {
				continue
			}
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s lacks %q:\n%s", f.Flag, want, b.String())
			}
		}
	}
	var text bytes.Buffer
	if err := RoundsText(&text, all); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"buy × 2: UNSAFE: 93 of 96 rounds end as no serial order gives, or break a rule: 2 told",
		"Round 3: 2 × 200\n    stock: -1, NULL", "One after the other: 1 × 200; 1 × 409\n    stock: 0, x", "lastseat explore shop.yaml --only buy,buy --isolation read-committed",
		"pay × 2: safe: 0 of 1,000 rounds in which transactions met: under 0.3% at 95 %", "naive buy broke in 5 of 6 rounds", "the server told of 4 conflicts (deadlock)",
		"calls.yaml: SQL on PostgreSQL 17 at read-committed: rounds of 8 clients at one moment\nFaults: cut-before; each strikes once in a round",
		"buy × 2 under cut-before: UNSAFE: 12 of 40 rounds are not all or nothing; it struck in 31", "2 of those were not struck: it breaks without the fault too",
		"Struck: round 5, at INSERT INTO orders", "lastseat explore calls.yaml --only buy --fault cut-before",
		"buy × 1 with pay × 1: UNSAFE: 17 of 50 rounds break a rule of the file's\n  Round 1: 2 × 200\n    stock: -1, NULL\n  Broken: one charge a seat: broken\n",
		"a trial is a round in which two requests overlapped in time", "it struck 19 times", "the server told of 7 errors",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, text.String())
		}
	}
}

// TestRoundsJSON: what is written is read back as it was, and each key is in docs/program.md.
func TestRoundsJSON(t *testing.T) {
	var b bytes.Buffer
	if err := RoundsJSON(&b, roundsReports()); err != nil {
		t.Fatal(err)
	}
	got, err := ReadRoundsJSON(b.Bytes())
	if err != nil || !reflect.DeepEqual(got, roundsReports()) {
		t.Errorf("%v: read back %+v", err, got)
	}
	named(t, b.Bytes(), "program.md", "### JSON of run", func(key string) bool { return strings.Contains(key, "tables[]") || strings.Contains(key, "conflicts.") })
}
