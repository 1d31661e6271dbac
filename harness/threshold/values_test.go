package threshold

import (
	"math"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// TestCounted: a share that was counted is judged like a figure with samples, and says of a difference whether it may be luck.
func TestCounted(t *testing.T) {
	counted := func(hits, of int, all bool) []Row {
		r := rowWith("buy", harness.Unsafe)
		r.Count(Broken, hits, of, all)
		return []Row{r}
	}
	for _, c := range []struct {
		text     string
		now, old []Row
		failed   bool
		says     string
	}{
		{"broken > 50%", counted(84, 100, false), nil, true, "broken is 84 %, limit 50 %"},
		{"broken > 90%", counted(84, 100, false), nil, false, "broken is 84 %"},
		{"broken > baseline", counted(84, 100, false), counted(2, 100, false), true, "limit 2 % (1 × 2 % in the baseline)"},
		{"broken > baseline", counted(3, 100, false), counted(2, 100, false), true, "that may be luck (p = 1.000)"},
		{"broken > baseline", counted(1, 2, false), counted(0, 2, false), true, "too few samples to tell, 2 in the baseline and 2 here"},
		{"broken > baseline", counted(5, 6, true), counted(4, 6, true), true, "(1 × 66.7 % in the baseline)"},
		{"broken > 1.1 * baseline", counted(0, 100, false), counted(0, 100, false), false, "limit 0 %"},
		{"broken > 0%", counted(7, 3, false), nil, true, "no broken was measured"}, // more than all: a file that is not right
		{"broken > 0%", counted(0, 0, false), nil, true, "no broken was measured"},
	} {
		all, err := Each([]string{c.text})
		if err != nil {
			t.Fatal(err)
		}
		o := Judge(all, c.now, c.old)[0]
		if o.Failed != c.failed || !strings.Contains(o.Rows[0].Text, c.says) {
			t.Errorf("%s: failed %v: %s; want %v: %s", c.text, o.Failed, o.Rows[0].Text, c.failed, c.says)
		}
		if luck := strings.Contains(o.Rows[0].Text, "luck"); luck != strings.Contains(c.says, "luck") && luck != strings.Contains(c.says, "too few") {
			t.Errorf("%s: %s", c.text, o.Rows[0].Text)
		}
	}
}

// TestNoNumbers: what is no number was not measured, and a baseline of zero throughput holds nothing.
func TestNoNumbers(t *testing.T) {
	r := rowWith("a", harness.Safe, math.NaN(), math.Inf(1))
	none := rowWith("a", harness.Safe)
	none.Add(Throughput, 0)
	now := rowWith("a", harness.Safe)
	now.Add(Throughput, 5)
	all, err := Each([]string{"p99 > 1s", "ops/s < 0.8 * baseline"})
	if err != nil {
		t.Fatal(err)
	}
	if o := Judge(all[:1], []Row{r}, nil)[0]; !o.Failed || !strings.Contains(o.Rows[0].Text, "no p99 was measured") {
		t.Errorf("%+v", o)
	}
	if o := Judge(all[1:], []Row{now}, []Row{none})[0]; !o.Failed || !strings.Contains(o.Rows[0].Text, "0 in the baseline") {
		t.Errorf("%+v", o)
	}
}

// TestAnd: counts of two results add up, but for all schedules, which are there once.
func TestAnd(t *testing.T) {
	drawn, all := Values{Hits: 2, Of: 10}, Values{Hits: 4, Of: 6, All: true}
	if v := drawn.And(drawn); v.Hits != 4 || v.Of != 20 || v.All {
		t.Errorf("%+v", v)
	}
	if v := all.And(all); v.Hits != 4 || v.Of != 6 || !v.All {
		t.Errorf("%+v", v)
	}
	if v := all.And(drawn); v.Of != 16 || v.All {
		t.Errorf("%+v", v)
	}
	if v := (Values{}).And(all); !v.All || v.Of != 6 {
		t.Errorf("%+v", v)
	}
}
