package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/payment"
	"github.com/lastseat/lastseat/workloads"
)

// paying is a workload with what holds beside a real payment service.
type paying struct{ harness.Workload }

func (p paying) Checks() []harness.Checker {
	return append(p.Workload.Checks(), p.Workload.(interface{ Paid() harness.Checker }).Paid())
}

// paymentRow is a way to ask the payment service, around a store, and what is broken meanwhile.
type paymentRow struct {
	way, strategy string
	level         harness.Level
	fault         string // of payment.Faults; empty: the service does what it is asked
	cut           bool   // the clients' connections to the store are cut
}

// paymentClients sell few seats, so that they meet.
const paymentClients = 8

// decoration finds one by its name, and opens it.
func decoration(t *testing.T, o *opened, table []harness.Decoration, name string) (harness.Decoration, harness.Decorator) {
	t.Helper()
	i := slices.IndexFunc(table, func(d harness.Decoration) bool { return d.Name == name })
	if i < 0 {
		t.Fatalf("there is no %s", name)
	}
	d, err := table[i].Open(t.Context(), harness.DecorationOptions{Store: o.server, Servers: 1, Clients: paymentClients})
	if err != nil {
		t.Fatal(err)
	}
	return table[i], d
}

// run runs the row until it is decided.
func (p paymentRow) run(t *testing.T, o *opened) (*harness.Report, map[string]float64) {
	t.Helper()
	inner, err := workloads.New("checkout", workloads.Config{Cells: 2})
	if err != nil {
		t.Fatal(err)
	}
	w := paying{inner}
	spec := harness.RowSpec{Strategy: p.strategy, Level: p.level, Start: w.Init(), Samples: w.Samples()}
	row := harness.Row{Label: harness.Label{Workload: "checkout", Target: o.spec.name, Strategy: p.strategy, Isolation: p.level, Around: p.way}, Workload: w}
	_, way := decoration(t, o, payment.Table(), p.way)
	if p.cut {
		spec.Around.Route, spec.Around.Patient, spec.Around.Traits.Severs = &cutting{rand: rand.New(rand.NewPCG(7, 0))}, true, true
		row.Label.Fault = "cut"
	}
	var fault harness.Decorator
	if p.fault != "" {
		var d harness.Decoration
		d, fault = decoration(t, o, payment.Faults(), p.fault)
		spec.Around.Traits.Service = d.Traits.Service
		row.Nemesis, row.Label.Fault = fault.(harness.Nemesis), p.fault
	}
	for _, d := range []harness.Decorator{way, fault} {
		if d == nil {
			continue
		}
		if skip := d.Prepare(&spec); skip != "" {
			t.Skip(skip)
		}
	}
	offer, err := o.server.Row(spec)
	if err != nil || offer.Target == nil {
		t.Fatalf("%v, %s", err, offer.Skip)
	}
	row.Target, row.Promise, row.Traits = way.Wrap(offer.Target), &offer.Promise, spec.Around.Traits
	cfg := harness.DefaultConfig()
	cfg.Concurrency, cfg.Budget, cfg.Reserve, cfg.MinTrials, cfg.Seed = paymentClients, 2*time.Second, 30*time.Second, 200, 7
	rep, err := harness.Run(t.Context(), row, cfg)
	if err != nil {
		t.Fatal(err)
	}
	figures := map[string]float64{}
	for _, f := range way.(harness.Figured).Figures() {
		figures[f.Name] = f.Value
	}
	if err := errors.Join(row.Target.Close(), way.Close()); err != nil {
		t.Error(err)
	}
	t.Logf("%s: %s (%s), %d trials in %v, outcomes %v, paid off by %d, figures %v", row.Label, rep.Verdict, rep.Reason, rep.Trials,
		rep.Elapsed.Round(time.Millisecond), rep.Accounting.Outcomes, rep.Measure("paid"), figures)
	return rep, figures
}

// cutting is a way to a server on which connections are cut, now and then, before or after something is sent.
type cutting struct {
	mu   sync.Mutex
	rand *rand.Rand
}

func (c *cutting) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &cutConn{Conn: conn, route: c, left: -1}, nil
}

// draw is how many more times something is sent on a connection, and whether that then still goes out.
func (c *cutting) draw() (left int, sent bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return 40 + c.rand.IntN(400), c.rand.IntN(2) == 0
}

type cutConn struct {
	net.Conn
	route *cutting
	left  int // below 0: not drawn yet
	sent  bool
}

var errPayCut = errors.New("cut")

func (c *cutConn) Write(b []byte) (int, error) {
	if c.left < 0 {
		c.left, c.sent = c.route.draw()
	}
	if c.left--; c.left > 0 {
		return c.Conn.Write(b)
	}
	n := 0
	if c.sent {
		n, _ = c.Conn.Write(b)
	}
	return n, errors.Join(errPayCut, c.Close())
}

// TestPaymentRows: each wrong way to ask a payment service is caught, under the fault that shows it, and neither outbox nor saga is ever
// accused, whatever the service or the connections do; the promise says so beforehand.
func TestPaymentRows(t *testing.T) {
	const rc, ser = harness.ReadCommitted, harness.Serializable
	var rows []paymentRow
	for _, strategy := range []string{"for-update", "atomic"} {
		for _, way := range payment.Table() {
			row := paymentRow{way: way.Name, strategy: strategy, level: rc}
			rows = append(rows, row)
			for _, fault := range payment.Faults() {
				row.fault = fault.Name
				rows = append(rows, row)
			}
			rows = append(rows, paymentRow{way: way.Name, strategy: strategy, level: rc, cut: true})
		}
	}
	for _, way := range payment.Table() {
		rows = append(rows, paymentRow{way: way.Name, strategy: "for-update", level: ser})
	}
	o := openWith(t, "postgres", harness.OpenConfig{Connections: paymentClients, Volatile: true})
	for _, row := range rows {
		t.Run(fmt.Sprintf("%+v", row), func(t *testing.T) { row.judged(t, o) })
	}
}

// judged runs the row and holds it against what is known of it.
func (p paymentRow) judged(t *testing.T, o *opened) {
	rep, figures := p.run(t, o)
	sound := p.way == "outbox" || p.way == "saga"
	harmless := p.fault == "" || p.fault == "payment-slow" || p.fault == "payment-refuse"
	safe := sound || p.way == "call-inside" && harmless && !p.cut && p.level != harness.Serializable
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
	if sound && figures["compensations"] == 0 {
		t.Error("no card was declined")
	}
	if (p.fault != "") != (len(rep.History.Faults) > 0) {
		t.Errorf("faults %v", rep.History.Faults)
	}
	if p.cut && rep.Accounting.Outcomes[harness.Unknown] == 0 {
		t.Error("no outcome was unknown")
	}
}

// TestPaymentOnSQLite: the same, where the store is in this process.
func TestPaymentOnSQLite(t *testing.T) {
	o := openWith(t, "sqlite", harness.OpenConfig{Connections: paymentClients, Volatile: true})
	for _, way := range payment.Table() {
		for _, fault := range []string{"", "payment-timeout", "payment-duplicate"} {
			row := paymentRow{way: way.Name, strategy: "atomic", level: o.info.DefaultLevel, fault: fault}
			t.Run(way.Name+fault, func(t *testing.T) { row.judged(t, o) })
		}
	}
}
