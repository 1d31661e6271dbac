package main

import (
	"os"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/suite"
)

// TestProgramKeys: each key that says what counts as wrong changes the verdict as it should: what is only counted fails where the file says
// so, what may differ does not, and rules of the user's are broken by what serial orders give as well.
func TestProgramKeys(t *testing.T) {
	t.Parallel()
	two := map[string]string{"seed": "UPDATE stock SET left_over = 2"}
	for name, c := range map[string]struct {
		operations []string
		lines      map[string]string
		code       int
		says       string
	}{
		"lost sales are counted": {[]string{"seat/nowait"}, two, suite.ExitAsExpected, "end with a refusal that no serial order gives (lost sale). One of them: lastseat explore "},
		"lost sales fail":        {[]string{"seat/nowait"}, map[string]string{"seed": two["seed"], "lost-sales": "fail"}, suite.ExitBroken, "UNSAFE:"},
		"no lost sale":           {[]string{"seat/lock"}, map[string]string{"seed": two["seed"], "lost-sales": "fail"}, suite.ExitAsExpected, "safe: none of"},
		"stale reads are counted": {
			[]string{"transfer/guarded", "sum/x"},
			map[string]string{"level": "rc"},
			suite.ExitAsExpected, "end with nothing amiss but what was read, which no serial order gives (stale read). One of them: lastseat explore ",
		},
		"stale reads fail": {[]string{"transfer/guarded", "sum/x"}, map[string]string{"level": "rc", "stale-reads": "fail"}, suite.ExitBroken, "transfer-guarded with sum-x: UNSAFE:"},
		"no stale read":    {[]string{"transfer/guarded", "sum/x"}, map[string]string{"level": "rr", "stale-reads": "fail"}, suite.ExitAsExpected, "transfer-guarded with sum-x: safe: none of"},
		"errors are counted": {
			[]string{"counter/serializable-once"},
			nil,
			suite.ExitAsExpected, "end with an error that no serial order gives",
		},
		"a column is ignored":       {[]string{"random/x"}, map[string]string{"ignore": "[counter.n]"}, suite.ExitAsExpected, "safe: none of"},
		"a table is ignored":        {[]string{"random/x"}, map[string]string{"ignore": "[counter]"}, suite.ExitAsExpected, "safe: none of"},
		"what there is not":         {[]string{"random/x"}, map[string]string{"ignore": "[counter.m]"}, suite.ExitSetup, "counter.m"},
		"an invariant breaks":       {[]string{"seat/racy"}, map[string]string{"invariants": "{never below zero: SELECT * FROM stock WHERE left_over < 0}"}, suite.ExitBroken, "Broken: never below zero: broken by 1 row, the first: hat, -1"},
		"an invariant holds":        {[]string{"seat/lock"}, map[string]string{"invariants": "{never below zero: SELECT * FROM stock WHERE left_over < 0}"}, suite.ExitAsExpected, "safe: none of"},
		"beyond serial equivalence": {[]string{"seat/lock"}, map[string]string{"invariants": "{never sold out: SELECT * FROM stock WHERE left_over < 1}"}, suite.ExitBroken, "Broken: never sold out: broken by 1 row, the first: hat, 0"},
		"an invariant is no SQL":    {[]string{"seat/lock"}, map[string]string{"invariants": "{odd: SELEC}"}, suite.ExitSetup, "invariant odd: "},
		"all took effect":           {[]string{"seat/lock"}, map[string]string{"effects": "SELECT customer FROM orders"}, suite.ExitAsExpected, "safe: none of"},
		"no effect":                 {[]string{"counter/lock"}, map[string]string{"effects": "SELECT customer FROM orders"}, suite.ExitBroken, "Broken: effects: counter-lock of client a was answered ok and took no effect"},
		"an effect twice":           {[]string{"seat/lock"}, map[string]string{"effects": "SELECT customer FROM orders UNION ALL SELECT customer FROM orders"}, suite.ExitBroken, "took effect 2 times"},
		"refused, with an effect":   {[]string{"seat/lock"}, map[string]string{"effects": "SELECT 'a' UNION SELECT 'b'"}, suite.ExitBroken, "of client b was refused and took effect"},
		"an effect without a name":  {[]string{"seat/lock"}, map[string]string{"effects": "SELECT FROM stock"}, suite.ExitBroken, "was answered ok and took no effect"},
	} {
		t.Run(name, func(t *testing.T) {
			begin(t, "", "explore", shopFile(t, c.operations, c.lines), "--random-seed", "1").exits(c.code, c.says)
		})
	}
}

// TestProgramAnswers: the file says which answers are refusals and failures.
func TestProgramAnswers(t *testing.T) {
	t.Parallel()
	file := shopFile(t, []string{"seat/lock"}, map[string]string{"effects": "SELECT customer FROM orders"})
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	refused := strings.Replace(string(text), "seat-lock: POST /seat/lock?c={client}", "seat-lock:\n    request: POST /seat/lock?c={client}\n    rejected: 2xx", 1)
	if err := os.WriteFile(file, []byte(refused), 0o600); err != nil {
		t.Fatal(err)
	}
	begin(t, "", "explore", file).exits(suite.ExitBroken, "was refused and took effect")
}

// TestProgramLevels: of several levels, the end says which would save the program.
func TestProgramLevels(t *testing.T) {
	t.Parallel()
	begin(t, "", "explore", shopFile(t, []string{"seat/racy"}, nil), "--isolation", "all").exits(suite.ExitBroken,
		"By level: seat-racy with seat-racy: breaks at read-uncommitted, read-committed; repeatable-read or serializable saves it.",
		"repeatable-read or serializable would save the program, of what was tried: no pair breaks there.")
	begin(t, "", "explore", shopFile(t, []string{"seat/racy-once"}, nil), "--isolation", "rc,rr").exits(suite.ExitBroken,
		"repeatable-read saves it; at repeatable-read, 4 of 6 schedules end with an error that no serial order gives: try again what it ends.")
	begin(t, "", "explore", shopFile(t, []string{"seat/lock"}, nil), "--isolation", "rc,ser").exits(suite.ExitAsExpected,
		"seat-lock with seat-lock: safe at each of these levels.", "The program needs none of them: no pair breaks at any.")
}
