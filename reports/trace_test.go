package reports

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/trace"
)

func traceReports() []trace.Report {
	read := trace.Statement{Number: 2, SQL: "SELECT n FROM stock", Reads: []string{"stock"}, Writes: []string{}, Locks: []trace.Lock{}}
	write := trace.Statement{
		Number: 3, SQL: "DELETE FROM stock WHERE id = ?", Reads: []string{"stock"}, Writes: []string{"stock"}, Reaches: []string{"line"}, Keyed: true, Inside: true, Error: "40001",
		Locks: []trace.Lock{{Kind: trace.Write, On: "stock"}},
	}
	lock := trace.Statement{
		Number: 1, SQL: "SELECT pg_try_advisory_lock_shared(?)", Reads: []string{}, Writes: []string{},
		Locks: []trace.Lock{{Kind: trace.Advisory, On: "pg_advisory_lock_shared", Session: true, Try: true, Shared: true}},
	}
	add := trace.Statement{Number: 2, SQL: "INSERT INTO orders VALUES (?)", Reads: []string{}, Writes: []string{"orders"}, Adds: true, Locks: []trace.Lock{{Kind: trace.Write, On: "orders"}}}
	return []trace.Report{{
		File: "the shop.yaml", App: "node shop.js", Server: "PostgreSQL 17", Engine: "postgres", Throwaway: true, Level: harness.ReadCommitted, Asked: true, Rights: "It may do more.",
		Statements: 9, Notes: []string{"A note."},
		Operations: []trace.Operation{
			{Name: "buy", Seen: 1, Sent: 4, Answer: "200", Transactions: []trace.Transaction{{Level: harness.ReadCommitted, Ends: 4, Statements: []trace.Statement{read, write}}}},
			{Name: "pay", Seen: 1, Sent: 5, Answer: "409", Refused: true, Transactions: []trace.Transaction{
				{Autocommitted: true, Level: harness.ReadCommitted, Ends: 1, Statements: []trace.Statement{lock}},
				{RolledBack: true, Level: harness.Serializable, Ends: 3, Statements: []trace.Statement{add, {Number: 3, SQL: "CALL x()", Reads: []string{}, Writes: []string{}, Locks: []trace.Lock{}, Unseen: "CALL x()"}}},
			}},
		},
		Pairs: []trace.Pair{
			{Operations: [2]string{"buy", "buy"}, Could: true, Reasons: []trace.Reason{{Kind: trace.LostUpdate, Who: "buy", Tables: []string{"stock"}, Text: "buy reads stock, then writes it"}}},
			{Operations: [2]string{"buy", "pay"}, Reasons: []trace.Reason{}, Why: "they share no table"},
		},
	}}
}

// TestTraceText: what each does is said, and which could race, with the command that decides it.
func TestTraceText(t *testing.T) {
	var b bytes.Buffer
	if err := TraceText(&b, 0, traceReports()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"PostgreSQL 17 (throwaway) at read-committed, each operation once, alone", "  BEGIN … COMMIT, at read-committed\n    SELECT n FROM stock\n      reads stock\n",
		"may write line by a foreign key; locks the rows of stock that it writes; others can\n      come in between what it reads and that; error 40001",
		"pay: answered 409, after 5 statements; it was refused, so what it does otherwise was not seen", "  outside a transaction, committed by itself, at read-committed",
		"takes a lock (pg_advisory_lock_shared) that outlasts the transaction, if it is free", "BEGIN … ROLLBACK, at serializable", "adds to orders\n", "does what cannot be seen",
		"    lastseat explore 'the shop.yaml' --only buy,buy --isolation read-committed\n", "  buy with pay: they share no table\n", "A note.\n", "Nothing of this was tried.",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, b.String())
		}
	}
	recorded := traceReports()
	recorded[0].Recording = true
	b.Reset()
	if err := TraceText(&b, 0, recorded); err != nil || strings.Contains(b.String(), "--only") || !strings.Contains(b.String(), "buy: seen 1 time\n") {
		t.Errorf("%v, of a recording:\n%s", err, b.String())
	}
}

// TestTraceJSON: what is written is read back as it was, with the command of each pair that could race, and each key is in docs/program.md.
func TestTraceJSON(t *testing.T) {
	var b bytes.Buffer
	if err := TraceJSON(&b, traceReports()); err != nil {
		t.Fatal(err)
	}
	want := traceReports()
	want[0].Pairs[0].Command = "lastseat explore 'the shop.yaml' --only buy,buy --isolation read-committed"
	got, err := ReadTraceJSON(b.Bytes())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v: read back %+v, want %+v", err, got, want)
	}
	named(t, b.Bytes(), "program.md", "### JSON of trace", nil)
}

// TestTraceMarkdown: pairs are a table, in which nothing that is named is markup.
func TestTraceMarkdown(t *testing.T) {
	all := traceReports()
	all[0].Pairs[0].Reasons[0].Text = "buy reads a|b"
	var b bytes.Buffer
	if err := TraceMarkdown(&b, all); err != nil || !strings.Contains(b.String(), `| buy with buy | could | buy reads a\|b. Decides it:`) || !strings.Contains(b.String(), "| buy with pay | not seen | they share no table |") {
		t.Errorf("%v:\n%s", err, b.String())
	}
}
