package certificate

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/history"
)

// read is a history of lines :process :type and steps; each transaction begins and ends at once.
func read(t testing.TB, steps ...string) *history.Transactions {
	t.Helper()
	var b strings.Builder
	for i, s := range steps {
		process := string(rune('0' + i))
		if p, rest, ok := strings.Cut(s, "|"); ok {
			process, s = p, rest
		}
		b.WriteString("{:type :invoke, :process " + process + ", :f :txn, :value nil}\n{:type :ok, :process " + process + ", :f :txn, :value [" + s + "]}\n")
	}
	rec, err := history.ReadAny(strings.NewReader(b.String()), "h", "register")
	if err != nil {
		t.Fatal(err)
	}
	return rec.Transactions
}

// samples are histories with certificates, and what must not pass for one: the text that is replaced, and by what.
var samples = []struct {
	name        string
	history     []string
	certificate string
	mutations   [][2]string
}{
	{
		"write skew",
		[]string{"[:r 1 nil] [:w 2 1]", "[:r 2 nil] [:w 1 1]"},
		`{"version":1,"kind":"certificate","workload":"register","model":"serializable","refutation":{"cycle":[{"from":0,"to":1,"why":"overwrote","key":"1","writer":-1},{"from":1,"to":0,"why":"overwrote","key":"2","writer":-1}]}}`,
		[][2]string{
			{`"serializable"`, `"snapshot-isolation"`},
			{`"serializable"`, `"parallel-snapshot-isolation"`},
			{`"serializable"`, `"read-atomic"`},
			{`"serializable"`, `"perfect"`},
			{`"register"`, `"append"`},
			{`"key":"1"`, `"key":"2"`},
			{`"key":"1"`, `"key":"3"`},
			{`"writer":-1},`, `"writer":0},`},
			{`"why":"overwrote","key":"1"`, `"why":"saw","key":"1"`},
			{`"why":"overwrote","key":"1"`, `"why":"wrote","key":"1"`},
			{`"why":"overwrote","key":"1"`, `"why":"session","key":"1"`},
			{`"why":"overwrote","key":"1"`, `"why":"realtime","key":"1"`},
			{`,{"from":1,"to":0,"why":"overwrote","key":"2","writer":-1}`, ``},
			{`"from":1,"to":0`, `"from":1,"to":2`},
			{`"from":1,"to":0`, `"from":0,"to":1`},
			{`"refutation":{`, `"refutation":{"alone":0,`},
			{`"refutation":{`, `"refutation":{"lemmas":[{"first":0,"second":1,"cycle":[]}],`},
		},
	},
	{
		"an order that only trying tells",
		[]string{"[:w 1 1] [:w 2 1]", "[:w 1 2] [:w 2 2]", "[:r 1 1] [:r 2 2]"},
		`{"version":1,"kind":"certificate","workload":"register","model":"serializable","refutation":{"order":{"first":0,"second":1,"so":{"cycle":[{"from":2,"to":1,"why":"overwrote","key":"1","writer":0},{"from":1,"to":2,"why":"saw","key":"2"}]},"other":{"cycle":[{"from":2,"to":0,"why":"overwrote","key":"2","writer":1},{"from":0,"to":2,"why":"saw","key":"1"}]}}}}`,
		[][2]string{
			{`"first":0,"second":1`, `"first":1,"second":0`},
			{`"first":0,"second":1`, `"first":0,"second":0`},
			{`"first":0,"second":1`, `"first":0,"second":2`},
			{`"to":1,"why":"overwrote","key":"1"`, `"to":1,"why":"overwrote","key":"2"`},
			{`"serializable"`, `"causal-cerone"`},
			{`,"other":{"cycle":[{"from":2,"to":0,"why":"overwrote","key":"2","writer":1},{"from":0,"to":2,"why":"saw","key":"1"}]}`, ``},
			{`"other":{"cycle":[`, `"other":{"cycle":[],"lemmas":[`},
			{`{"from":0,"to":2,"why":"saw","key":"1"}`, `{"from":0,"to":2,"why":"saw","key":"2"}`},
		},
	},
	{
		"a lemma",
		[]string{"[:w 1 1] [:w 2 1]", "[:w 1 2] [:w 2 2]", "[:r 1 1] [:r 2 2]"},
		`{"version":1,"kind":"certificate","workload":"register","model":"serializable","refutation":{"lemmas":[{"first":1,"second":0,"cycle":[{"from":2,"to":1,"why":"overwrote","key":"1","writer":0},{"from":1,"to":2,"why":"saw","key":"2"}]}],"cycle":[{"from":2,"to":0,"why":"overwrote","key":"2","writer":1},{"from":0,"to":2,"why":"saw","key":"1"}]}}`,
		[][2]string{
			{`"first":1,"second":0`, `"first":0,"second":1`},
			{`"lemmas":[{"first":1,"second":0,"cycle":[{"from":2,"to":1,"why":"overwrote","key":"1","writer":0},{"from":1,"to":2,"why":"saw","key":"2"}]}],`, ``},
			{`"key":"1","writer":0`, `"key":"1","writer":-1`},
		},
	},
	{
		"a session",
		[]string{"0|[:w 1 1]", "0|[:w 1 2]", "0|[:r 1 1]"},
		`{"version":1,"kind":"certificate","workload":"register","model":"read-atomic","refutation":{"cycle":[{"from":0,"to":1,"why":"session"},{"from":1,"to":0,"why":"outdated","key":"1","reader":2}]}}`,
		[][2]string{
			{`"read-atomic"`, `"serializable"`},
			{`"reader":2`, `"reader":1`},
			{`"why":"session"`, `"why":"realtime"`},
			{`"from":0,"to":1,"why":"session"`, `"from":1,"to":0,"why":"session"`},
			{`"reader":2`, `"reader":2,"via":[0]`},
		},
	},
	{
		"what nobody left so",
		[]string{"[:w 1 1]", "[:r 1 7]"},
		`{"version":1,"kind":"certificate","workload":"register","model":"read-atomic","refutation":{"alone":1}}`,
		[][2]string{{`"alone":1`, `"alone":0`}, {`"alone":1`, `"alone":-1`}, {`"alone":1`, `"alone":9`}},
	},
	{
		"an order",
		[]string{"0|[:w 1 1]", "1|[:r 1 1] [:w 1 2]", "0|[:r 1 2]"},
		`{"version":1,"kind":"certificate","workload":"register","model":"strict-serializable","holds":{"order":[0,1,2]}}`,
		[][2]string{
			{`[0,1,2]`, `[0,2,1]`},
			{`[0,1,2]`, `[1,0,2]`},
			{`[0,1,2]`, `[0,1]`},
			{`[0,1,2]`, `[0,1,2,2]`},
			{`[0,1,2]`, `[0,1,3]`},
			{`"strict-serializable"`, `"snapshot-isolation"`},
			{`"strict-serializable"`, `"causal-cerone"`},
			{`[0,1,2]`, `[0,1,2],"saw":[[],[0],[1]]`},
		},
	},
	{
		"snapshots",
		[]string{"[:r 1 nil] [:w 2 1]", "[:r 2 nil] [:w 1 1]", "[:r 1 1] [:r 2 1]"},
		`{"version":1,"kind":"certificate","workload":"register","model":"snapshot-isolation","holds":{"order":[0,1,0,1,2,2]}}`,
		[][2]string{{`[0,1,0,1,2,2]`, `[0,0,1,1,2,2]`}, {`[0,1,0,1,2,2]`, `[0,1,0,2,1,2]`}, {`[0,1,0,1,2,2]`, `[0,1,0,1,2]`}, {`"snapshot-isolation"`, `"strong-snapshot-isolation"`}, {`"snapshot-isolation"`, `"serializable"`}},
	},
	{
		"views",
		[]string{"[:w 1 1]", "[:r 1 1] [:w 2 1]", "[:r 2 1] [:r 1 1]"},
		`{"version":1,"kind":"certificate","workload":"register","model":"causal-cerone","holds":{"order":[0,1,2],"saw":[[],[0],[1]]}}`,
		[][2]string{{`[[],[0],[1]]`, `[[],[],[1]]`}, {`[[],[0],[1]]`, `[[],[0],[0]]`}, {`[[],[0],[1]]`, `[[1],[0],[1]]`}, {`[[],[0],[1]]`, `[[],[0]]`}, {`"causal-cerone"`, `"read-atomic"`}, {`"causal-cerone"`, `"serializable"`}},
	},
	{
		"each rests on the other",
		[]string{"0|[:w 1 1] [:r 2 1]", "1|[:w 2 1] [:r 1 1]"},
		`{"version":1,"kind":"certificate","workload":"register","model":"read-committed","refutation":{"cycle":[{"from":0,"to":1,"why":"saw","key":"1"},{"from":1,"to":0,"why":"saw","key":"2"}]}}`,
		[][2]string{
			{`"read-committed"`, `"read-uncommitted"`},
			{`"from":0,"to":1,"why":"saw","key":"1"`, `"from":0,"to":1,"why":"saw","key":"2"`},
			{`"from":0,"to":1,"why":"saw","key":"1"`, `"from":0,"to":1,"why":"wrote","key":"1"`},
			{`"from":0,"to":1,"why":"saw","key":"1"`, `"from":0,"to":1,"why":"overwrote","key":"1","writer":-1`},
			{`"from":0,"to":1,"why":"saw","key":"1"`, `"from":0,"to":1,"why":"outdated","key":"1","reader":0`},
			{`"from":0,"to":1,"why":"saw","key":"1"`, `"from":0,"to":1,"why":"session"`},
			{`,{"from":1,"to":0,"why":"saw","key":"2"}`, ``},
		},
	},
	{
		"either rests on the other",
		[]string{"[:w 1 1]", "[:w 1 9] [:r 2 1]", "[:r 1 1] [:r 1 9] [:w 2 1]"},
		`{"version":1,"kind":"certificate","workload":"register","model":"read-committed","refutation":{"cycle":[{"from":1,"to":2,"why":"saw","key":"1"},{"from":2,"to":1,"why":"saw","key":"2"}]}}`,
		[][2]string{{`"from":1,"to":2,"why":"saw","key":"1"`, `"from":0,"to":2,"why":"saw","key":"1"`}, {`"read-committed"`, `"strong-read-uncommitted"`}},
	},
	{
		"whichever of two was read, and not first",
		[]string{"[:w 1 1] [:r 2 1]", "[:w 1 1] [:r 2 1]", "[:r 1 nil] [:r 1 1] [:w 2 1]"},
		`{"version":1,"kind":"certificate","workload":"register","model":"read-committed","refutation":{"read":{"txn":2,"key":"1","value":"1","sources":[{"from":0,"so":{"cycle":[{"from":0,"to":2,"why":"saw","key":"1"},{"from":2,"to":0,"why":"saw","key":"2"}]}},{"from":1,"so":{"cycle":[{"from":1,"to":2,"why":"saw","key":"1"},{"from":2,"to":1,"why":"saw","key":"2"}]}}]}}}`,
		[][2]string{
			{`"value":"1",`, ``},
			{`"value":"1"`, `"value":"2"`},
			{`"read-committed"`, `"serializable"`},
			{`"txn":2`, `"txn":1`},
			{`"from":0,"so"`, `"from":1,"so"`},
			{`,{"from":1,"so":{"cycle":[{"from":1,"to":2,"why":"saw","key":"1"},{"from":2,"to":1,"why":"saw","key":"2"}]}}`, ``},
		},
	},
	{
		"what was read too early",
		[]string{"0|[:w 1 1]", "1|[:r 1 1] [:r 1 nil]", "1|[:w 1 2] [:w 1 3] [:r 1 2]"},
		`{"version":1,"kind":"certificate","workload":"register","model":"strong-read-committed","holds":{"order":[0,1,2]}}`,
		[][2]string{
			{`[0,1,2]`, `[1,0,2]`},
			{`[0,1,2]`, `[0,2,1]`},
			{`[0,1,2]`, `[0,1]`},
			{`[0,1,2]`, `[0,1,2],"saw":[[],[0],[]]`},
			{`"strong-read-committed"`, `"repeatable-read"`},
			{`"strong-read-committed"`, `"read-atomic"`},
		},
	},
	{
		"fractured, which consistent-view forbids",
		[]string{"[:w 1 1] [:w 2 1]", "[:r 1 1] [:r 2 nil]"},
		`{"version":1,"kind":"certificate","workload":"register","model":"update-serializable","by":"consistent-view","refutation":{"cycle":[{"from":0,"to":1,"why":"saw","key":"1"},{"from":1,"to":0,"why":"overwrote","key":"2","writer":-1}]}}`,
		[][2]string{
			{`"by":"consistent-view"`, `"by":"read-committed"`},
			{`"by":"consistent-view"`, `"by":"serializable"`},
			{`"by":"consistent-view"`, `"by":"update-serializable"`},
			{`,"by":"consistent-view"`, ``},
			{`"update-serializable"`, `"monotonic-view"`},
			{`"update-serializable"`, `"strong"`},
		},
	},
	{
		"its own write missed, which read-committed allows",
		[]string{"[:w 1 1]", "[:r 1 1] [:w 1 2] [:r 1 1]"},
		`{"version":1,"kind":"certificate","workload":"register","model":"read-atomic","refutation":{"alone":1}}`,
		[][2]string{{`"read-atomic"`, `"consistent-view"`}, {`"read-atomic"`, `"read-committed"`}, {`"read-atomic"`, `"update-atomic"`}},
	},
	{
		"a stronger one holds",
		[]string{"0|[:w 1 1]", "1|[:r 1 1]"},
		`{"version":1,"kind":"certificate","workload":"register","model":"update-atomic","by":"strong-session-serializable","holds":{"order":[0,1]}}`,
		[][2]string{
			{`"by":"strong-session-serializable"`, `"by":"serializable"`},
			{`"by":"strong-session-serializable"`, `"by":"consistent-view"`},
			{`,"by":"strong-session-serializable"`, ``},
			{`[0,1]`, `[1,0]`},
		},
	},
}

