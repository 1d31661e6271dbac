package trace

import (
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// of is a statement of one row.
func of(s Statement, row string) Statement {
	s.Row = row
	return s
}

// checking is an update that checks a column.
func checking(table, column string) Statement {
	s := update(table)
	s.Checks = []string{column}
	return s
}

// TestDeadlocks: locks that are taken in different orders can end in a deadlock, and only they.
func TestDeadlocks(t *testing.T) {
	serializable := func(t *Transaction) Level {
		return Level{Name: t.Level, Latest: true, Gaps: true, Shares: true, Serializable: true}
	}
	for _, c := range []struct {
		name    string
		a, b    Operation // b: none: a with itself
		levelOf func(*Transaction) Level
		want    string // empty: none
	}{
		{name: "tables", a: op("buy", rc, tx(update("seats"), update("accounts"))), b: op("refund", rc, tx(update("accounts"), update("seats"))), want: "buy locks rows of seats, then rows of accounts; refund the other way round"},
		{name: "tables in one order", a: op("buy", rc, tx(update("seats"), update("accounts"))), b: op("refund", rc, tx(update("seats"), update("accounts")))},
		{name: "several transactions", a: op("buy", rc, tx(update("seats")), tx(update("accounts"))), b: op("refund", rc, tx(update("accounts"), update("seats")))},
		{name: "two rows", a: op("transfer", rc, tx(of(update("accounts"), "id=1"), of(update("accounts"), "id=2"))), want: "transfer locks two rows of accounts, one after the other"},
		{name: "one row twice", a: op("buy", rc, tx(of(forUpdate("seats"), "id=1"), of(update("seats"), "id=1")))},
		{name: "rows that cannot be told", a: op("buy", rc, tx(forUpdate("seats"), update("seats")))},
		{name: "a first lock that is the same", a: op("buy", rc, tx(of(update("shows"), "id=1"), of(update("seats"), "id=1"), of(update("seats"), "id=2"))), want: "(not where both hold the same row of shows by then)"},
		{name: "shared first", a: op("buy", rc, tx(forShare("seats"), update("seats"))), want: "buy shares a row of seats before it changes it"},
		{name: "shared alone", a: op("look", rc, tx(forShare("seats"), forShare("accounts"))), b: op("audit", rc, tx(forShare("accounts"), forShare("seats")))},
		{name: "plain reads", a: op("buy", rr, tx(plain("seats"), update("seats"))), levelOf: mysql},
		{name: "plain reads that share", a: op("buy", ser, tx(plain("seats"), update("seats"))), levelOf: serializable, want: "buy shares a row of seats before it changes it"},
		{name: "new rows", a: op("buy", rc, tx(add("orders"), add("payments"))), b: op("pay", rc, tx(add("payments"), add("orders")))},
	} {
		operations := []Operation{c.a}
		if c.b.Name != "" {
			operations = append(operations, c.b)
		}
		if c.levelOf == nil {
			c.levelOf = postgres
		}
		pairs := Pairs(operations, c.levelOf)
		got := pairs[min(1, len(pairs)-1)].Deadlock
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestChecks: a reason says whether the write looks at what was read.
func TestChecks(t *testing.T) {
	for want, write := range map[string]Statement{
		"unless buy looks at how many rows it has changed: the write checks version": checking("seats", "version"),
		"the write checks nothing but the key":                                       update("seats"),
		"unless the write checks what was read": {
			Reads: []string{"seats"}, Writes: []string{"seats"}, Locks: []Lock{{Kind: Write, On: "seats"}},
		},
	} {
		pair := Pairs([]Operation{op("buy", harness.ReadCommitted, tx(plain("seats"), write))}, postgres)[0]
		if !pair.Could || !strings.Contains(pair.Reasons[0].Text, want) {
			t.Errorf("%+v does not say %q", pair, want)
		}
	}
}
