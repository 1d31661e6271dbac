package reports

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
)

// programReport has a pair of each kind: one that breaks, with all that can be said of it, one that does not, and one that is not decided.
func programReport() program.Report {
	stock := func(left string) []program.Difference {
		return []program.Difference{{Table: "stock", Columns: []string{"item", "left_over"}, Rows: [][]string{{"hat", left}, {"cap", program.Null}}}}
	}
	broken := &program.Example{
		Kind: "violation", Order: []int{0, program.Slots, program.Slots + 1, 0}, Preemptions: 1,
		Steps: []program.Step{
			{Client: 0, Begins: "BEGIN", SQL: "SELECT left_over FROM stock WHERE item = $1", Params: []string{"hat"}, Answer: "1"},
			{Client: 1, Begins: "BEGIN", SQL: "SELECT left_over FROM stock WHERE item = $1 FOR UPDATE", Params: []string{"hat"}, Answer: "deadlock detected (40P01)", Error: true, WaitsUntil: 4},
			{Client: 0, SQL: "UPDATE stock SET left_over = left_over - 1 WHERE item = $1 AND some_other_column_with_a_long_name IS NOT NULL", Params: []string{"hat"}, Part: program.Reading},
			{Client: 0, SQL: "UPDATE stock SET left_over = left_over - 1 WHERE item = $1 AND some_other_column_with_a_long_name IS NOT NULL", Params: []string{"hat"}, Part: program.Rest, Answer: "1 row"},
			{Client: 1, SQL: "COMMIT"},
		},
		Answers: []string{"200 {\"order\":1}", "200"}, Broken: []string{"never below zero: broken by 1 row, the first: hat, -1"}, Tables: stock("-1"),
		Serial: []program.Expected{
			{Order: []int{0, 1}, Answers: []string{"200 {\"order\":1}", "409 sold out"}, Tables: stock("0")}, {Order: []int{1, 0}, Answers: []string{"409", "200"}},
		},
		Columns: []string{"stock.left_over"}, Anomaly: "lost update (P4)", Meaning: "a client decided by what it had read", Mends: []string{"SELECT … FOR UPDATE", "a version column"},
	}
	column := *broken
	column.Kind, column.Anomaly, column.Meaning, column.Mends, column.Broken = "lost sale", "", "", nil, nil
	return program.Report{
		File: "my shop.yaml", App: "node shop.js", Server: "PostgreSQL 18.1", Engine: "postgres", Throwaway: true, Level: harness.ReadCommitted, Clients: 2, Asked: true, Seconds: 2,
		Pairs: []program.Pair{
			{
				Operations: []string{"buy", "buy"}, Verdict: harness.Unsafe, Run: 10, Exhaustive: true, Polled: true, Seed: 7, Breaking: 8, LostSales: 1, Errors: 2, StaleReads: 3, SkipLocked: 4, Parked: 5, LockTimeouts: 1,
				Volatile: []string{"orders.made"}, Asks: harness.Serializable, Notes: []string{"after the answer the program still ran: INSERT INTO log VALUES (1)"}, Seconds: 0.5,
				Shortest: broken, Saved: "out/buy buy.schedule", Others: []*program.Example{&column},
			},
			{Operations: []string{"buy", "refund"}, Verdict: harness.Unsafe, Run: 30, Drawn: 10, Unsteady: 2, Seed: 7, Breaking: 1, Shortest: &column},
			{Operations: []string{"refund", "refund"}, Verdict: harness.Safe, Run: 2, Exhaustive: true, OneStep: true, Whole: []string{"of statements that only add rows, or name theirs by a key", "of statements that lock what they read"}, Errors: 1},
			{Operations: []string{"look", "buy"}, Verdict: harness.Inconclusive, Single: true, Run: 5, Why: "the program is not deterministic: counter.n holds 1, and 2"},
		},
	}
}

