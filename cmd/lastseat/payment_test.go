package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/payment"
	"github.com/lastseat/lastseat/workloads"
)

// paymentRow is a way to ask the payment service, around a store, and what is broken meanwhile.
type paymentRow struct {
	way, strategy string
	level         harness.Level
	retry, fault  string // empty: none
}

// paymentClients sell few seats, so that they meet.
const paymentClients = 8

// run runs the row until it is decided.
func (p paymentRow) run(t *testing.T, o *opened) (*harness.Report, map[string]float64) {
	t.Helper()
	w, err := workloads.New("checkout", workloads.Config{Cells: 2})
	if err != nil {
		t.Fatal(err)
	}
	a := &around{servers: 1}
	for _, axis := range aroundAxes() {
		a.picks = append(a.picks, axis.named(map[string]string{"payment": p.way, "retry": p.retry, faultAxis: p.fault}[axis.flag]))
	}
	decorators, err := o.around(t.Context(), a, paymentClients)
	if err != nil {
		t.Fatal(err)
	}
	offer, err := surround(o, a, decorators, harness.RowSpec{Strategy: p.strategy, Level: p.level, Start: w.Init(), Samples: w.Samples()})
	if err != nil || offer.Target == nil {
		t.Fatalf("%v, %s", err, offer.Skip)
	}
	label := a.label(harness.Label{Workload: "checkout", Target: o.spec.name, Strategy: p.strategy, Isolation: p.level})
	row := harness.Row{Label: label, Workload: surrounded(w, label), Target: offer.Target, Promise: &offer.Promise, Traits: a.traits()}
	figures := map[string]float64{}
	for _, d := range decorators {
		if n, ok := d.(harness.Nemesis); ok {
			row.Nemesis = n
		}
	}
	cfg := harness.DefaultConfig()
	cfg.Concurrency, cfg.Budget, cfg.Reserve, cfg.MinTrials, cfg.Seed = paymentClients, 2*time.Second, 60*time.Second, 200, 7
	rep, err := harness.Run(t.Context(), row, cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range decorators {
		if f, ok := d.(harness.Figured); ok {
			for _, f := range f.Figures() {
				figures[f.Name] = f.Value
			}
		}
	}
	if err := row.Target.Close(); err != nil {
		t.Error(err)
	}
	t.Logf("%s: %s (%s), %d trials in %v, outcomes %v, paid off by %d, figures %v", row.Label, rep.Verdict, rep.Reason, rep.Trials,
		rep.Elapsed.Round(time.Millisecond), rep.Accounting.Outcomes, rep.Measure("paid"), figures)
	return rep, figures
}

// paymentRows are the rows of a server that are worth their time.
func paymentRows(level harness.Level, strategies, faults []string) []paymentRow {
	var rows []paymentRow
	for i, strategy := range strategies {
		for _, way := range payment.Table() {
			for _, fault := range faults {
				if i == 0 || !strings.HasPrefix(fault, "payment-") {
					rows = append(rows, paymentRow{way: way.Name, strategy: strategy, level: level, fault: fault})
				}
			}
		}
	}
	return rows
}

// TestPaymentRows: each wrong way to ask a payment service is caught, under the fault that shows it, and neither outbox nor saga is ever
// accused, whatever happens to the service, the connections or the server; the promise says so beforehand.
func TestPaymentRows(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes; run without -short")
	}
	o := openTarget(t, "postgres", paymentClients) // durable: it is killed, too
	defer closeDecorators(t, o)
	faults := []string{"", "payment-timeout", "payment-slow", "payment-duplicate", "payment-refuse", "drop-connection", "cut-after-commit", "kill-server"}
	rows := paymentRows(harness.ReadCommitted, []string{"for-update", "atomic"}, faults)
	for _, way := range []string{"outbox", "saga"} {
		rows = append(rows,
			paymentRow{way: way, strategy: "for-update", level: harness.Serializable},
			paymentRow{way: way, strategy: "for-update", level: harness.ReadCommitted, retry: "idempotency-key", fault: "drop-connection"},
			paymentRow{way: way, strategy: "atomic", level: harness.ReadCommitted, retry: "idempotency-key", fault: "cut-after-commit"})
	}
	rows = append(rows, paymentRow{
		way: "call-inside", strategy: "for-update", level: harness.ReadCommitted, retry: "idempotency-key", fault: "cut-after-commit",
	})
	for _, row := range rows {
		t.Run(row.name(), func(t *testing.T) { row.judged(t, o) })
	}
}

