package reports

import (
	"bytes"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/compare"
	"github.com/lastseat/lastseat/harness/threshold"
)

// twoNights is two nights: a row breaks that did not, one is slower, one is not decided any more, one is as it was, and each side has one of its own.
func twoNights() *compare.Result {
	row := func(name string, v harness.Verdict, why string, perSecond ...float64) threshold.Row {
		r := threshold.Row{
			Key: name, Name: "seats:postgres/" + name, Names: []string{name}, Verdict: v, Surprise: v == harness.Unsafe, Why: why,
			Again: "lastseat run --target postgres --strategy " + name,
		}
		for _, s := range perSecond {
			r.Add(threshold.Throughput, s)
			r.Add("p99", 100/s)
		}
		return r
	}
	fast, slow := []float64{1000, 1010, 1020, 1030, 1040, 1050}, []float64{500, 510, 520, 530, 540, 550}
	old := &compare.Side{
		Kind: compare.RunKind, Files: []string{"mon.json"}, Started: time.Date(2026, 5, 1, 2, 0, 0, 0, time.UTC), Servers: []string{"postgres: PostgreSQL 17"},
		Command: "lastseat run --target postgres", Rows: []threshold.Row{
			row("atomic", harness.Safe, "", fast...), row("for-update", harness.Safe, "", fast...), row("optimistic", harness.Safe, ""), row("mutex", harness.Safe, "", fast...), row("gone", harness.Safe, ""),
		},
		Load: map[string]string{},
	}
	now := &compare.Side{
		Kind: compare.RunKind, Files: []string{"tue.json"}, Started: time.Date(2026, 5, 2, 2, 0, 0, 0, time.UTC), Servers: []string{"postgres: PostgreSQL 18"},
		Command: "lastseat run --target postgres", Rows: []threshold.Row{
			row("mutex", harness.Safe, "", fast...), row("optimistic", harness.Inconclusive, "only 7 of 1000 trials"), row("for-update", harness.Safe, "", slow...),
			row("atomic", harness.Unsafe, "oversold 3 seats", fast...), row("added", harness.Safe, ""),
		},
		Load: map[string]string{}, Left: map[string]string{"gone": "has no such level"},
	}
	r, err := compare.Compare(old, now)
	if err != nil {
		panic(err)
	}
	all, err := threshold.Each([]string{"ops/s < 0.8 * baseline", "mutex: p99 > 1s", "nix: p99 > 1s"})
	if err != nil {
		panic(err)
	}
	r.Judge(all)
	return r
}

// TestCompareText: what got worse comes first, each with its reason and the command that shows it.
func TestCompareText(t *testing.T) {
	var b bytes.Buffer
	if err := CompareText(&b, twoNights(), TableOptions{Width: 100}); err != nil {
		t.Fatal(err)
	}
	golden(t, "compare.txt", b.String())
}