// struckReport has operations that faults struck: one that is not all or nothing at some points, one that is at all, and one that is not
// decided.
func struckReport() program.Report {
	r := programReport()
	paid := func(rows ...[]string) program.Difference {
		return program.Difference{Table: "paid", Columns: []string{"customer", "by"}, Rows: rows}
	}
	half := []program.Standing{
		{Table: "paid", AsIf: program.Done, Holds: paid([]string{"a", program.Null}), Done: paid([]string{"a", program.Null}), Undone: paid()},
		{Table: "seat", AsIf: program.Undone, Holds: paid(), Done: paid([]string{"a", "1"}), Undone: paid()},
	}
	commit := program.Point{Fault: "lost-commit:2", Kind: program.LostCommit, Statement: 2, SQL: "COMMIT", Verdict: harness.Unsafe, Answers: []string{"500 the connection ended"}, Tables: half}
	cut, whole, end, repeat := commit, commit, commit, commit
	cut.Fault, cut.Kind, cut.Statement = "cut-before:3", program.CutBefore, 3
	whole.Fault, whole.Kind, whole.Verdict, whole.Tables = "cut-after:2", program.CutAfter, harness.Safe, nil
	end.Fault, end.Kind, end.Statement, end.SQL, end.Verdict, end.Why = "kill-server:end", program.KillServer, program.End, "", harness.Inconclusive, "it came once"
	repeat.Fault, repeat.Kind, repeat.Statement, repeat.SQL, repeat.Broken = "repeat", program.Repeat, 0, "", []string{"one payment: broken by 1 row, the first: a"}
	statements := []program.Step{{SQL: "INSERT INTO paid (customer) VALUES ($1)", Begins: "BEGIN", Params: []string{"a"}}, {SQL: "COMMIT"}, {SQL: "UPDATE seat SET taken_by = 'a'"}}
	r.Pairs, r.Struck = nil, true
	r.Faults = []program.Faulted{
		{Operations: []string{"buy"}, Verdict: harness.Unsafe, Statements: statements, Points: []program.Point{commit, cut, whole, end, repeat}, Notes: []string{"Not tried: a reason."}, Seconds: 0.5},
		{Operations: []string{"buy", "refund"}, Verdict: harness.Safe, Points: []program.Point{whole}},
		{Operations: []string{"look"}, Verdict: harness.Inconclusive, Why: "no fault of these kinds has a point here"},
	}
	return r
}

// TestProgramFaulted: what came of faults, in all forms; of points that leave the same, one is shown, and each names the command that plays it.
func TestProgramFaulted(t *testing.T) {
	r := struckReport()
	var text, page, xml strings.Builder
	for i := range r.Faults {
		if err := ProgramFaulted(&text, 0, &r, &r.Faults[i]); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "faulted.txt", text.String())
	if err := ProgramHTML(&page, []program.Report{r}); err != nil {
		t.Fatal(err)
	}
	if err := ProgramJUnit(&xml, []program.Report{r}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"UNSAFE: 5 points: 1 all or nothing, 3 not, 1 not decided", "--only buy --fault lost-commit:2", "as if it had not happened"} {
		for form, got := range map[string]string{"text": text.String(), "HTML": page.String(), "JUnit": xml.String()} {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %q", form, want)
			}
		}
	}
	if got := r.Verdict(); got != harness.Unsafe {
		t.Errorf("all together %s", got)
	}
}

// programText is all that is printed of a program at several levels.
func programText(w io.Writer, width int, all []program.Report) error {
	for i := range all {
		if err := ProgramHead(w, width, &all[i]); err != nil {
			return err
		}
		for k := range all[i].Pairs {
			if err := ProgramPair(w, width, &all[i], &all[i].Pairs[k]); err != nil {
				return err
			}
		}
	}
	return ProgramLevels(w, width, all)
}

// levels are the report at a level where all but one pair are safe, and at one that broke off.
func levels() []program.Report {
	safe := programReport()
	safe.Level, safe.Pairs = harness.Serializable, append([]program.Pair(nil), safe.Pairs...)
	for i := range safe.Pairs[:2] {
		safe.Pairs[i] = program.Pair{Operations: safe.Pairs[i].Operations, Verdict: harness.Safe, Run: 4, Exhaustive: true, Errors: 2 * i}
	}
	broke := programReport()
	broke.Level, broke.Pairs = harness.RepeatableRead, broke.Pairs[:1]
	return []program.Report{programReport(), broke, safe}
}

func TestProgramText(t *testing.T) {
	for name, width := range map[string]int{"program.txt": 0, "program-wide.txt": 180, "program-narrow.txt": 60} {
		var b bytes.Buffer
		if err := programText(&b, width, levels()); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "\x1b") {
			t.Errorf("%s has colours", name)
		}
		golden(t, name, b.String())
	}
}