// TestPaymentOnSQLite: the same, where the store is in this process.
func TestPaymentOnSQLite(t *testing.T) {
	o := openWith(t, "sqlite", harness.OpenConfig{Connections: paymentClients, Volatile: true})
	defer closeDecorators(t, o)
	for _, row := range paymentRows(o.info.DefaultLevel, []string{"atomic"}, []string{"", "payment-timeout", "payment-duplicate"}) {
		t.Run(row.name(), func(t *testing.T) { row.judged(t, o) })
	}
}

func closeDecorators(t *testing.T, o *opened) {
	t.Helper()
	for _, d := range o.decorators {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

func (p paymentRow) name() string {
	return strings.Join(slices.DeleteFunc([]string{p.way, p.strategy, string(p.level), p.retry, p.fault}, func(s string) bool { return s == "" }), " ")
}

// safe is what is known of the row.
func (p paymentRow) safe() bool {
	switch p.way {
	case "outbox", "saga":
		return true
	case "call-inside":
		// Nothing goes wrong as long as the service answers, and commits that are sent take effect.
		return slices.Contains([]string{"", "payment-slow", "payment-refuse", "cut-after-commit"}, p.fault)
	}
	return false
}

// judged runs the row and holds it against what is known of it.
func (p paymentRow) judged(t *testing.T, o *opened) {
	rep, figures := p.run(t, o)
	safe := p.safe()
	if rep.Promise.Safe != safe {
		t.Errorf("promised safe: %t (%s)", rep.Promise.Safe, rep.Promise.Reason)
	}
	want := harness.Unsafe
	if safe {
		want = harness.Safe
	}
	if rep.Verdict != want {
		t.Errorf("%s: %s", rep.Verdict, rep.Reason)
	}
	for i := range rep.Results {
		res := &rep.Results[i]
		if broke := res.Violations > 0 && !res.Checker.Figure; broke && (safe || res.Checker.Name != "paid") {
			t.Errorf("%s: %s", res.Checker.Name, strings.Join(res.Texts, "\n"))
		}
	}
	if _, settles := figures["compensations"]; settles && figures["compensations"] == 0 {
		t.Error("no card was declined")
	}
	if (p.fault != "") != (len(rep.History.Faults) > 0) {
		t.Errorf("faults %v", rep.History.Faults)
	}
	if severed := rep.Traits.Severs || rep.Traits.Kills; severed && safe && rep.Accounting.Ambiguous == 0 {
		t.Error("no outcome was unknown")
	}
}

// TestPaymentAtSerializable: a server that refuses commits has a call in the transaction charge twice, now and then: it is never promised
// safe.
func TestPaymentAtSerializable(t *testing.T) {
	o := openWith(t, "postgres", harness.OpenConfig{Connections: paymentClients, Volatile: true})
	defer closeDecorators(t, o)
	w, err := workloads.New("checkout", workloads.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for level, want := range map[harness.Level]bool{harness.ReadCommitted: true, harness.RepeatableRead: true, harness.Serializable: false} {
		a := &around{servers: 1}
		for _, axis := range aroundAxes() {
			a.picks = append(a.picks, axis.named(map[string]string{"payment": "call-inside"}[axis.flag]))
		}
		decorators, err := o.around(t.Context(), a, paymentClients)
		if err != nil {
			t.Fatal(err)
		}
		offer, err := surround(o, a, decorators, harness.RowSpec{Strategy: "for-update", Level: level, Start: w.Init(), Samples: w.Samples()})
		if err != nil {
			t.Fatal(errors.Join(err, errors.New(offer.Skip)))
		}
		if offer.Promise.Safe != want || !want && !strings.Contains(offer.Promise.Reason, "refuses the COMMIT") {
			t.Errorf("%s: %+v", level, offer.Promise)
		}
	}
}
