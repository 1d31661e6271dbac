package reports

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/isolation"
)

func ordersReport() *isolation.Orders {
	return &isolation.Orders{
		File: "buy.schedule", Title: "two buy", Judge: "its invariants", Err: errors.New("mysql went away"),
		Places: []isolation.Place{
			{
				Where: "postgres@read-committed", Server: "PostgreSQL 17", Verdict: harness.Unsafe, Schedules: 10, Breaking: 8, Exhaustive: true, Broken: "oversold is broken: 2",
				Transcript: "    ann\n 1  BEGIN\n", Beside: "After it: …\n", Saved: "found/a b.schedule", Notes: []string{"a note"},
			},
			{Where: "mariadb@read-committed", Server: "MariaDB 11", Verdict: harness.Unsafe, Schedules: 10, Breaking: 8, Exhaustive: true, Broken: "oversold is broken: 2", Transcript: "    ann\n 1  BEGIN\n"},
			{Where: "postgres@serializable", Server: "PostgreSQL 17", Verdict: harness.Safe, Schedules: 18, Refused: 16, Exhaustive: true},
			{Where: "sqlite@serializable", Server: "SQLite 3", Verdict: harness.Inconclusive, Schedules: 5000, Why: "there are more"},
			{Where: "mysql", Skip: "no MySQL here"},
		},
	}
}

// TestOrdersText: what breaks comes with the order, once; what is not known is said; nothing that was not tried is called safe.
func TestOrdersText(t *testing.T) {
	var b bytes.Buffer
	if err := OrdersText(&b, 100, ordersReport()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"postgres@read-committed  ✗ unsafe        8         10", "postgres@serializable    ✓ safe          0         18      in 16 the server refuses", "sqlite@serializable      ? inconclusive  0         5,000   there are more",
		"– skipped: mysql – no MySQL here", "✗ postgres@read-committed (PostgreSQL 17): oversold is broken: 2. The shortest order:", "✗ mariadb@read-committed: as at postgres@read-committed",
		"lastseat replay 'found/a b.schedule'", "4 places tried, 2 unsafe, 1 safe, 1 inconclusive; not tried: two statements under way",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, b.String())
		}
	}
	if n := strings.Count(b.String(), " 1  BEGIN"); n != 1 {
		t.Errorf("the order is shown %d times:\n%s", n, b.String())
	}
}

// TestOrdersJSON: what is written is read back as it was, and each key is in docs/isolation.md.
func TestOrdersJSON(t *testing.T) {
	var b bytes.Buffer
	if err := OrdersJSON(&b, ordersReport()); err != nil {
		t.Fatal(err)
	}
	got, err := ReadOrdersJSON(b.Bytes())
	if err != nil || !reflect.DeepEqual(got, ordersReport()) {
		t.Errorf("%v: read back %+v", err, got)
	}
	named(t, b.Bytes(), "isolation.md", "### Every order", nil)
}
