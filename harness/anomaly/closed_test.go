package anomaly

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// closedEvents are the events of lines of EDN.
func closedEvents(t interface{ Fatal(args ...any) }, lines ...string) []history.Event {
	rec, err := history.ReadAny(strings.NewReader(strings.Join(lines, "\n")), "h", "closed-predicate")
	if err != nil {
		t.Fatal(err)
	}
	return rec.Events
}

// txns are a history in EDN: lines like "0 ok [[:r 1 2]]", for each of which an invocation is first, in the order of the lines.
func closedHistory(init string, overlapping bool, txns ...string) []string {
	var begin, end []string
	for _, txn := range txns {
		f := strings.SplitN(txn, " ", 3)
		begin = append(begin, fmt.Sprintf("{:process %s, :type :invoke, :f :txn, :value %s}", f[0], f[2]))
		end = append(end, fmt.Sprintf("{:process %s, :type :%s, :f :txn, :value %s}", f[0], f[1], f[2]))
	}
	lines := []string{}
	if init != "" {
		lines = append(lines, "{:process 0, :type :invoke, :f :init, :value "+init+"}", "{:process 0, :type :ok, :f :init, :value "+init+"}")
	}
	if overlapping {
		return slices.Concat(lines, begin, end)
	}
	for i := range begin {
		lines = append(lines, begin[i], end[i])
	}
	return lines
}

// TestClosed: histories of elle.closed-predicate's own tests, and some more, with what must be said of each.
func TestClosed(t *testing.T) {
	for _, c := range []struct {
		name, init  string
		overlapping bool
		txns        []string
		model       string
		verdict     harness.Verdict
		anomalies   string
		says        string
	}{
		{"two that saw each other's rows", "", true, []string{"0 ok [[:w :x 1] [:rp :true {:x 1 :y 2}]]", "1 ok [[:w :y 2] [:rp :true {:x 1 :y 2}]]"}, "", harness.Unsafe, "[G1c]", "row :y 2, and"},
		{"two that missed each other's rows", "", true, []string{"0 ok [[:rp [:= 2] {}] [:insert :x 2]]", "1 ok [[:rp [:= 2] {}] [:insert :y 2]]"}, "", harness.Unsafe, "[G2]", "which changes what matches"},
		{"the same, which repeatable-read allows", "", true, []string{"0 ok [[:rp [:= 2] {}] [:insert :x 2]]", "1 ok [[:rp [:= 2] {}] [:insert :y 2]]"}, "repeatable-read", harness.Safe, "[]", ""},
		{"two that missed what does not match", "", true, []string{"0 ok [[:rp [:= 2] {}] [:insert :x 3]]", "1 ok [[:rp [:= 2] {}] [:insert :y 3]]"}, "", harness.Inconclusive, "[empty-transaction-graph]", ""},
		{"two that saw each other's deletions", "{:x 0 :y 0}", true, []string{"0 ok [[:delete :x] [:rp :true {}]]", "1 ok [[:delete :y] [:rp :true {}]]"}, "", harness.Unsafe, "[G1c]", "made row :x absent"},
		{"two that saw each other's changes", "{:x 0 :y 0}", true, []string{"0 ok [[:rp [:= 0] {:x 0}] [:w :x 1]]", "1 ok [[:rp [:= 0] {:y 0}] [:w :y 1]]"}, "", harness.Unsafe, "[G1c]", ""},
		{"two that missed each other's changes", "{:x 0 :y 0}", true, []string{"0 ok [[:rp [:= 1] {}] [:w :x 1]]", "1 ok [[:rp [:= 1] {}] [:w :y 1]]"}, "", harness.Unsafe, "[G2]", ""},
		{"items all round", "{:x 0 :z 0}", true, []string{"0 ok [[:r :z 3] [:delete :x]]", "1 ok [[:r :x nil] [:insert :y 2]]", "2 ok [[:r :y 2] [:w :z 3]]"}, "", harness.Unsafe, "[G1c]", ""},
		{"a row that is missed whatever it was", "{5 3}", false, []string{"1 ok [[:rp [:mod 2 1] {}]]"}, "serializable", harness.Unsafe, "[predicate-read-miss]", "in all that it ever was: 3"},
		{"a row as before the init", "{7 1}", false, []string{"1 ok [[:rp [:mod 2 0] {}] [:r 7 nil]]"}, "consistent-view", harness.Unsafe, "[G-single-item]", ""},
		{"own rows are seen", "{:x 0}", false, []string{"0 ok [[:w :x 1] [:rp [:= 1] {:x 1}] [:delete :x] [:rp :true {}]]"}, "", harness.Inconclusive, "[]", "changed once"},
		{"own rows are not seen", "{:x 0}", false, []string{"0 ok [[:w :x 1] [:rp [:= 1] {}]]"}, "", harness.Unsafe, "[internal]", "which had made it 1"},
		{"what fails was seen", "{:x 0}", false, []string{"0 fail [[:w :x 1]]", "1 ok [[:rp :true {:x 1}]]"}, "", harness.Unsafe, "[G1a]", "and failed"},
		{"what is unknown was seen, and then not", "{:x 0}", false, []string{"1 info [[:w :x 1]]", "0 ok [[:r :x 1]]", "0 ok [[:rp [:= 1] {}]]"}, "", harness.Unsafe, "[G-single-realtime]", ""},
		{"what is unknown came late", "{:x 0}", false, []string{"1 info [[:w :x 1]]", "0 ok [[:rp [:= 1] {}]]", "0 ok [[:r :x 1]]"}, "", harness.Safe, "[]", ""},
		{"what nobody wrote", "{:x 0}", false, []string{"0 ok [[:r :x 9]]"}, "read-committed", harness.Unsafe, "[empty-transaction-graph garbage-read]", "Nobody ever made it so"},
		{"a row that does not match", "{:x 0}", false, []string{"0 ok [[:rp [:= 1] {:x 0}]]"}, "", harness.Unsafe, "[internal]", "does not match"},
		{"a row changed twice", "{:x 0}", false, []string{"0 ok [[:w :x 1]]", "0 ok [[:w :x 2]]"}, "", harness.Inconclusive, "[]", "row :x is changed by T3 (process 0) and by T5 (process 0)"},
		{"a row changed to what it was", "{:x 0}", false, []string{"0 ok [[:w :x 0]]"}, "", harness.Inconclusive, "[]", "could mean either"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := JudgeClosed(t.Context(), closedEvents(t, closedHistory(c.init, c.overlapping, c.txns...)...), c.model)
			if err != nil {
				t.Fatal(err)
			}
			all := r.Reason
			for _, w := range r.Witnesses {
				all += "\n" + w.Text
			}
			if r.Verdict != c.verdict || fmt.Sprint(r.Anomalies) != c.anomalies || !strings.Contains(all, c.says) {
				t.Errorf("%s %s, want %s %s with %q:\n%s", r.Verdict, r.Anomalies, c.verdict, c.anomalies, c.says, all)
			}
		})
	}
}

