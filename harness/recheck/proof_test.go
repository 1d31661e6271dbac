package recheck

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/certificate"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/workloads"
)

// edn is a history of transactions, each of a process of its own; all that are not over overlap.
func edn(txns []string) string {
	var b strings.Builder
	for i := range txns {
		fmt.Fprintf(&b, "{:type :invoke, :process %d, :f :txn, :value nil}\n", i)
	}
	for i, t := range txns {
		fmt.Fprintf(&b, "{:type :ok, :process %d, :f :txn, :value [%s]}\n", i, t)
	}
	return b.String()
}

func parsed(t rapid.TB, workload string, txns []string) *history.Recording {
	t.Helper()
	rec, err := history.ReadAny(strings.NewReader(edn(txns)), "h", workload)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// TestOwnValueIsNoUpdate: a transaction that reads the value that it wrote, and writes again, updates nobody else's version.
func TestOwnValueIsNoUpdate(t *testing.T) {
	for name, c := range map[string]struct {
		txns []string
		lost bool
	}{
		"its own value":         {[]string{"[:w 0 2] [:r 0 2] [:w 0 2]"}, false},
		"its own, and another":  {[]string{"[:w 0 2] [:r 0 2] [:w 0 2]", "[:r 0 2] [:w 0 3]"}, false},
		"two that read a third": {[]string{"[:w 0 2]", "[:r 0 2] [:w 0 3]", "[:r 0 2] [:w 0 4]"}, true},
	} {
		res, err := Recording(t.Context(), name, parsed(t, "register", c.txns), &Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Contains(res.Anomalies, "lost-update"); got != c.lost {
			t.Errorf("%s shows %q: %+v", name, res.Anomalies, res.Witnesses)
		}
	}
}

// TestNoProofOfBoth: whatever a history is, there is proof of what it was judged to be, and the contrary has none.
func TestNoProofOfBoth(t *testing.T) {
	for _, workload := range []string{"register", "append", "mixed"} {
		t.Run(workload, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				txns := rapid.SliceOfN(rapid.SliceOfN(step(workload), 1, 3), 1, 4).Draw(t, "transactions")
				lines := make([]string, len(txns))
				for i := range txns {
					lines[i] = strings.Join(txns[i], " ")
				}
				for _, model := range certificate.Models() {
					proved(t, workload, model, lines)
				}
			})
		})
	}
}

// step draws a read or a write.
func step(workload string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		key, value := rapid.IntRange(0, 1).Draw(t, "key"), rapid.IntRange(1, 4).Draw(t, "value")
		workload := workload
		if workload == "mixed" {
			workload = []string{"register", "append"}[key]
		}
		switch {
		case rapid.Bool().Draw(t, "writes") && workload == "register":
			return fmt.Sprintf("[:w %d %d]", key, value)
		case workload == "register":
			return fmt.Sprintf("[:r %d %s]", key, rapid.SampledFrom([]string{"nil", fmt.Sprint(value)}).Draw(t, "found"))
		case rapid.Bool().Draw(t, "appends"):
			return fmt.Sprintf("[:append %d %d]", key, value)
		}
		found := rapid.SliceOfNDistinct(rapid.IntRange(1, 4), 0, 3, rapid.ID).Draw(t, "found")
		return fmt.Sprintf("[:r %d %v]", key, found)
	})
}

func proved(t *rapid.T, workload, model string, lines []string) {
	rec := parsed(t, workload, lines)
	opt := &Options{Model: model}
	res, err := Recording(t.Context(), "h", rec, opt)
	if err != nil || res.Verdict == harness.Inconclusive {
		return
	}
	c, err := Certify(t.Context(), rec, &res, opt)
	if errors.Is(err, certificate.ErrNone) && !strings.Contains(err.Error(), "please report") {
		return
	}
	if err != nil {
		t.Fatalf("%s, %s: %v\n%s", model, res.Verdict, err, strings.Join(lines, "\n"))
	}
	if err := Verify(c, parsed(t, workload, lines)); err != nil {
		t.Fatalf("%s, %s: %v\n%s", model, res.Verdict, err, strings.Join(lines, "\n"))
	}
	// Every order of all transactions is tried as the proof of the contrary.
	if c.Holds == nil {
		orders(len(lines), func(order []int32) {
			for _, h := range []*certificate.Holds{{Order: order}, {Order: doubled(order)}, {Order: order, Saw: before(order)}} {
				contrary := &certificate.Certificate{Version: c.Version, Kind: c.Kind, Workload: c.Workload, Model: c.Model, Holds: h}
				if certificate.Verify(contrary, rec.Transactions) == nil {
					t.Fatalf("%s is refuted, and %v proves that it holds\n%s", model, h.Order, strings.Join(lines, "\n"))
				}
			}
		})
	}
}

// orders calls do with each order of n transactions.
func orders(n int, do func([]int32)) {
	var place func(order []int32)
	place = func(order []int32) {
		if len(order) == n {
			do(order)
			return
		}
		for i := range int32(n) {
			if !slices.Contains(order, i) {
				place(append(slices.Clone(order), i))
			}
		}
	}
	place(nil)
}

// doubled has each transaction begin and commit at once.
func doubled(order []int32) (both []int32) {
	for _, i := range order {
		both = append(both, i, i)
	}
	return both
}

// before has each transaction see all before it.
func before(order []int32) (saw [][]int32) {
	for i := range order {
		saw = append(saw, slices.Clone(order[:i]))
	}
	return saw
}

