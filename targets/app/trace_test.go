package app_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/trace"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets/app"
)

// raceOf is the pair of two operations, and all reasons in a text.
func raceOf(t *testing.T, r *trace.Report, a, b string) (*trace.Pair, string) {
	t.Helper()
	for i := range r.Pairs {
		if p := &r.Pairs[i]; p.Operations == [2]string{a, b} {
			text := p.Why
			for _, reason := range p.Reasons {
				text += reason.Text + "\n"
			}
			return p, text
		}
	}
	t.Fatalf("there is no pair of %s with %s: %v", a, b, r.Pairs)
	return nil, ""
}

// TestTrace: a program's operations are told by what they do alone; the racy one could race, its mended twins are not said to.
func TestTrace(t *testing.T) {
	for _, engine := range []string{"postgres", "mysql"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := file(t, engine, "seat/racy", "seat/lock", "seat/atomic", "counter/racy", "transfer/guarded", "transfer/lock", "version/checked")
			all, err := app.Trace(t.Context(), s, app.Options{Engines: engines()}, nil)
			if missing := new(store.MissingError); errors.As(err, &missing) {
				required.Missing(t, engine, missing.Hint)
			}
			if err != nil || len(all) != 1 {
				t.Fatal(all, err)
			}
			r := &all[0]
			racy, lock := &r.Operations[0], &r.Operations[1]
			if len(racy.Transactions) != 1 || len(racy.Transactions[0].Statements) != 3 || racy.Transactions[0].Autocommitted || racy.Transactions[0].RolledBack {
				t.Fatalf("the racy one did %+v", racy)
			}
			read, update, add := racy.Transactions[0].Statements[0], racy.Transactions[0].Statements[1], racy.Transactions[0].Statements[2]
			if !slices.Equal(read.Reads, []string{"stock"}) || len(read.Writes)+len(read.Locks) > 0 || !slices.Equal(update.Writes, []string{"stock"}) || !update.Keyed || !add.Adds {
				t.Errorf("the racy one did %+v", racy.Transactions[0].Statements)
			}
			if l := lock.Transactions[0].Statements[0].Locks; len(l) != 1 || l[0].Kind != trace.ForUpdate || l[0].On != "stock" {
				t.Errorf("the one with a lock took %+v", l)
			}
			if p, text := raceOf(t, r, "seat-racy", "seat-racy"); !p.Could || !strings.Contains(text, "a lost update (P4) is possible") {
				t.Errorf("racy with itself: %v %s", p.Could, text)
			}
			for name, deadlock := range map[string]bool{"seat-racy": false, "seat-lock": false, "transfer-guarded": true, "transfer-lock": true} {
				if p, _ := raceOf(t, r, name, name); deadlock != strings.Contains(p.Deadlock, "locks two rows of account, one after the other") {
					t.Errorf("%s: deadlock %q", name, p.Deadlock)
				}
			}
			if p, text := raceOf(t, r, "version-checked", "version-checked"); !p.Could || !strings.Contains(text, "the write checks version") {
				t.Errorf("a version that is checked: %v %s", p.Could, text)
			}
			for _, safe := range [][3]string{{"seat-lock", "seat-lock", "locked"}, {"seat-atomic", "seat-atomic", "in one transaction"}, {"seat-racy", "counter-racy", "share no table"}} {
				if p, text := raceOf(t, r, safe[0], safe[1]); p.Could || !strings.Contains(text, safe[2]) {
					t.Errorf("%v: %v %s", safe, p.Could, text)
				}
			}
		})
	}
}

// TestRecord: a recording has what a program said and none of its values, and comes to the same as a trace; cut off, it is read up to there.
func TestRecord(t *testing.T) {
	t.Parallel()
	for name, keep := range map[string]bool{"masked": false, "kept": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := recordShop(t, keep)
			for _, value := range []string{"literal-secret", "bound-secret", "comment-secret", "error-secret"} {
				if held := strings.Contains(text, value); held && !keep {
					t.Errorf("the recording holds %s", value)
				} else if keep && !held && value != "error-secret" {
					t.Errorf("the recording lacks %s, which was to be kept", value)
				}
			}
			r, err := traceText(t, text)
			if err != nil {
				t.Fatal(err)
			}
			if o := &r.Operations[0]; o.Seen != 3 || len(o.Transactions) != 1 || len(o.Transactions[0].Statements) != 2 {
				t.Errorf("the most frequent is %+v", o)
			}
			if p, why := raceOf(t, r, "#1", "#1"); !p.Could || !strings.Contains(why, "lost update") {
				t.Errorf("it: %v %s", p.Could, why)
			}
			if !slices.ContainsFunc(r.Operations, func(o trace.Operation) bool {
				return len(o.Transactions) == 1 && o.Transactions[0].RolledBack && o.Transactions[0].Statements[0].Error == "22P02"
			}) {
				t.Errorf("no operation has the error: %+v", r.Operations)
			}
			whole := len(r.Operations)
			cut, err := traceText(t, text[:strings.LastIndex(text, `{"kind":"catalog"`)-5])
			if err != nil || len(cut.Operations) > whole || !slices.ContainsFunc(cut.Notes, func(n string) bool { return strings.Contains(n, "cut off") }) {
				t.Errorf("cut off, it comes to %+v, %v", cut, err)
			}
			if slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "cut off") }) {
				t.Error("the whole one is said to be cut off")
			}
		})
	}
}