// TestClosedRefuses: what is no history of closed predicates is an error that says where.
func TestClosedRefuses(t *testing.T) {
	for want, lines := range map[string][]string{
		"line 1: expected :f to be init or txn": {"{:process 0, :type :invoke, :f :add, :value 1}"},
		"line 1: expected the value of an init": {"{:process 0, :type :ok, :f :init, :value 7}"},
		"line 2: expected one init":             {"{:process 0, :type :ok, :f :init, :value {1 2}}", "{:process 0, :type :ok, :f :init, :value {1 2}}"},
		"line 1: expected the init to end well": {"{:process 0, :type :info, :f :init, :value {1 2}}"},
		"expected the init to end before":       {"{:process 1, :type :invoke, :f :txn, :value []}", "{:process 0, :type :ok, :f :init, :value {1 2}}"},
		"line 1: expected a predicate :true":    {"{:process 0, :type :ok, :f :txn, :value [[:rp [:> 2] {}]]}"},
		"line 1: expected one of [:insert k v]": {"{:process 0, :type :ok, :f :txn, :value [[:append 1 2]]}"},
		"expected process 0 to end":             {"{:process 0, :type :invoke, :f :txn, :value []}", "{:process 0, :type :invoke, :f :txn, :value []}"},
	} {
		if _, err := JudgeClosed(t.Context(), closedEvents(t, lines...), ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// closedWorld is a few transactions that may overlap, and what each found.
type closedWorld struct {
	txns  []closedTxn
	state map[string]string
}

type closedTxn struct {
	at, begin, end int // when it happened, and between what
	outcome        string
	steps          [][]string // verb, key or predicate, value, and of rp what it found
}

// run lets a transaction happen in a state, and reports whether that explains what it found; with fill it finds what there is.
func (x *closedTxn) run(state map[string]string, fill bool) bool {
	explained := true
	for i, s := range x.steps {
		switch s[0] {
		case "insert", "w":
			state[s[1]] = s[2]
			continue
		case "delete":
			delete(state, s[1])
			continue
		}
		found := state[s[1]]
		if s[0] == "r" && found == "" {
			found = "nil"
		}
		if s[0] == "rp" {
			var rows []string
			for _, k := range slices.Sorted(maps.Keys(state)) {
				if v := state[k]; s[1] == ":true" || s[1] == "[:= "+v+"]" || s[1] == "[:mod 2 0]" && (v == "0" || v == "2") {
					rows = append(rows, k+" "+v)
				}
			}
			found = "{" + strings.Join(rows, " ") + "}"
		}
		if fill {
			x.steps[i] = []string{s[0], s[1], found}
		}
		explained = explained && (fill || found == s[2])
	}
	return explained
}

// explained reports whether some order of the transactions that fits their times explains what each found.
func (w *closedWorld) explained(done uint, state map[string]string) bool {
	left := false
	for i := range w.txns {
		x := &w.txns[i]
		if done>>i&1 == 1 || x.outcome == "fail" {
			continue
		}
		left = left || x.outcome == "ok"
		if slices.ContainsFunc(w.txns, func(o closedTxn) bool {
			return o.outcome == "ok" && o.end < x.begin && done>>slices.IndexFunc(w.txns, func(p closedTxn) bool { return p.at == o.at })&1 == 0
		}) {
			continue
		}
		after := maps.Clone(state)
		if ok := x.run(after, false); (ok || x.outcome != "ok") && w.explained(done|1<<i, after) {
			return true
		}
	}
	return !left
}

func drawClosed(t *rapid.T) (w closedWorld, lines []string) {
	init := map[string]string{"1": "0", "2": "1", "3": "0"}
	changes := rapid.Permutation([][]string{{"w", "1", "2"}, {"w", "2", "2"}, {"delete", "3"}, {"insert", "4", "0"}, {"insert", "5", "1"}}).Draw(t, "changes")
	state := maps.Clone(init)
	for i := range rapid.IntRange(1, 5).Draw(t, "transactions") {
		x := closedTxn{at: 10 * i, outcome: rapid.SampledFrom([]string{"ok", "ok", "ok", "fail", "info"}).Draw(t, "outcome")}
		x.begin, x.end = x.at-rapid.IntRange(0, 25).Draw(t, "before"), x.at+rapid.IntRange(1, 25).Draw(t, "after")
		for range rapid.IntRange(1, 3).Draw(t, "steps") {
			switch k := rapid.IntRange(0, 4).Draw(t, "step"); {
			case k < 2 && len(changes) > 0:
				x.steps = append(x.steps, changes[0])
				changes = changes[1:]
			case k < 3:
				x.steps = append(x.steps, []string{"r", rapid.SampledFrom([]string{"1", "2", "3", "4", "5"}).Draw(t, "key"), "nil"})
			default:
				x.steps = append(x.steps, []string{"rp", rapid.SampledFrom([]string{":true", "[:= 0]", "[:= 1]", "[:= 2]", "[:mod 2 0]"}).Draw(t, "predicate"), "{}"})
			}
		}
		after := maps.Clone(state)
		x.run(after, true)
		if x.outcome == "ok" || x.outcome == "info" && rapid.Bool().Draw(t, "happens") {
			state = after
		}
		w.txns = append(w.txns, x)
	}
	if rapid.Bool().Draw(t, "spoil") { // one saw another state
		x := &w.txns[rapid.IntRange(0, len(w.txns)-1).Draw(t, "which")]
		x.run(maps.Clone(rapid.SampledFrom([]map[string]string{init, state}).Draw(t, "state")), true)
	}
	w.state = init
	return w, w.lines()
}

// lines are the history in EDN.
func (w *closedWorld) lines() []string {
	lines := []string{"{:process 99, :type :invoke, :f :init, :value {1 0 2 1 3 0}}", "{:process 99, :type :ok, :f :init, :value {1 0 2 1 3 0}}"}
	type line struct {
		at   int
		text string
	}
	var all []line
	for i, x := range w.txns {
		var steps []string
		for _, s := range x.steps {
			steps = append(steps, "[:"+strings.Join(s, " ")+"]")
		}
		text := func(kind string) string {
			return fmt.Sprintf("{:process %d, :type :%s, :f :txn, :value [%s]}", i, kind, strings.Join(steps, " "))
		}
		all = append(all, line{2 * x.begin, text("invoke")}, line{2*x.end + 1, text(x.outcome)})
	}
	slices.SortStableFunc(all, func(a, b line) int { return a.at - b.at })
	for _, l := range all {
		lines = append(lines, l.text)
	}
	return lines
}

// TestClosedAgainstEveryOrder: strict serializability is ruled out if and only if no order explains what was found.
func TestClosedAgainstEveryOrder(t *testing.T) {
	seen := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		for range 20 {
			w, lines := drawClosed(t)
			r, err := JudgeClosed(t.Context(), closedEvents(t, lines...), "")
			if err != nil {
				t.Fatal(err)
			}
			explained := w.explained(0, maps.Clone(w.state))
			seen[explained]++
			if r.Verdict != harness.Inconclusive && explained == (r.Verdict == harness.Unsafe) || r.Verdict == harness.Inconclusive && !explained {
				t.Fatalf("%s (%s), and explained: %t\n%s", r.Verdict, r.Reason, explained, strings.Join(lines, "\n"))
			}
		}
	})
	if seen[true] == 0 || seen[false] == 0 { // some 4 of 100 are not
		t.Errorf("%v were explained", seen)
	}
}
