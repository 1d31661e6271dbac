package spec

import (
	"os"
	"reflect"
	"regexp"
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
	const least = "database: postgres\napp: x\noperations: {buy: POST /buy}\n"
	for text, want := range map[string]string{
		"": "f: is empty, or has several documents: it needs database:, app: and operations:",
		"database: postgres\napp: x\nattach: http://a\noperations: {a: POST /a}": "f: has app: and attach:, and a program is started or runs already: leave one out",
		"database: postgres\napp: x\nproxy: a:1\noperations: {a: POST /a}":       "f: has proxy: without attach:, and copies of a program each have a proxy of their own: leave it out",
		"app: x":                                   "f: has no database: (as in database: postgres)",
		"databse: postgres":                        "f:1:1: unknown key databse; did you mean database?",
		least + "qqqqqqq: 1":                       "f:4:1: unknown key qqqqqqq; there are: app, attach, database, effects, env, ignore, instances, invariants, level, lost-sales, operations, proxy, ready, reset, seed, setup, stale-reads, wait",
		least + "app: y":                           "f:4:1: mapping key \"app\" already defined at [2:1]",
		least + "level: rx":                        "f:4:8: level: is rx, must be read-uncommitted, read-committed, repeatable-read or serializable (ru, rc, rr, ser)",
		least + "lost-sales: yes":                  `f:4:13: is "yes", must be fail or count`,
		least + "wait: soon":                       `f:4:7: "soon" is no time: write it as 20ms`,
		least + "reset: /reset":                    `f:4:8: "/reset" is no request: write a method and a path, as in POST /buy?customer={client}`,
		least + "setup: {rum: x}":                  "f:4:9: unknown key rum of setup or seed; did you mean run?",
		"operations:\n  buy:\n    boby: x":         "f:3:5: unknown key boby of operation buy; did you mean body?",
		"operations:\n  buy: POST /b?{clint}":      "f:2:8: unknown placeholder {clint}; there are: {client}, {number}, {id}, {pick:a,b}, {int:1,5}, {zipf:100}, {url}, {host}, {port}, {user}, {password}, {name}, {ca}, {listen}",
		"operations: {buy: 'POST /b?n={int:5,1}'}": "f:1:19: {int:5,1} needs two numbers, the lower first, as in {int:1,5}",
		"operations: {buy: {ok: [2x0]}}":           `f:1:25: "2x0" is no status: write 409, or 4xx; a text is {text: sold out}, a part of JSON {json: error.code, is: sold_out}`,
		"app: [":                                   "f:1:6: sequence end token ']' not found",
		"app: {a: b}":                              "f:1:6: one value is expected here; put a text that begins with { or [ in quotes",
		"operations: none":                         "f:1:13: keys with values are expected here, as in key: value",
	} {
		if _, err := Parse("f", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
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