// recordShop records a program that buys three times, and fails once.
func recordShop(t *testing.T, keep bool) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, done, to := make(lines, 10), make(chan error, 1), filepath.Join(t.TempDir(), "shop.jsonl")
	go func() {
		done <- app.Proxy(ctx, engines(), "postgres", "127.0.0.1:0", app.Recording{File: to, Parameters: keep}, out)
	}()
	var first string
	select {
	case first = <-out:
	case err := <-done:
		skipMissing(t, "postgres", err)
		t.Fatal(err)
	}
	_, address, _ := strings.Cut(strings.TrimSpace(first), "DATABASE_URL=")
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	exec := func(sql string, args ...any) error {
		_, err := c.Exec(ctx, sql, args...)
		return err
	}
	errs := []error{exec("CREATE TABLE stock (item text PRIMARY KEY, n int)"), exec("INSERT INTO stock VALUES ('literal-secret', 5) -- comment-secret")}
	for range 3 {
		var n int
		errs = append(errs, exec("BEGIN"), c.QueryRow(ctx, "SELECT n FROM stock WHERE item = 'literal-secret'").Scan(&n),
			exec("UPDATE stock SET n = n - 1 WHERE item <> $1", "bound-secret"), exec("COMMIT"))
	}
	if err := exec("UPDATE stock SET n = 'error-secret'::text::int"); err == nil {
		t.Error("a text is a number")
	}
	if err := errors.Join(append(errs, c.Close(ctx))...); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	close(out)
	said := ""
	for text := range out {
		said += text
	}
	if !strings.Contains(said, "statements were recorded") {
		t.Errorf("it said %q", said)
	}
	text, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// traceText is TraceRecording of a file with a text.
func traceText(t *testing.T, text string) (*trace.Report, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.jsonl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := app.TraceRecording(engines(), path)
	if err != nil {
		return nil, err
	}
	return &all[0], nil
}

// TestTraceMistakes: what is no recording says so, in a sentence.
func TestTraceMistakes(t *testing.T) {
	header := `{"kind":"recording","version":1,"engine":"postgres","isolation":"read-committed"}` + "\n"
	statement := `{"kind":"statement","connection":1,"sql":"SELECT ?","state":"idle"}` + "\n"
	for text, want := range map[string]string{
		"":                                "the file is empty, and no recording",
		"hello\n":                         "this is no recording: lastseat proxy --record FILE makes one",
		`{"kind":"run"}` + "\n":           "this is no recording",
		`{"kind":"recording","vers`:       "this is no recording",
		header:                            "holds no statement",
		header + statement:                "does not say which tables there are",
		header + "nonsense\n" + statement: "line 2 is not one of a recording",
		strings.Replace(header, `"version":1`, `"version":9`, 1):     "version 9, and this lastseat reads version 1",
		strings.Replace(header, "postgres", "oracle", 1) + statement: "oracle is none that is known",
	} {
		if _, err := traceText(t, text); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "shop.jsonl") {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestTraceRefuses: a program that does not start, and an operation that fails alone, are told as when they are explored.
func TestTraceRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ app, operation, want string }{{"exit 3", "seat/racy", "did not stay"}, {"", "fails/x", "fails alone"}} {
		s := file(t, "postgres", c.operation)
		if c.app != "" {
			s.App = c.app
		}
		_, err := app.Trace(t.Context(), s, app.Options{Engines: engines()}, nil)
		if missing := new(store.MissingError); errors.As(err, &missing) {
			required.Missing(t, "postgres", missing.Hint)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.operation, err, c.want)
		}
	}
}
