package spec

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
)

const whole = `
database: postgres
setup:
  - schema.sql
  - run: npm run migrate
seed: INSERT INTO stock VALUES ('{hat}', 1)
app: node shop.js
env: {DB_HOST: "{host}", DB_PORT: "{port}"}
ready: /health
reset: POST /reset
operations:
  buy: POST /buy?customer={client}&key={id}
  pay:
    request: PUT /pay
    headers: {X-Key: "{id}"}
    body: '{"customer": "{client}", "amount": {int:5,9}}'
    rejected: [409, {status: 4xx, json: error.code, is: sold_out}, {text: sold out}]
invariants:
  never below zero: SELECT * FROM stock WHERE left_over < 0
effects: SELECT customer FROM orders
ignore: [log, orders.attempts]
level: rr
lost-sales: fail
wait: 50ms
`

func TestParse(t *testing.T) {
	s, err := Parse("x/shop.yaml", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	want := &Spec{
		File: "x/shop.yaml", Database: "postgres", App: "node shop.js", Ready: "/health",
		Setup: []Source{{File: "schema.sql"}, {Run: "npm run migrate"}},
		Seed:  []Source{{SQL: "INSERT INTO stock VALUES ('{hat}', 1)"}},
		Env:   []Variable{{"DB_HOST", "{host}"}, {"DB_PORT", "{port}"}},
		Reset: &Request{Method: "POST", Path: "/reset"},
		Operations: []Operation{
			{Name: "buy", Request: Request{Method: "POST", Path: "/buy?customer={client}&key={id}"}},
			{
				Name: "pay",
				Request: Request{
					Method: "PUT", Path: "/pay", Headers: []Variable{{"X-Key", "{id}"}}, Body: `{"customer": "{client}", "amount": {int:5,9}}`,
				},
				Rejected: []Match{{Status: "409"}, {Status: "4xx", JSON: "error.code", Is: "sold_out"}, {Text: "sold out"}},
			},
		},
		Invariants: []Invariant{{"never below zero", "SELECT * FROM stock WHERE left_over < 0"}},
		Effects:    "SELECT customer FROM orders", Ignore: []string{"log", "orders.attempts"},
		Level: harness.RepeatableRead, LostSales: true, Wait: 50 * time.Millisecond, Instances: DefaultInstances,
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("read %+v\nwant %+v", s, want)
	}
	if got, want := ClientValues(1).Fill(s.Operations[1].Body), `{"customer": "b", "amount": 6}`; got != want {
		t.Errorf("filled in: %s, want %s", got, want)
	}
	if got := ClientValues(0).Fill("{pick: red, green} {id} {url}"); got != "red 5ea70000-0000-4000-8000-000000000001 {url}" {
		t.Errorf("filled in: %s", got)
	}
}

func TestParseMistakes(t *testing.T) {
	const sqlOnly = "database: postgres\nsetup: x.sql\n"
	const least = "database: postgres\napp: x\noperations: {buy: POST /buy}\n"
	for text, want := range map[string]string{
		"": "f: is empty, or has several documents: it needs database:, operations: and, for requests, app:",
		"database: postgres\napp: x\nattach: http://a\noperations: {a: POST /a}": "f: has app: and attach:, and a program is started or runs already: leave one out",
		"database: postgres\napp: x\nproxy: a:1\noperations: {a: POST /a}":       "f: has proxy: without attach:, and copies of a program each have a proxy of their own: leave it out",
		"app: x":                                                   "f: has no database: (as in database: postgres)",
		"databse: postgres":                                        "f:1:1: unknown key databse; did you mean database?",
		least + "fail-if: p98 > 5ms":                               `f:4:10: fail-if: "p98 > 5ms", column 1: "p98" is no figure; there are: ops/s, p50, p90, p95, p99, p99.9, max, conflicts, waiting, failed, violations, database, program, broken`,
		least + "fail-if: [{a: [b]}]":                              "f:4:11: fail-if: a threshold is expected here, as in 'buy: broken > 1%'",
		least + "qqqqqqq: 1":                                       "f:4:1: unknown key qqqqqqq; there are: app, attach, database, effects, env, fail-if, ignore, instances, invariants, level, lost-sales, operations, proxy, ready, reset, seed, setup, stale-reads, wait",
		least + "app: y":                                           "f:4:1: mapping key \"app\" already defined at [2:1]",
		least + "level: rx":                                        "f:4:8: level: is rx, must be read-uncommitted, read-committed, repeatable-read or serializable (ru, rc, rr, ser)",
		least + "lost-sales: yes":                                  `f:4:13: is "yes", must be fail or count`,
		least + "wait: soon":                                       `f:4:7: "soon" is no time: write it as 20ms`,
		least + "reset: /reset":                                    `f:4:8: "/reset" is no request: write a method and a path, as in POST /buy?customer={client}`,
		least + "setup: {rum: x}":                                  "f:4:9: unknown key rum of setup or seed; did you mean run?",
		"operations:\n  buy:\n    boby: x":                         "f:3:5: unknown key boby of operation buy; did you mean body?",
		"operations:\n  buy: POST /b?{clint}":                      "f:2:8: unknown placeholder {clint}; there are: {client}, {number}, {id}, {pick:a,b}, {int:1,5}, {zipf:100}, {url}, {host}, {port}, {user}, {password}, {name}, {ca}, {listen}",
		"operations: {buy: 'POST /b?n={int:5,1}'}":                 "f:1:19: {int:5,1} needs two numbers, the lower first, as in {int:1,5}",
		"operations: {buy: {request: POST /b, ok: [2x0]}}":         `f:1:43: "2x0" is no status: write 409, or 4xx; a text is {text: sold out}, a part of JSON {json: error.code, is: sold_out}`,
		sqlOnly + "operations: {a: {run: x, sql: y}}":              "f:3:17: operation a has run: and sql:, and is one of them: leave one out",
		sqlOnly + "operations: {a: {weight: 2}}":                   "f:3:17: operation a has none of request:, run:, sql: and script:, and is one of them",
		sqlOnly + "operations: {a: {sql: x, body: y}}":             "f:3:17: operation a has sql: and body:, which only a request has: leave it out",
		sqlOnly + "operations: {a: {script: a.sql, sql: b.sql}}":   "f:3:38: operation a has script: and a file in sql:, and is one of them: leave one out",
		sqlOnly + "operations: {a: {sql: ' '}}":                    "f:3:23: sql: is empty: write a statement, as in sql: CALL buy({client})",
		sqlOnly + "operations: {a: {run: x, rejected: 256}}":       `f:3:36: "256" is no exit code: write a number from 0 to 255; a text is {text: sold out} that it prints`,
		sqlOnly + "operations: {a: {rejected: [3, x], run: x}}":    `f:3:32: "x" is no exit code: write a number from 0 to 255; a text is {text: sold out} that it prints`,
		sqlOnly + "operations: {a: {sql: x, rejected: 409}}":       `f:3:36: "409" is no SQLSTATE: write P0001, 23xxx for a class of them, or a number of the server's, as in 1062; a text is {text: sold out}, a column of one row {json: result, is: sold_out}`,
		sqlOnly + "operations: {a: POST /a}":                       "f: has no app: (as in app: node shop.js), and requests need one; a command is run: python buy.py {client}, a statement sql: CALL buy({client})",
		sqlOnly + "reset: POST /r\noperations: {a: {sql: x}}":      "f: has reset: without app:, and there is no program to ask: leave it out",
		"database: postgres\noperations: {a: {sql: x}}":            "f: has no setup: (as in setup: schema.sql), and without app: nothing else makes the tables",
		"database: x\nattach: http://a\noperations: {a: {sql: x}}": "f: has attach: and operations of run: or sql:, and whose statements they are would be a guess: have them in a file of their own",
		"app: [":           "f:1:6: sequence end token ']' not found",
		"app: {a: b}":      "f:1:6: one value is expected here; put a text that begins with { or [ in quotes",
		"operations: none": "f:1:13: keys with values are expected here, as in key: value",
	} {
		if _, err := Parse("f", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

// TestFailIf: thresholds stand in a list or alone, with quotes or without.
func TestFailIf(t *testing.T) {
	for text, want := range map[string][]string{
		"fail-if: new violation":                                         {"new violation"},
		"fail-if: ['buy: p99 > 5ms', failed > 1%]":                       {"buy: p99 > 5ms", "failed > 1%"},
		"fail-if:\n  - buy: p99 > 5ms # as agreed\n  - b@rc: broken > 0": {"buy: p99 > 5ms", "b@rc: broken > 0"},
	} {
		s, err := Parse("f", []byte("database: postgres\napp: x\noperations: {buy: POST /buy}\n"+text))
		if err != nil || !slices.Equal(s.FailIf, want) {
			t.Errorf("%s: %q, %v; want %q", text, s.FailIf, err, want)
		}
	}
}

// TestWays: an operation is a request, a command, or SQL.
func TestWays(t *testing.T) {
	s, err := Parse("f", []byte(`
database: postgres
setup: x.sql
operations:
  a: {run: "python3 buy.py {client}", ok: 0, rejected: [3, {text: sold out}]}
  b: {sql: "CALL buy({client})", rejected: [P0001, 23xxx, 1062, {json: result, is: no}]}
  c: {sql: buy.sql, weight: 2}
  d: {script: x/buy.txt}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Operation{
		{Name: "a", Run: "python3 buy.py {client}", OK: []Match{{Status: "0"}}, Rejected: []Match{{Status: "3"}, {Text: "sold out"}}},
		{Name: "b", SQL: "CALL buy({client})", Rejected: []Match{{Status: "P0001"}, {Status: "23xxx"}, {Status: "1062"}, {JSON: "result", Is: "no"}}},
		{Name: "c", Script: "buy.sql", Weight: 2},
		{Name: "d", Script: "x/buy.txt"},
	}
	if !reflect.DeepEqual(s.Operations, want) || s.What() != "commands and SQL" || !s.Programless() {
		t.Errorf("read %+v of %s, want %+v", s.Operations, s.What(), want)
	}
}

// TestDocumented: the examples of docs/program.md can be read, and there is one of each key.
func TestDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/program.md")
	if err != nil {
		t.Fatal(err)
	}
	known := (&Spec{}).fields(&reader{})
	for _, m := range regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(string(doc), -1) {
		text := m[1]
		for key, line := range map[string]string{"database": "database: x\n", "app": "app: x\n", "operations": "operations: {x: POST /x}\n"} {
			if key == "app" {
				key = "(app|attach)"
			}
			if !regexp.MustCompile(`(?m)^` + key + `:`).MatchString(text) {
				text += line
			}
		}
		if _, err := Parse("program.md", []byte(text)); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
		for _, key := range regexp.MustCompile(`(?m)^([a-z-]+):`).FindAllStringSubmatch(m[1], -1) {
			delete(known, key[1])
		}
	}
	for key := range known {
		t.Errorf("docs/program.md has no example of %s", key)
	}
}

// FuzzParse: whatever a file holds, reading it ends, with a Spec or an error of its own.
func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add("operations: {buy: {ok: [2x0]}}")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse("f", []byte(text))
		if (s == nil) == (err == nil) {
			t.Errorf("%v, %v", s, err)
		}
	})
}
