package compare

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/stats"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/harness/threshold"
)

// Result is what a comparison shows. docs/reports.md explains the keys.
type Result struct {
	Of         string              `json:"of"` // the kind of what is compared, as its JSON says: run, program-load, program, isolation, explore, check
	Old        Side                `json:"old"`
	New        Side                `json:"new"`
	Rows       []Row               `json:"rows"` // that both sides have, those that changed first
	OnlyOld    []Lone              `json:"only_old"`
	OnlyNew    []Lone              `json:"only_new"`
	Thresholds []threshold.Outcome `json:"thresholds"`
	More       string              `json:"more"` // the command that makes a result with enough samples; empty: there are enough, or none is known
}

// Lone is a row that only one side has.
type Lone struct {
	Row     string          `json:"row"`
	Verdict harness.Verdict `json:"verdict"`
	Why     string          `json:"reason,omitempty"` // that the other side has for not having it
}

// Change is what became of a row's verdict.
type Change string

// The changes.
const (
	Same      Change = "same"
	Violation Change = "new violation"
	Worse     Change = "worse" // it is not decided any more
	Better    Change = "better"
	Other     Change = "other" // what breaks as expected was seen to, or was not
)

// Row is a row of both sides.
type Row struct {
	Name        string          `json:"row"`
	Old         harness.Verdict `json:"old"`
	New         harness.Verdict `json:"new"`
	OldSurprise bool            `json:"old_surprise"` // unsafe, and nothing said that it would be
	NewSurprise bool            `json:"new_surprise"`
	Change      Change          `json:"change"`
	Why         string          `json:"reason"`  // of the new verdict
	Command     string          `json:"command"` // that runs the row again
	Figures     []Figure        `json:"figures"`
}

// Figure is a figure on both sides: the median of samples, or a share that was counted.
type Figure struct {
	Metric  string         `json:"metric"`
	Unit    threshold.Unit `json:"unit"`
	Old     Summary        `json:"old"`
	New     Summary        `json:"new"`
	Counted bool           `json:"counted,omitempty"` // of rounds or schedules: samples are how many there were
	Change  float64        `json:"change"`            // new ÷ old - 1; 0 where the old is 0
	P       float64        `json:"p"`                 // how likely such a difference is where there is none
	Differs bool           `json:"differs"`
	Known   bool           `json:"known"` // there are samples enough to tell
	Worse   bool           `json:"worse"` // the new is, whether or not that differs
}

// Summary is a median, or a share, with its interval at 95 %.
type Summary struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"` // both 0: there are too few samples for an interval, or all schedules were run
	High   float64 `json:"high"`
	N      int     `json:"samples"`
}

// Shown are the metrics that are compared.
func Shown() []string {
	return []string{threshold.Broken, threshold.Throughput, "p50", "p90", "p95", "p99", "conflicts", "failed", "database", "program"}
}

// Compare compares two sides. An UnlikeError says what keeps them from that.
func Compare(old, now *Side) (*Result, error) {
	now = OneTarget(old, now)
	if err := Alike(old, now); err != nil {
		return nil, err
	}
	if err := common(old, now); err != nil {
		return nil, err
	}
	r := &Result{Of: now.Kind, Old: *old, New: *now, Rows: []Row{}, OnlyOld: lone(old, now), OnlyNew: lone(now, old), Thresholds: []threshold.Outcome{}}
	for i := range now.Rows {
		if was := old.row(now.Rows[i].Key); was != nil {
			r.Rows = append(r.Rows, row(was, &now.Rows[i]))
		}
	}
	slices.SortStableFunc(r.Rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.weight(), a.weight()), cmp.Compare(b.largest(), a.largest()))
	})
	if n := r.Samples(); n > 0 && n < stats.LeastRuns {
		r.More = now.More
	}
	return r, nil
}

// Judge judges conditions by the new side, with the old as the baseline.
func (r *Result) Judge(all []threshold.Threshold) {
	r.Thresholds = append(r.Thresholds, threshold.Judge(all, r.New.Rows, r.Old.Rows)...)
}

// row compares a row.
func row(old, now *threshold.Row) Row {
	r := Row{
		Name: now.Name, Old: old.Verdict, New: now.Verdict, OldSurprise: old.Surprise, NewSurprise: now.Surprise, Change: changeOf(old, now), Why: now.Why,
		Command: now.Again, Figures: []Figure{},
	}
	for _, name := range Shown() {
		a, b := old.Values[name], now.Values[name]
		if a.None() || b.None() || a.Counted() != b.Counted() {
			continue
		}
		if f := figure(*threshold.MetricOf(name), a, b); f.Old.Median != 0 || f.New.Median != 0 {
			r.Figures = append(r.Figures, f)
		}
	}
	return r
}

