package threshold

import (
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

func rowWith(name string, v harness.Verdict, p99 ...float64) Row {
	r := Row{Key: name, Name: name, Names: []string{name}, Verdict: v, Why: "oversold", Again: "again " + name}
	for _, s := range p99 {
		r.Add("p99", s)
	}
	return r
}

func TestJudge(t *testing.T) {
	surprise := rowWith("b", harness.Unsafe, 100)
	surprise.Surprise = true
	control := rowWith("naive", harness.Unsafe, 900)
	control.Aside = true
	rows := []Row{rowWith("a", harness.Safe, 10, 20, 30), surprise, rowWith("bare", harness.Inconclusive), control}
	old := []Row{rowWith("a", harness.Safe, 5, 5, 5), rowWith("b", harness.Safe, 100)}
	for _, c := range []struct {
		text   string
		failed bool
		says   string
	}{
		{"a: p99 > 20ms", false, "p99 is 20 ms, limit 20 ms"}, // the median
		{"a: p99 >= 20ms", true, "p99 is 20 ms, limit 20 ms"},
		{"a: p99 < 21ms", true, "limit 21 ms"},
		{"bare: p99 > 1s", true, "no p99 was measured"}, // else it would pass where nothing ran
		{"naive: p99 > 1s", false, "p99 is 900 ms"},     // aside, and named
		{"nix: p99 > 1s", true, `none is named "nix"; there are: a, b, bare, naive`},
		{"a: p99 > 3 * baseline", true, "limit 15 ms (3 × 5 ms in the baseline); that may be luck: there are too few samples to tell, 3 in the baseline and 3 here"},
		{"a: p99 > 4 * baseline", false, "limit 20 ms"},
		{"bare: p99 > 4 * baseline", true, "no p99 was measured"},
		{"naive: p99 > 4 * baseline", true, "the baseline has no p99 of this row"},
		{"a: new violation", false, "is safe, was safe"},
		{"b: new violation", true, "is unsafe, was safe: oversold"},
		{"naive: new violation", false, "was not there before"}, // nobody was surprised
	} {
		all, err := Each([]string{c.text})
		if err != nil {
			t.Fatal(err)
		}
		o := Judge(all, rows, old)[0]
		said := o.Note
		for _, r := range o.Rows {
			said += r.Text
			if (r.Again != "") != r.Failed {
				t.Errorf("%s: the command of a row that failed: %v is %q", c.text, r.Failed, r.Again)
			}
		}
		if o.Failed != c.failed || Failed([]Outcome{o}) != c.failed || !strings.Contains(said, c.says) {
			t.Errorf("%s: failed %v: %s", c.text, o.Failed, said)
		}
	}
}

// A threshold without a name means all rows but controls that nobody asked for.
func TestJudgeLeavesControlsOut(t *testing.T) {
	control := rowWith("naive", harness.Unsafe, 900)
	control.Aside = true
	all, _ := Each([]string{"p99 > 500ms"})
	if o := Judge(all, []Row{rowWith("a", harness.Safe, 1), control}, nil)[0]; o.Failed || len(o.Rows) != 1 {
		t.Errorf("%+v", o)
	}
	if o := Judge(all, []Row{control}, nil)[0]; !o.Failed || !strings.Contains(o.Note, "nothing was run") {
		t.Errorf("%+v", o)
	}
}