// TestMutations: certificates are accepted, and none of them is once something is changed that matters.
func TestMutations(t *testing.T) {
	for _, s := range samples {
		h := read(t, s.history...)
		c, err := ReadFrom(strings.NewReader(s.certificate))
		if err != nil {
			t.Fatal(s.name, err)
		}
		if err := Verify(c, h); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		var b bytes.Buffer
		if err := Write(&b, c); err != nil || len(c.Claim()) < 20 {
			t.Error(s.name, c.Claim(), err)
		}
		if _, err := ReadFrom(strings.NewReader(s.certificate + "{}")); err == nil {
			t.Errorf("%s: accepted with something behind it", s.name)
		}
		for _, m := range s.mutations {
			text := strings.Replace(s.certificate, m[0], m[1], 1)
			if text == s.certificate {
				t.Fatalf("%s: there is no %s", s.name, m[0])
			}
			c, err := ReadFrom(strings.NewReader(text))
			if err == nil && Verify(c, h) == nil {
				t.Errorf("%s: accepted with %s for %s", s.name, m[1], m[0])
			}
		}
	}
}

// FuzzVerify: whatever a certificate holds, it is accepted or refused.
func FuzzVerify(f *testing.F) {
	for i, s := range samples {
		f.Add(byte(i), []byte(s.certificate))
	}
	f.Fuzz(func(t *testing.T, which byte, data []byte) {
		c, err := ReadFrom(bytes.NewReader(data))
		if err != nil {
			return
		}
		_ = c.Claim()
		s := samples[int(which)%len(samples)]
		if Verify(c, read(t, s.history...)) == nil {
			if own, _ := ReadFrom(strings.NewReader(s.certificate)); own.Model == c.Model && (own.Holds == nil) != (c.Holds == nil) {
				text, _ := json.Marshal(c)
				t.Errorf("%s: %s is accepted, and so is the contrary", s.name, text)
			}
		}
	})
}

// TestOfNoWorkload: a file that names a workload of which there are no certificates is none.
func TestOfNoWorkload(t *testing.T) {
	text := `{"version":1,"kind":"certificate","workload":"zzz","model":"serializable","refutation":{"alone":0}}`
	if _, err := ReadFrom(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), `a history of "zzz"`) {
		t.Error(err)
	}
	if _, err := ReadFrom(strings.NewReader(strings.Replace(text, "zzz", "mixed", 1))); err != nil {
		t.Error(err)
	}
}
