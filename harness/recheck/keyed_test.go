package recheck

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// under is a history of transactions each of which is under a key, as jepsen.independent writes them; all are one after the other but those
// of one line, which overlap.
func under(lines ...string) string {
	var b strings.Builder
	for _, line := range lines {
		txns := strings.Split(line, " | ")
		for i, txn := range txns {
			key, _, _ := strings.Cut(txn, " ")
			fmt.Fprintf(&b, "{:type :invoke, :process %d, :f :txn, :value [%s nil]}\n", i, key)
		}
		for i, txn := range txns {
			key, steps, _ := strings.Cut(txn, " ")
			fmt.Fprintf(&b, "{:type :ok, :process %d, :f :txn, :value [%s [%s]]}\n", i, key, steps)
		}
	}
	return b.String()
}

// TestKeyed: what transactions did under each key is judged by itself, and proved.
func TestKeyed(t *testing.T) {
	skew := func(key string) string {
		return fmt.Sprintf("%s [:append 1 1] [:r 2 nil] | %s [:append 2 1] [:r 1 nil]", key, key)
	}
	for name, c := range map[string]struct {
		text, model, workload string
		want                  harness.Verdict
		unsafe                []string
		says                  string
	}{
		"each is fine, where both together would be a cycle": {
			under("3 [:append 1 1] [:r 2 nil] | 4 [:append 2 1] [:r 1 nil]", "3 [:r 1 [1]]", "4 [:r 2 [1]]"), "", "append", harness.Safe, nil, "under 2 keys",
		},
		"one is broken": {under("3 [:append 1 1]", "3 [:r 1 [1]]", skew("4")), "", "append", harness.Unsafe, []string{"4"}, "1 is unsafe (4): key 4: found G2-item"},
		"two are, by names": {
			under(skew(`"a"`), skew(":b"), ":c [:append 1 1] [:r 1 [1]]"), "", "append", harness.Unsafe, []string{`"a"`, ":b"}, `2 are unsafe ("a", :b)`,
		},
		"a weaker model holds": {under(skew("4")), "snapshot-isolation", "append", harness.Safe, nil, "contradicts snapshot-isolation"},
		"registers":            {under("1 [:w 0 1]", "1 [:r 0 nil]", "2 [:r 0 nil] [:w 0 1]", "2 [:r 0 1]"), "", "register", harness.Unsafe, []string{"1"}, "key 1"},
		"a list under one, a register under another": {
			under("1 [:append 0 1]", "1 [:r 0 [1]]", "2 [:w 0 1]", "2 [:r 0 nil]"), "", "mixed", harness.Unsafe, []string{"2"}, "key 2",
		},
		"a key that is a vector":            {under("[1,2] [:w 0 1]", "[1,2] [:r 0 1]"), "", "register", harness.Safe, nil, "under 1 key"},
		"nothing to do with each other":     {under("1 [:append 0 1]", "2 [:append 0 1]"), "", "append", harness.Inconclusive, nil, "none has two transactions"},
		"an element twice shows nothing":    {under("1 [:append 0 1]", "1 [:append 0 1]", "1 [:r 0 [1]]", "2 [:append 0 1]", "2 [:r 0 [1]]"), "", "append", harness.Inconclusive, nil, "1 is undecided (1)"},
		"a key where nothing could be seen": {under("1 [:append 0 1]", "1 [:r 0 [1]]", "2 [:append 0 1]"), "", "append", harness.Safe, nil, "under 1 more"},
	} {
		rec, err := history.ReadAny(strings.NewReader(c.text), "h", "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		opt := &Options{Model: c.model}
		res, err := Recording(t.Context(), "h", rec, opt)
		if err != nil || res.Verdict != c.want || res.Workload != c.workload || !slices.Equal(res.Keys.Unsafe, c.unsafe) || !strings.Contains(res.Reason, c.says) {
			t.Errorf("%s is %s (%s; %s; %v), want %s: %v", name, res.Verdict, res.Workload, res.Reason, res.Keys, c.want, err)
			continue
		}
		if res.Verdict == harness.Inconclusive {
			continue
		}
		if res.Verdict == harness.Unsafe && !slices.ContainsFunc(res.Witnesses, func(w Witness) bool { return w.Key == c.unsafe[0] }) {
			t.Errorf("%s: no witness names key %s", name, c.unsafe[0])
		}
		proof, err := Certify(t.Context(), rec, &res, opt)
		if err != nil {
			t.Errorf("%s has no proof: %v", name, err)
			continue
		}
		if err := Verify(proof, rec); err != nil {
			t.Errorf("%s: its proof is refused: %v", name, err)
		}
		if other, err := history.ReadAny(strings.NewReader(under("9 [:append 0 1]", "9 [:r 0 [1]]")), "h", ""); err != nil || Verify(proof, other) == nil {
			t.Errorf("%s: its proof is taken for one of another history: %v", name, err)
		}
	}
}

// TestKeyedModels: what holds is what holds of each key, what does not is what does not of one.
func TestKeyedModels(t *testing.T) {
	rec, err := history.ReadAny(strings.NewReader(under(
		"1 [:append 1 1] [:r 2 nil] | 1 [:append 2 1] [:r 1 nil]",
		"2 [:append 1 1] | 2 [:append 1 2] [:r 1 [2]]", "2 [:r 1 [1 2]]", // it saw itself before who came first
		"3 [:append 1 1]", "3 [:r 1 [1]]")), "h", "")
	if err != nil {
		t.Fatal(err)
	}
	res, err := Recording(t.Context(), "h", rec, &Options{})
	if err != nil || !slices.Equal(res.Keys.Unsafe, []string{"1", "2"}) {
		t.Fatal(res, err)
	}
	for i, k := range rec.Keyed {
		alone, err := Recording(t.Context(), "h", &history.Recording{Workload: "append", Operations: k.Len(), Transactions: k.Transactions}, &Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range slices.Concat(alone.Not, alone.AlsoNot) {
			if !slices.Contains(slices.Concat(res.Not, res.AlsoNot), m) {
				t.Errorf("key %d is not %s, and all together are said to be", i+1, m)
			}
		}
	}
	if len(res.ConsistentWith) == 0 || slices.ContainsFunc(res.ConsistentWith, func(m string) bool { return slices.Contains(slices.Concat(res.Not, res.AlsoNot), m) }) {
		t.Errorf("consistent with %v, not with %v, %v", res.ConsistentWith, res.Not, res.AlsoNot)
	}
}

// TestKeyedShapes: what is under no key, or under another than it began with, is an error with its line.
func TestKeyedShapes(t *testing.T) {
	begin := "{:type :invoke, :process 0, :f :txn, :value [1 [[:append 0 1]]]}\n"
	for text, want := range map[string]string{
		begin + "{:type :ok, :process 0, :f :txn, :value [2 [[:append 0 1]]]}": "h: line 2: process 0 ends an operation on key 2",
		begin + "{:type :ok, :process 0, :f :txn, :value nil}":                 "h: line 2: expected a value like [key [[:append k v]",
		begin + begin: "h: line 2: process 0 begins an operation, but that of line 1 has not ended",
		begin + "{:type :ok, :process 0, :f :txn, :value [1 [[:append 0 1]] 2]}":                 "line 2",
		begin + "{:type :ok, :process 0, :f :txn, :value [1]}":                                   "line 2",
		begin + "{:type :info, :process 1, :f :txn, :value nil}":                                 "line 2",
		begin + "{:type :info, :process 0, :f :txn, :value nil}":                                 "",
		begin + "{:type :fail, :process 0, :f :txn, :value [1 nil]}":                             "",
		begin + "{:type :ok, :process 0, :f :txn, :value [1 [[:append 0 1] 3]]}":                 "line 2",
		begin + "{:type :ok, :process 0, :f :txn, :value [1 nil]}":                               "line 2",
		"{:type :ok, :process 0, :f :txn, :value #jepsen.independent.Tuple [1 [[:append 0 1]]]}": "",
	} {
		rec, err := history.ReadAny(strings.NewReader(text), "h", "append")
		if want == "" && (err != nil || len(rec.Keyed) != 1 || rec.Keyed[0].Len() != 1 || len(rec.Keyed[0].Ops) != 1) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