func changeOf(old, now *threshold.Row) Change {
	before, after := threshold.Grade(old.Verdict), threshold.Grade(now.Verdict)
	switch {
	case threshold.NewViolation(old, now):
		return Violation
	case after > before && before == 0:
		return Worse
	case after < before && after == 0, old.Surprise && after == 2 && !now.Surprise:
		return Better
	case after != before:
		return Other
	}
	return Same
}

// figure compares the samples of a metric.
func figure(m threshold.Metric, old, now threshold.Values) Figure {
	c := old.Compare(now)
	f := Figure{
		Metric: m.Name, Unit: m.Unit, Old: summary(old), New: summary(now), Counted: now.Counted(), P: round(c.P),
		Known: c.Warning == "" || alwaysEqual(old.Samples, now.Samples), Differs: c.Differ && c.Warning == "",
	}
	if f.Old.Median != 0 {
		f.Change = round(f.New.Median/f.Old.Median - 1)
	}
	f.Worse = f.New.Median != f.Old.Median && f.New.Median < f.Old.Median == m.Higher
	return f
}

// alwaysEqual reports whether there are samples, all of one value: benchmath warns of that, and it is known all the same.
func alwaysEqual(a, b []float64) bool {
	all := slices.Concat(a, b)
	return len(a) >= stats.LeastRuns && len(b) >= stats.LeastRuns && slices.Min(all) == slices.Max(all)
}

func summary(values threshold.Values) Summary {
	s := values.Summary()
	return Summary{Median: round(s.Median), Low: round(s.Lo), High: round(s.Hi), N: s.N}
}

func round(v float64) float64 {
	if v-v != 0 {
		return 0
	}
	return math.Round(v*1e6) / 1e6
}

// weight orders rows by what happened to them.
func (r *Row) weight() int {
	switch r.Change {
	case Violation:
		return 5
	case Worse:
		return 4
	case Better:
		return 1
	case Same, Other:
	}
	for i := range r.Figures {
		if r.Figures[i].Differs && r.Figures[i].Worse {
			return 3 - threshold.Grade(r.New)/2 // how fast what breaks is says little
		}
	}
	return 0
}

// largest is how much the row's figures moved, those that differ first.
func (r *Row) largest() float64 {
	most := 0.0
	for i := range r.Figures {
		f := &r.Figures[i]
		size := math.Abs(math.Log(max(f.New.Median, 1e-6) / max(f.Old.Median, 1e-6)))
		if f.Differs {
			size += 100
		}
		most = max(most, size)
	}
	return most
}

// lone are the rows of a side that the other does not have.
func lone(of, other *Side) []Lone {
	all := []Lone{}
	for i := range of.Rows {
		if r := &of.Rows[i]; other.row(r.Key) == nil {
			all = append(all, Lone{Row: r.Name, Verdict: r.Verdict, Why: other.Left[r.Key]})
		}
	}
	return all
}

// ExitCode is 1 where something breaks that did not, 3 where something is not decided any more, 0 where no verdict got worse, and
// 4 where a condition is met.
func (r *Result) ExitCode() int {
	switch {
	case r.Count(Violation) > 0:
		return suite.ExitBroken
	case threshold.Failed(r.Thresholds):
		return suite.ExitThreshold
	case r.Count(Worse) > 0:
		return suite.ExitInconclusive
	}
	return suite.ExitAsExpected
}

// Count is how many rows changed so.
func (r *Result) Count(c Change) (n int) {
	for i := range r.Rows {
		if r.Rows[i].Change == c {
			n++
		}
	}
	return n
}

// Samples are the fewest samples that a figure has on one side; 0 where there is no figure that has samples.
func (r *Result) Samples() int {
	least := 0
	for i := range r.Rows {
		for k := range r.Rows[i].Figures {
			f := &r.Rows[i].Figures[k]
			if n := min(f.Old.N, f.New.N); !f.Counted && (least == 0 || n < least) {
				least = n
			}
		}
	}
	return least
}

func namesOf(rows []threshold.Row) string {
	const most = 3
	var names []string
	for i := range rows[:min(len(rows), most)] {
		names = append(names, rows[i].Name)
	}
	if len(rows) > most {
		names = append(names, "…")
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