// TestNoOrderOfLists: what a list shows of another one's elements, and elements that two may have appended, leave no way round.
func TestNoOrderOfLists(t *testing.T) {
	for name, c := range map[string]struct {
		txns  []string
		order []int32
		want  string
	}{
		"its own elements without those that came between": {
			[]string{"[:append 0 1]", "[:append 0 2] [:r 0 [2]]", "[:r 0 [1 2]]"}, []int32{1, 0, 0, 1, 2, 2}, "another had changed it meanwhile",
		},
		"an element twice": {[]string{"[:append 0 1]", "[:append 0 1]", "[:r 0 [1 1]]"}, []int32{0, 0, 1, 1, 2, 2}, "1 is appended to 0 twice"},
	} {
		contrary := &certificate.Certificate{Version: certificate.Version, Workload: "append", Model: "prefix", Holds: &certificate.Holds{Order: c.order}}
		if err := Verify(contrary, parsed(t, "append", c.txns)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestInitialProof: proof under what registers are said to have held says so, and is of no other start.
func TestInitialProof(t *testing.T) {
	txns := []string{"[:r 0 7] [:w 0 9]", "[:r 0 9]"}
	opt := &Options{Model: "serializable", Initial: " +7"}
	rec := parsed(t, "register", txns)
	res, err := Recording(t.Context(), "h", rec, opt)
	if err != nil || res.Verdict != harness.Safe {
		t.Fatal(res.Verdict, res.Reason, err)
	}
	c, err := Certify(t.Context(), rec, &res, opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(c, parsed(t, "register", txns)); err != nil || !strings.Contains(c.Claim(), "7 at first, the history is serializable") {
		t.Error(c.Claim(), err)
	}
	c.Initial = "8"
	if Verify(c, parsed(t, "register", txns)) == nil {
		t.Error("it is accepted for another start")
	}
	for _, bad := range []string{"7 8", "", "[", ":a b"} {
		if err := parsed(t, "register", txns).Transactions.StartAt(bad); err == nil {
			t.Errorf("registers may hold %q at first", bad)
		}
	}
}

// TestOwnCertificates: what lastseat's own registers show is proved, and the proof is of that history and model.
func TestOwnCertificates(t *testing.T) {
	opt := &Options{Workload: func(h *history.Header) (harness.Workload, error) {
		return workloads.Recorded(h.Label.Workload, h.Start, h.Config)
	}}
	for _, model := range []string{"", "serializable", "repeatable-read", "consistent-view", "update-serializable"} {
		rec, err := history.Load("testdata/own-reg.jsonl", "")
		if err != nil {
			t.Fatal(err)
		}
		opt.Model = model
		res, err := Recording(t.Context(), "own-reg.jsonl", rec, opt)
		if err != nil || res.Verdict != harness.Unsafe {
			t.Fatalf("%s: %s %v", model, res.Verdict, err)
		}
		c, err := Certify(t.Context(), rec, &res, opt)
		if err != nil || Verify(c, rec) != nil {
			t.Fatalf("%s: %+v, %v", model, c, err)
		}
		if Verify(c, parsed(t, "register", []string{"[:r 0 nil]", "[:r 0 nil]"})) == nil {
			t.Errorf("%s is proved of another history", model)
		}
		if c.Model = "read-committed"; Verify(c, rec) == nil {
			t.Errorf("what refutes %s refutes read-committed", model)
		}
	}
}

// TestInterleavedWrites: each of two transactions wrote upon what the other had not finished; where one did so alone, it may have come last.
func TestInterleavedWrites(t *testing.T) {
	for name, c := range map[string]struct {
		txns []string
		is   bool
	}{
		"both":                 {[]string{"[:w 0 1] [:r 0 10] [:w 0 2]", "[:r 0 1] [:w 0 10] [:w 0 11]"}, true},
		"one":                  {[]string{"[:w 0 1] [:r 0 10] [:w 0 2]", "[:w 0 10] [:w 0 11]"}, false},
		"upon what was final":  {[]string{"[:w 0 1] [:r 0 10] [:w 0 2]", "[:r 0 2] [:w 0 10]"}, false},
		"of two keys":          {[]string{"[:w 0 1] [:r 0 10] [:w 0 2]", "[:w 0 10] [:w 0 11]", "[:r 1 5] [:w 1 6]"}, false},
		"that the other reads": {[]string{"[:w 0 1] [:r 0 10] [:w 0 2]", "[:w 0 10] [:w 0 11] [:r 0 1]"}, false},
	} {
		res, err := Recording(t.Context(), name, parsed(t, "register", c.txns), &Options{})
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(res.Anomalies, "G0") != c.is {
			t.Errorf("%s: %v", name, res.Anomalies)
		}
	}
}

// TestProofOfAnotherKind: a certificate is held against a history of another kind as well, and says nothing of flags that verify lacks.
func TestProofOfAnotherKind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.edn")
	if err := os.WriteFile(path, []byte(edn([]string{"[:w 0 1]", "[:r 0 1]"})), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []certificate.Certificate{{Workload: "append"}, {Workload: "register", Initial: "1"}, {Workload: "register", Initial: "["}} {
		c.Version, c.Model, c.Refutation = certificate.Version, "serializable", &certificate.Refutation{Alone: new(int32)}
		rec, err := Load(&c, path)
		if err == nil {
			err = Verify(&c, rec)
		}
		if err == nil || strings.Contains(err.Error(), "--") || strings.Contains(err.Error(), "line") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
