package history

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
)

func load(t testing.TB, text string) *Recording {
	t.Helper()
	rec, err := ReadAny(strings.NewReader(text), "h", "")
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return rec
}

// plainly is a history as a text: kind, process, invocation, completion and steps of each transaction.
func plainly(h *Transactions) []string {
	var lines []string
	for i := range int32(h.Len()) {
		line := fmt.Sprintf("%s p%d %d-%d", h.Outcome[i], h.Process[i], h.Invoke[i], h.Complete[i])
		for _, op := range h.Steps(i) {
			key := h.Keys.Text(op.Key)
			switch {
			case op.Write:
				line += fmt.Sprintf(" w %s %s", key, h.Values.Text(op.Value))
			case op.Value == NotRead || op.Len == NotRead:
				line += fmt.Sprintf(" r %s ?", key)
			case op.Kind == Registers && op.Value == Initial:
				line += fmt.Sprintf(" r %s", key)
			case op.Kind == Registers:
				line += fmt.Sprintf(" r %s %s", key, h.Values.Text(op.Value))
			default:
				line += fmt.Sprintf(" r %s", key)
				for _, v := range h.List(&op) {
					line += "," + h.Values.Text(v)
				}
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// TestNotations: the same history in every form met in the wild.
func TestNotations(t *testing.T) {
	want := []string{"ok p0 0-1 w :x 1 r :y", "failed p1 2-3 w :x 2", "unknown p2 4-5 r :x ? w :y 7", "ok p0 6-7 r :x,1", "unknown p5 8--1 w :z 9 r :x ?"}
	for name, text := range map[string]string{
		"a map a line": `
{:type :invoke, :f :txn, :value [[:append :x 1] [:r :y nil]], :process 0, :time 1, :index 0}
{:type :ok, :f :txn, :value [[:append :x 1] [:r :y nil]], :process 0, :time 2, :index 1}
{:type :invoke, :f :txn, :value [[:append :x 2]], :process 1, :time 1, :index 2}
{:type :fail, :f :txn, :value [[:append :x 2]], :process 1, :time 1, :index 3, :error :conflict}
{:type :invoke, :f :txn, :value [[:r :x nil] [:append :y 7]], :process 2}
{:type :info, :f :txn, :value nil, :process 2, :error "gone \"away\" ]}"}
{:type :invoke, :f :txn, :value [[:r :x nil]], :process 0}
{:type :ok, :f :txn, :value [[:r :x [1]]], :process 0}
{:type :invoke, :f :txn, :value [[:append :z 9] [:r :x nil]], :process 5}`,
		"one vector, tagged, with comments and a nemesis": `; a comment { [
[#jepsen.history.Op{:index 0, :process 0, :type :invoke, :value [[:append :x 1] [:r :y nil]]}
 #_ {:type :ok} #jepsen.history.Op{:process 0 :type :ok :value ((:append :x 1) (:r :y []))}
 {"type" "invoke" "process" 1 "value" [["append" :x 2]]} {:process 1 :type :fail :value [[:append :x 2]]}
 {:type :invoke :value [[:r :x] [:append :y 7]] :process 2}
 {:type :info :process 2 :value [[:r :x nil] [:append :y 7]]}
 {:type :invoke :value [[:r :x nil]] :process 0} {:type :ok :value [[:r :x [1]]] :process 0} ; done
 {:type :invoke :process 5 :value [[:append :z 9] [:r :x nil]] :stack {:a #{1 2} :b \] :c #inst "2020-01-01"}}
]`,
	} {
		t.Run(name, func(t *testing.T) {
			rec := load(t, text)
			if rec.Format != JepsenEDN || rec.Workload != "append" || rec.Operations != 5 {
				t.Errorf("%s, %s, %d operations", rec.Format, rec.Workload, rec.Operations)
			}
			if diff := cmp.Diff(want, plainly(rec.Transactions)); diff != "" {
				t.Error(diff)
			}
		})
	}
	nemesis := `{:type :invoke, :f :txn, :value [[:w 1 2]], :process 0}
{:type :info, :f :start, :value "anything", :process :nemesis}
{:type :ok, :f :txn, :value [[:w 1 2]], :process 0}
`
	if got := plainly(load(t, nemesis).Transactions); !slices.Equal(got, []string{"ok p0 0-2 w 1 2"}) {
		t.Error(got)
	}
	for _, text := range []string{
		`[{"type":"invoke","f":"txn","value":[["w","x",2]],"process":0,"index":1}, {"type":"ok","f":"txn","value":[["w","x",2],["r","y",null]],"process":0}]`,
		"{\"type\":\"invoke\",\"value\":[[\"w\",\"x\",2]],\"process\":0}\n{\"type\":\"ok\",\"value\":[[\"w\",\"x\",2],[\"r\",\"y\",null]],\"process\":0}\n",
	} {
		rec := load(t, text)
		if got := plainly(rec.Transactions); rec.Format != ElleJSON || !slices.Equal(got, []string{`ok p0 0-1 w "x" 2 r "y"`}) {
			t.Error(rec.Format, got)
		}
	}
	if got := plainly(load(t, "{:type :ok, :value [[:w 1 -7] [:r 2 3.5]]} {:type :ok, :value [[:w [1 2] 12345678901]]}").Transactions); !slices.Equal(got,
		[]string{"ok p-1 -1-0 w 1 -7 r 2 3.5", "ok p-1 -1-1 w [1 2] 12345678901"}) {
		t.Error(got)
	}
}

// TestNilIsNoList: nil may stand for a list that is empty, but it is told apart from one.
func TestNilIsNoList(t *testing.T) {
	h, err := readTransactions([]byte("{:type :ok, :process 0, :value [[:append :x 1] [:r :x nil] [:r :x []] [:r :x]]}"), edn, may{Lists: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, isNil := range []bool{true, false, true} {
		if op := h.Ops[i+1]; op.Len != 0 || (op.Value == Initial) != isNil {
			t.Errorf("read %d: %+v", i, op)
		}
	}
}

// TestRecognises: what clients did, by what they did.
func TestRecognises(t *testing.T) {
	for text, want := range map[string]string{
		"":   "",
		"[]": "",
		"{:type :info :f :kill :process :nemesis}":                                                               "",
		"{:type :ok :value [[:r 1 [2]]]}":                                                                        "append",
		"{:type :ok :value [[:r 1 2]]}":                                                                          "register",
		"{:type :ok :value [[:rp 1 nil]]}":                                                                       "predicate",
		"{:type :ok :f :read :value [[:r 1 nil]]}":                                                               "long-fork",
		"{:type :ok :f :transfer :value {:from 1 :to 2 :amount 3}}":                                              "bank",
		"{:type :ok :f :read :value {1 10}}":                                                                     "bank",
		"{:type :invoke :f :acquire} {:type :ok :f :acquire}":                                                    "mutex",
		"{:type :ok :f :cas :value [1 2]}":                                                                       "cas-register",
		"{:type :ok :f :write :value 1} {:type :ok :f :read :value 1}":                                           "cas-register",
		"{:type :ok :f :add :value 1} {:type :ok :f :read :value 1}":                                             "counter",
		"{:type :ok :f :add :value 1} {:type :ok :f :read :value #{1}}":                                          "set",
		"{:type :ok :f :add :value 1} {:type :ok :f :read :value [1]} {:type :ok :f :read :value #{1}}":          "set-full",
		"{:type :invoke :f :enqueue :value 1} {:type :invoke :f :dequeue :value nil}":                            "queue",
		"{:type :invoke :f :enqueue :value 1} {:type :ok :f :drain :value [1]}":                                  "total-queue",
		"{:type :invoke :f :txn :value [[:read :x nil] [:write :y 1]]}":                                          "multi-register",
		"{:type :invoke :f :txn :value [7 [[:read :x nil] [:write :y 1]]]}":                                      "multi-register",
		"{:type :invoke :f :txn :value :read} {:type :ok :f :txn :value [[:read 1 2]]}":                          "multi-register",
		"{:type :invoke :f :get :key \"0\" :value nil} {:type :invoke :f :append :key \"0\" :value \"x\"}":       "kv",
		"{:type :invoke :f :init :value {:x 0}} {:type :invoke :f :txn :value [[:w :x 1]]}":                      "closed-predicate",
		"{:type :ok :f :txn :value [[:w :x 1] [:rp :true {:x 1}]]}":                                              "closed-predicate",
		"{:type :ok :f :txn :value [[:insert :x 1] [:rp [:mod 2 0] nil]]}":                                       "closed-predicate",
		"{:type :ok :f :txn :value [[:delete 7]]}":                                                               "closed-predicate",
		"{:type :ok :f :txn :value [[:insert :x 1]]}":                                                            "predicate",
		"{:type :ok :f :txn :value [[:insert :x 1] [:rp :x [1]]]}":                                               "predicate",
		"{:type :invoke :f :generate :value nil} {:type :ok :f :generate :value \"a\"}":                          "unique-ids",
		"{:type :invoke :f :insert :value [1 [nil 1]]} {:type :ok :f :insert :value [1 [nil 1]]}":                "adya-g2",
		"{:type :ok :f :write :value 1} {:type :ok :f :read :value #{1}}":                                        "causal-reverse",
		"{:type :ok :f :write :value [7 1]} {:type :ok :f :read :value [7 #{1}]}":                                "causal-reverse",
		"{:type :ok :f :write :value [7 1]} {:type :ok :f :read :value [7 nil]}":                                 "cas-register",
		"{:type :ok :f :write :key \"x\" :value 1} {:type :ok :f :read :key \"x\" :value 1}":                     "cas-register",
		"{:type :ok :f :add :value [7 1]} {:type :ok :f :read :value [7 3]}":                                     "counter",
		"{:type :ok :f :add :value [7 1]} {:type :ok :f :read :value [7 #{1}]}":                                  "set",
		"{:type :ok :f :add :value [7 1]} {:type :ok :f :read :value [7 []]} {:type :ok :f :read :value [8 []]}": "set",
		"{:type :ok :f :add :value [7 1]} {:type :ok :f :read :value [7 []]} {:type :ok :f :read :value [7 []]}": "set-full",
		"{:type :ok :f :txn :value [7 [[:w 1 2]]]}":                                                              "register",
		"{:type :ok :f :txn :value [7 [[:w 1 2]]]} {:type :ok :f :txn :value [8 [[:append 1 2]]]}":               "mixed",
		`[{"type":"ok","f":"txn","value":[7,[["append",1,2]]]}]`:                                                 "append",
		`[{"type":"ok","f":"read","value":{"0":10}}]`:                                                            "bank",
		"#jepsen.history.Op{:type :ok :f :read :value #jepsen.independent.Tuple [1 {1 10}], :process 3}\n":       "",
	} {
		rec, err := ReadAny(strings.NewReader(text), "h", "")
		if want == "" && strings.Contains(text, "independent") {
			if err == nil {
				t.Errorf("%s: %s", text, rec.Workload)
			}
			continue
		}
		if err != nil || rec.Workload != want {
			t.Errorf("%s: %v, want %q, %v", text, rec, want, err)
		}
	}
}

// TestRefuses: what is not a history gets its line and what was expected there.
func TestRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"hello":                                 `line 1: expected a history: lastseat's own, a map {:type :invoke, …} a line or in a vector (Jepsen), or [{"type":"invoke",…}] (elle-cli), found "hello"`,
		"{:type :ok :value [[:w 1 2]]}\n{:typ}": `line 2: expected`,
		"{:f :txn}":                             `line 1: expected an operation with a :type`,
		"\n{:type :oops}":                       `line 2: expected invoke, ok, fail or info as the :type, found ":oops}"`,
		"{:type :ok :value [[:w 1 2]]":          `line 1: expected '}', found the end of the file`,
		"{:type :ok :value [[:w 1 2)]}":         `line 1: expected ']', found ")]}"`,
		"{:type :ok :value [[:append 1 2]]}\n{:type :ok :value [[:insert 1 2]]}":                     `line 2: "insert" among steps of append, w and r: lastseat judges lists (append) and registers (w) together, as --workload mixed, and ranges (insert, rp) by themselves`,
		"{:type :ok :value [[:append :x 2]]}\n{:type :ok :value [[:w :y 1] [:w :x 2]]}":              `line 2: key :x is a list in one transaction (append, or a list was read) and a register in another`,
		"{:type :ok :value [[:w :x 2]]}\n{:type :ok :value [[:r :x [2]]]}":                           `if registers hold lists, name --workload register`,
		"{:type :ok :value [[:w :x 2] [:append :x 2]]}":                                              `line 1: key :x is a list`,
		"{:type :ok :value [[:append 1]]}":                                                           `line 1: expected a value to write`,
		"{:type :ok :value [[:append 1 2 3]]}":                                                       `a micro-operation has a name, a key and a value`,
		"{:type :ok :value [[:append 1 nil]]}":                                                       `line 1: expected a value to write other than nil`,
		"{:type :ok :value [[:append 1 2]]}\n\n{:type :ok :value nil}":                               `line 3: expected a transaction's steps as the :value of an :ok, found nil`,
		"{:type :invoke :process 1 :value [[:w 1 2]]}\n{:type :invoke :process 1 :value [[:w 1 3]]}": `line 2: process 1 begins an operation, but that of line 1 has not ended`,
		"{:type :invoke :value [[:w 1 2]]}\n{:type :invoke :value [[:w 1 3]]}":                       `neither names its process`,
		"{:type :ok :process 1.5 :value [[:w 1 2]]}":                                                 `line 1: expected a process that is a whole number`,
		strings.Repeat("[", 1000):                                                                    `line 1: expected an operation's map`,
		"{:type :ok :value " + strings.Repeat("[", 1000):                                             `no more than 200 collections`,
		"{:type :ok :f :read :value \"abc":                                                           `expected a string to end`,
		"[{:type :ok :value [[:w 1 2]]}] x":                                                          `expected nothing after the closing bracket`,
		"{:type :ok :f :write :value [1 2 3]} {:type :ok :f :read :value [1 2 3]}":                   `it fits none`,
		"{:type :ok :f :txn :value [7 [[:w 1 2]]]}\n{:type :ok :f :txn :value [[:w 1 2]]}":           `line 2: expected the transaction under the key`,
		"{:type :ok :f :buy :value 7}":                                                               `clients did (it fits none): name it with --workload (append, register,`,
		"{:type :ok :value [[:r 1 nil]]}":                                                            `it could be append or register`,
		"{:type :ok :f :read :value ^{:a 1} [1]}":                                                    `expected a value without metadata`,
	} {
		_, err := ReadAny(strings.NewReader(text), "h", "")
		var at *Error
		if err == nil || !errors.As(err, &at) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %s", text, err, want)
		}
	}
	if _, err := ReadAny(strings.NewReader("{:type :ok :f :read :value 1}"), "h", "append"); err == nil || !strings.Contains(err.Error(), "line 1: expected a vector of micro-operations") {
		t.Error(err)
	}
}

// drawTransactions is any history whose events are dense and whose processes do one thing at a time.
func drawTransactions(t *rapid.T) (h *Transactions, named string) {
	h = &Transactions{First: []int32{0}}
	named = rapid.SampledFrom([]string{"append", "register", "mixed", "predicate"}).Draw(t, "workload")
	values := rapid.SampledFrom([]string{"1", "2", "77", ":x", `"y z"`, "-3", "12345678901234567890", "0.5"})
	keys := rapid.OneOf(values, rapid.Just("[1 2]"))
	if named != "mixed" {
		values = keys // there it would be a list that was read
	}
	holds := map[string][]Kind{"append": {Lists}, "register": {Registers}, "mixed": {Lists, Registers}, "predicate": {Sets}}[named]
	of := map[int32]Kind{}
	open := map[int32]int32{}
	var events int32
	type begun struct{ process, invoke int32 }
	var todo []begun
	end := func(i int) {
		b := todo[i]
		todo = slices.Delete(todo, i, i+1)
		delete(open, b.process)
		outcome := rapid.SampledFrom([]harness.Outcome{harness.OK, harness.OK, harness.Failed, harness.Unknown}).Draw(t, "outcome")
		h.Outcome, h.Process = append(h.Outcome, outcome), append(h.Process, b.process)
		h.Invoke, h.Complete = append(h.Invoke, b.invoke), append(h.Complete, events)
		events++
		if outcome == harness.Unknown {
			open[b.process] = -1 // it never comes back
		}
		for range rapid.IntRange(1, 3).Draw(t, "steps") {
			key := h.Keys.Number(keys.Draw(t, "key"))
			kind, met := of[key]
			if !met {
				kind = rapid.SampledFrom(holds).Draw(t, "kind")
				of[key] = kind
			}
			drawStep(t, h, TxnOp{Kind: kind, Key: key}, values, outcome)
		}
		h.First = append(h.First, int32(len(h.Ops)))
	}
	for range rapid.IntRange(0, 12).Draw(t, "transactions") {
		for len(todo) > 0 && rapid.Bool().Draw(t, "end") {
			end(rapid.IntRange(0, len(todo)-1).Draw(t, "which"))
		}
		p := rapid.Int32Range(0, 20).Draw(t, "process")
		if _, busy := open[p]; busy {
			continue
		}
		open[p] = events
		todo = append(todo, begun{p, events})
		events++
	}
	for len(todo) > 0 {
		end(0)
	}
	return h, named
}

func drawStep(t *rapid.T, h *Transactions, op TxnOp, names *rapid.Generator[string], outcome harness.Outcome) {
	op.Write = rapid.Bool().Draw(t, "write")
	known := outcome == harness.OK
	switch {
	case op.Write:
		op.Value = h.Values.Number(names.Draw(t, "value"))
	case op.Kind == Registers && !known:
		op.Value = NotRead
	case op.Kind == Registers:
		op.Value = Initial
		if rapid.Bool().Draw(t, "found") {
			op.Value = h.Values.Number(names.Draw(t, "value"))
		}
	case !known:
		op.Len = NotRead
	default:
		op.Value = int32(len(h.Elements))
		op.Len = rapid.Int32Range(0, 3).Draw(t, "elements")
		for range op.Len {
			h.Elements = append(h.Elements, h.Values.Number(names.Draw(t, "element")))
		}
	}
	h.Ops = append(h.Ops, op)
}

// TestEDNRoundTrip: what is written is read back the same.
func TestEDNRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, named := drawTransactions(t)
		var b bytes.Buffer
		if err := WriteEDN(&b, h); err != nil {
			t.Fatal(err)
		}
		rec, err := ReadAny(&b, "h", named)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(plainly(h), plainly(rec.Transactions)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestPiecesAreTheWhole: however a file is divided, the history is the same.
func TestPiecesAreTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, named := drawTransactions(t)
		var b bytes.Buffer
		if err := WriteEDN(&b, h); err != nil {
			t.Fatal(err)
		}
		data := b.Bytes()
		if rapid.Bool().Draw(t, "drop values of failures") {
			data = dropValues(data)
		}
		if rapid.Bool().Draw(t, "cut off") {
			lines := bytes.SplitAfter(data, []byte("\n"))
			data = bytes.Join(lines[:len(lines)-min(len(lines), rapid.IntRange(1, 4).Draw(t, "lines"))], nil)
		}
		may, _ := mayHold(named, named == "register" || rapid.Bool().Draw(t, "named"))
		sequential, bad := readTransactions(data, edn, may)
		if bad != nil {
			t.Fatal(bad)
		}
		if rapid.Bool().Draw(t, "enclosed") {
			data = slices.Concat([]byte("["), data, []byte("]\n"))
		}
		joined := streamTransactions(bytes.NewReader(data), edn, may, func() int64 { return int64(len(data)) }, rapid.IntRange(1, 300).Draw(t, "size"))
		if joined == nil {
			t.Fatal("the pieces cannot be read")
		}
		if diff := cmp.Diff(plainly(sequential), plainly(joined)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// dropValues takes the value from each line that tells of a failure or of an unknown end: the invocation has it.
func dropValues(data []byte) []byte {
	var out []byte
	for line := range bytes.Lines(data) {
		from, to := bytes.Index(line, []byte("[[")), bytes.LastIndex(line, []byte("]]"))
		if !bytes.Contains(line, []byte(":ok")) && !bytes.Contains(line, []byte(":invoke")) && from > 0 {
			line = append(append(slices.Clone(line[:from]), "nil"...), line[to+2:]...)
		}
		out = append(out, line...)
	}
	return out
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"{:type :ok :value [[:append 1 2] [:r 1 [2]]], :process 1}\n{:type :info}",
		`[{"type":"ok","f":"txn","value":[["w","x",2],["r","x",null]]}]`,
		"({:type :ok :f :read :value #{1 2}} #_x {:type :ok :f :add :value \\a})",
		"#a.b{:type :ok :f :cas :value [1 nil]} ; x",
		`{"lastseat":"history","version":2}`, "[[[[", "\"\\u12", "#", "{:a", "\\", "1e400 -", "^{}", "#{",
	} {
		f.Add([]byte(seed), uint8(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, w uint8) {
		names := append([]string{""}, Workloads()...)
		rec, err := ReadAny(bytes.NewReader(data), "h", names[int(w)%len(names)])
		var at *Error
		if err != nil && (!errors.As(err, &at) || at.Line < 1 || at.Err.Error() == "") {
			t.Errorf("%v has no place", err)
		}
		if err == nil && rec.Transactions != nil {
			var b bytes.Buffer
			if err := WriteEDN(&b, rec.Transactions); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestSmallFilesTakeLittle: a file takes memory as it is large, so that thousands of small ones are read as fast as one large one.
func TestSmallFilesTakeLittle(t *testing.T) {
	text := "{:type :invoke, :process 0, :f :txn, :value [[:w 0 1]]}\n{:type :ok, :process 0, :f :txn, :value [[:w 0 1]]}\n"
	read := testing.Benchmark(func(b *testing.B) {
		for range b.N {
			if _, err := ReadAny(strings.NewReader(text), "h", "register"); err != nil {
				b.Fatal(err)
			}
		}
	})
	if most := int64(1 << 20); read.AllocedBytesPerOp() > most {
		t.Errorf("%d bytes of text take %d bytes of memory, more than %d", len(text), read.AllocedBytesPerOp(), most)
	}
}
