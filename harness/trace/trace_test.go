package trace

import (
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// Statements as they are in the tests below.
func plain(tables ...string) Statement { return Statement{Reads: tables} }

func add(table string) Statement {
	return Statement{Writes: []string{table}, Adds: true, Locks: []Lock{{Kind: Write, On: table}}}
}

func update(table string) Statement {
	return Statement{Reads: []string{table}, Writes: []string{table}, Keyed: true, Locks: []Lock{{Kind: Write, On: table}}}
}

func forUpdate(table string) Statement {
	return Statement{Reads: []string{table}, Locks: []Lock{{Kind: ForUpdate, On: table}}}
}

func forShare(table string) Statement {
	return Statement{Reads: []string{table}, Locks: []Lock{{Kind: ForShare, On: table}}}
}

func inside(table string, reads ...string) Statement {
	return Statement{Reads: reads, Writes: []string{table}, Inside: true, Locks: []Lock{{Kind: Write, On: table}}}
}

// takenBack is an operation whose transactions were all rolled back.
func takenBack(o Operation) Operation {
	for i := range o.Transactions {
		o.Transactions[i].RolledBack = true
	}
	return o
}

func advisory(session bool) Statement {
	return Statement{Locks: []Lock{{Kind: Advisory, On: "pg_advisory_lock", Session: session}}}
}

func release() Statement { return Statement{Locks: []Lock{{Kind: Release, On: "pg_advisory_unlock"}}} }
func unseen() Statement  { return Statement{Unseen: "CALL buy($1)"} }

// op is an operation of transactions; one of a single statement is autocommitted unless tx made it.
func op(name string, level harness.Level, transactions ...[]Statement) Operation {
	o := Operation{Name: name, Seen: 1}
	n := 0
	for _, statements := range transactions {
		t := Transaction{Level: level, Autocommitted: len(statements) == 1}
		if !t.Autocommitted {
			n++ // BEGIN
		}
		for _, s := range statements {
			n++
			s.Number = n
			t.Statements = append(t.Statements, s)
		}
		if t.Ends = n; !t.Autocommitted {
			n++
			t.Ends = n
		}
		o.Transactions = append(o.Transactions, t)
	}
	return o
}

func tx(statements ...Statement) []Statement { return statements }

const rc, rr, ser = harness.ReadCommitted, harness.RepeatableRead, harness.Serializable

func postgres(t *Transaction) Level {
	snapshot := t.Level == rr || t.Level == ser
	return Level{Name: t.Level, Snapshot: snapshot, FirstWins: snapshot, Serializable: t.Level == ser}
}

func mysql(t *Transaction) Level {
	return Level{Name: t.Level, Snapshot: t.Level == rr, Latest: true, Gaps: t.Level == rr || t.Level == ser, Serializable: t.Level == ser}
}

// TestPairs: what could race is said to, with the reason; its mended twin is not.
func TestPairs(t *testing.T) {
	buy := tx(plain("seats"), update("seats"), add("orders"))
	for _, c := range []struct {
		name    string
		a, b    Operation // b: none: a with itself
		levelOf func(*Transaction) Level
		must    string // empty: no race
		why     string
		unless  string
	}{
		{name: "lost update", a: op("buy", rc, buy), must: "buy reads seats, then writes it, without a lock, at read committed, while another does the same: a lost update (P4) is possible"},
		{name: "locked", a: op("buy", rc, tx(forUpdate("seats"), update("seats"), add("orders"))), why: "all that is read of seats before a write is locked"},
		{name: "a lock that ends with its statement", a: op("buy", rc, tx(forUpdate("seats")), tx(update("seats"))), must: "in another transaction"},
		{name: "one statement", a: op("buy", rc, tx(update("seats"))), why: "they meet in what each writes to seats, in one transaction"},
		{name: "two transactions", a: op("buy", ser, tx(plain("seats")), tx(update("seats"))), must: "no level, and no lock of a transaction, reaches from one into the other"},
		{name: "one transaction, serializable", a: op("buy", ser, buy), why: "the server refuses what no serial order gives"},
		{name: "first change wins", a: op("buy", rr, buy), why: "the server refuses the second"},
		{name: "first change does not win", a: op("buy", rr, buy), levelOf: mysql, must: "at repeatable read, while another does the same: a lost update"},
		{
			name: "a read before the lock", a: op("buy", rc, tx(plain("seats"), forUpdate("seats"), update("seats"))),
			must: "a lost update (P4) is possible",
		},
		{
			name: "skew", a: op("a", rr, tx(plain("x"), update("y"))), b: op("b", rr, tx(plain("y"), update("x"))),
			must: "a reads x and writes y while b reads y and writes x: write skew (G2) possible below serializable",
		},
		{name: "no skew at serializable", a: op("a", ser, tx(plain("x"), update("y"))), b: op("b", ser, tx(plain("y"), update("x"))), why: "serializable"},
		{name: "skew with one at a lower level", a: op("a", ser, tx(plain("x"), update("y"))), b: op("b", rc, tx(plain("y"), update("x"))), must: "write skew"},
		{name: "one way only", a: op("a", rc, tx(plain("x"), update("y"))), b: op("b", rc, tx(update("x"))), why: "a reads x in one statement, and b commits what it writes there at once"},
		{name: "locked skew", a: op("a", rc, tx(forUpdate("x"), update("y"))), b: op("b", rc, tx(forUpdate("y"), update("x"))), why: "is locked"},
		{name: "phantom", a: op("book", rc, tx(plain("nights"), add("nights"))), must: "book looks into nights, then adds a row"},
		{name: "phantom behind a lock of rows", a: op("book", rc, tx(forUpdate("nights"), add("nights"))), must: "keeps nobody from adding one"},
		{name: "no phantom behind a lock of gaps", a: op("book", rr, tx(forUpdate("nights"), add("nights"))), levelOf: mysql, why: "is locked"},
		{
			name: "a lock that keeps nobody from changing the row", a: op("buy", rc, tx(Statement{Reads: []string{"seats"}, Locks: []Lock{{Kind: ForKeyShare, On: "seats"}}}, update("seats"))),
			must: "a lost update (P4) is possible",
		},
		{name: "guard", a: op("book", rc, tx(forUpdate("rooms"), plain("nights"), add("nights"))), must: "phantom", unless: "both lock rows of rooms before all that could conflict"},
		{name: "shared guard", a: op("book", rc, tx(forShare("rooms"), plain("nights"), add("nights"))), must: "phantom"},
		{name: "guard behind the snapshot", a: op("book", rr, tx(forUpdate("rooms"), plain("nights"), add("nights"))), must: "phantom"},
		{name: "guard before the snapshot", a: op("book", rr, tx(forUpdate("rooms"), plain("nights"), add("nights"))), levelOf: mysql, must: "phantom", unless: "both lock rows of rooms"},
		{name: "late guard", a: op("book", rc, tx(plain("nights"), forUpdate("rooms"), add("nights"))), must: "phantom"},
		{name: "advisory", a: op("book", rc, tx(advisory(false), plain("nights"), add("nights"))), must: "phantom", unless: "both take a lock of pg_advisory_lock"},
		{name: "own row locked, another table raced", a: op("buy", rc, tx(forUpdate("users"), plain("seats"), update("seats"))), must: "a lost update (P4) is possible", unless: "both lock rows of users"},
		{name: "only the other table of a join is locked", a: op("buy", rc, tx(Statement{Reads: []string{"seats", "users"}, Locks: []Lock{{Kind: ForUpdate, On: "users"}}}, update("seats"))), must: "a lost update (P4) is possible", unless: "both lock rows of users"},
		{name: "a write that was taken back", a: takenBack(op("try", rc, tx(update("seats")))), b: op("set", rc, tx(update("seats"))), why: "they share"},
		{
			name: "advisory of the session", a: op("book", rc, tx(advisory(true)), tx(plain("nights")), tx(add("nights")), tx(release())),
			must: "in another transaction", unless: "both take a lock of pg_advisory_lock",
		},
		{name: "given back before COMMIT", a: op("book", rc, tx(advisory(true), plain("nights"), add("nights"), release())), must: "phantom"},
		{name: "only one has the lock", a: op("book", rc, tx(advisory(false), plain("nights"), add("nights"))), b: op("add", rc, tx(plain("nights"), add("nights"))), must: "phantom"},
		{name: "inside", a: op("take", rc, tx(inside("seats", "seats"))), must: "in one statement that does not name its row by a key"},
		{name: "inside with another table", a: op("take", rc, tx(inside("orders", "seats"))), b: op("close", rc, tx(update("seats"))), why: "before or after"},
		{name: "read skew", a: op("sum", rc, tx(plain("x"), plain("y"))), b: op("move", rc, tx(update("x"), update("y"))), must: "sum reads x and y in two statements"},
		{name: "one moment", a: op("sum", rr, tx(plain("x"), plain("y"))), b: op("move", rr, tx(update("x"), update("y"))), why: "before or after"},
		{name: "one statement sees all", a: op("sum", rc, tx(plain("x", "y"))), b: op("move", rc, tx(update("x"), update("y"))), why: "before or after"},
		{name: "halves are seen", a: op("sum", rc, tx(plain("x", "y"))), b: op("move", ser, tx(update("x")), tx(update("y"))), must: "move writes x and y in several transactions"},
		{name: "stale", a: op("copy", rc, tx(plain("source"), update("cache"))), b: op("set", rc, tx(update("source"), update("cache"))), must: "what it writes can rest on what is no longer so"},
		{name: "no table", a: op("a", rc, tx(plain("x"), update("x"))), b: op("b", rc, tx(plain("y"), update("y"))), why: "they share no table"},
		{name: "readers", a: op("a", rc, tx(plain("x"), plain("x"))), why: "neither was seen to write"},
		{name: "new rows", a: op("log", rc, tx(add("log")), tx(add("more"))), why: "all that is written is new rows"},
		{name: "halves", a: op("pay", rc, tx(update("wallet")), tx(update("seat"))), must: "there are several transactions"},
		{name: "in one", a: op("pay", rc, tx(update("wallet"), update("seat"))), why: "in one transaction"},
		{name: "code", a: op("buy", rc, tx(unseen())), must: "CALL buy($1)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			operations := []Operation{c.a}
			at := 0
			if c.b.Name != "" {
				operations, at = append(operations, c.b), 1
			}
			levelOf := postgres
			if c.levelOf != nil {
				levelOf = c.levelOf
			}
			p := Pairs(operations, levelOf)[at]
			var texts []string
			for _, r := range p.Reasons {
				texts = append(texts, r.Text)
			}
			said := slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, c.must) })
			switch {
			case !strings.Contains(p.Unless, c.unless) || (c.unless == "") != (p.Unless == ""):
				t.Errorf("unless %q, want %q", p.Unless, c.unless)
			case c.must != "" && (!p.Could || !said || p.Why != ""):
				t.Errorf("could race: %v %q, why not: %q; want %q", p.Could, texts, p.Why, c.must)
			case c.must == "" && (p.Could || len(texts) > 0 || !strings.Contains(p.Why, c.why) || c.why == ""):
				t.Errorf("could race: %v %q, why not: %q; want only: %q", p.Could, texts, p.Why, c.why)
			}
			if p.Could && p.Reasons == nil || p.Could && len(p.Reasons) == 0 {
				t.Error("it could race, for no reason")
			}
			t.Log(p.Could, strings.Join(texts, " | "), p.Why)
		})
	}
}