// TestProgramSingle: of one schedule that was asked for, nothing is said of others.
func TestProgramSingle(t *testing.T) {
	for want, pair := range map[string]program.Pair{
		"UNSAFE: this schedule ends as no serial order gives": {Verdict: harness.Unsafe, Breaking: 1},
		"this schedule is counted, and not called unsafe":     {Verdict: harness.Safe, LostSales: 1},
		"safe: this schedule ends as a serial order gives":    {Verdict: harness.Safe},
		"not decided: why": {Verdict: harness.Inconclusive, Why: "why"},
	} {
		pair.Single, pair.Run, pair.Operations, pair.Shortest = true, 1, []string{"buy", "buy"}, programReport().Pairs[0].Shortest
		var b strings.Builder
		if err := ProgramPair(&b, 0, &program.Report{File: "f"}, &pair); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); !strings.Contains(got, want) || strings.Contains(got, "there are") || strings.Contains(got, "simplest") {
			t.Errorf("said %s, want %s", got, want)
		}
	}
}

func TestProgramDocuments(t *testing.T) {
	for name, write := range map[string]func(io.Writer, []program.Report) error{"program.json": ProgramJSON, "program.xml": ProgramJUnit} {
		var b bytes.Buffer
		if err := write(&b, []program.Report{programReport()}); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.String())
	}
}

// TestProgramLevels: what is said of several levels follows from the verdicts, and nothing is said of one.
func TestProgramLevels(t *testing.T) {
	at := func(level harness.Level, verdicts ...harness.Verdict) program.Report {
		r := program.Report{Level: level}
		for _, v := range verdicts {
			r.Pairs = append(r.Pairs, program.Pair{Operations: []string{"a", "b"}, Verdict: v})
		}
		return r
	}
	rc, ser := harness.ReadCommitted, harness.Serializable
	for want, all := range map[string][]program.Report{
		"": {at(rc, harness.Unsafe)},
		"breaks at each of these levels: none saves it. No level of these saves the program": {at(rc, harness.Unsafe), at(ser, harness.Unsafe)},
		"breaks at read-committed; serializable saves it. serializable would save":           {at(rc, harness.Unsafe), at(ser, harness.Safe)},
		"safe at each of these levels. The program needs none of them":                       {at(rc, harness.Safe), at(ser, harness.Safe)},
		"breaks at read-committed; not decided at serializable. No level of these was found": {at(rc, harness.Unsafe), at(ser, harness.Inconclusive)},
		"not decided at read-committed, serializable. No level of these was found":           {at(rc, harness.Inconclusive), at(ser, harness.Inconclusive)},
		"safe at serializable; not decided at read-committed. serializable would save":       {at(rc, harness.Inconclusive), at(ser, harness.Safe)},
		"a with b: safe at each of these levels. No level of these saves the program":        {at(rc, harness.Safe, harness.Unsafe), at(ser, harness.Safe, harness.Unsafe)},
	} {
		var b strings.Builder
		if err := ProgramLevels(&b, 0, all); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(strings.Fields(b.String()), " ")
		if len(all[0].Pairs) > 1 {
			got = strings.ReplaceAll(got, " a with b: breaks at each of these levels: none saves it.", "")
		}
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
	}
}

// TestProgramNull: NULL is null in JSON, and NULL again when that is read.
func TestProgramNull(t *testing.T) {
	var b bytes.Buffer
	if err := ProgramJSON(&b, []program.Report{programReport()}); err != nil {
		t.Fatal(err)
	}
	var doc struct{ Programs []program.Report }
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	want := programReport()
	if got := doc.Programs[0].Pairs[0].Shortest; !reflect.DeepEqual(got.Tables, want.Pairs[0].Shortest.Tables) {
		t.Errorf("read back %q", got.Tables)
	}
}

// TestProgramKeysAreDocumented: what is written is in docs/program.md, and what is there is written.
func TestProgramKeysAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../docs/program.md")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := ProgramJSON(&b, []program.Report{programReport(), struckReport(), {Programless: true, Thresholds: missedThresholds()}}); err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	emitted, documented := map[string]bool{}, map[string]bool{}
	keys("", v, emitted)
	maps.DeleteFunc(emitted, func(k string, _ bool) bool {
		return strings.HasPrefix(k, "programs[].pairs[].others[].") || strings.HasPrefix(k, "programs[].thresholds[].") || regexp.MustCompile(`^programs\[\]\.faults\[\]\.(statements\[\]|points\[\]\.tables\[\]\.(un)?done)\.`).MatchString(k)
	}) // as shortest, as its steps, as holds
	_, table, _ := strings.Cut(string(doc), "## `--json FILE`")
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9_.\\[\\]]+)` \\|").FindAllStringSubmatch(table, -1) {
		documented[m[1]] = true
		if !emitted[m[1]] {
			t.Errorf("%s is documented and not written", m[1])
		}
	}
	for k := range emitted {
		if !documented[k] {
			t.Errorf("%s is written and not documented", k)
		}
	}
}
