package threshold

import (
	"slices"

	"github.com/lastseat/lastseat/harness"
)

// Row is what a result says of a row: its verdict, and its figures. Each kind of saved result has such rows.
type Row struct {
	Key      string   // equal in results that can be compared
	Name     string   // as reports write it
	Names    []string // by which it can be selected
	Aside    bool     // a control that nobody asked for: it counts only where it is named
	Verdict  harness.Verdict
	Surprise bool // unsafe, and nothing said that it would be
	Why      string
	Again    string            // the command that runs it again; empty: none
	Values   map[string]Values // by metric
}

// Add adds a sample of a metric. What is no number was not measured: it would meet no condition.
func (r *Row) Add(metric string, v float64) {
	if finite(v) {
		r.add(metric, Values{Samples: []float64{v}})
	}
}

// mostCounted is more than any result has counted: saved results may say anything.
const mostCounted = 1e7

// Count says that of so many rounds or schedules so many show it; all: there are no others.
func (r *Row) Count(metric string, hits, of int, all bool) {
	if hits >= 0 && of > 0 && hits <= of && of <= mostCounted {
		r.add(metric, Values{Hits: hits, Of: of, All: all})
	}
}

func (r *Row) add(metric string, v Values) {
	if r.Values == nil {
		r.Values = map[string]Values{}
	}
	r.Values[metric] = r.Values[metric].And(v)
}

// named reports whether a selector means the row; an empty one means all but those aside.
func (r *Row) named(selector string) bool {
	if selector == "" {
		return !r.Aside
	}
	return slices.Contains(r.Names, selector)
}

// Grade orders verdicts: 0 nothing broke, 1 not decided, 2 something broke.
func Grade(v harness.Verdict) int {
	switch v {
	case harness.Unsafe, Allowed:
		return 2
	case harness.Inconclusive:
		return 1
	case harness.Safe, harness.Quiet, harness.Skipped, Prevented:
	}
	return 0
}

// What a level does with an anomaly stands where other rows have a verdict.
const (
	Prevented harness.Verdict = "prevented"
	Allowed   harness.Verdict = "allowed"
)

// NewViolation reports whether a row breaks that did not before; old is nil where there was no such row. A row that breaks as expected,
// and only was not decided before, is none.
func NewViolation(old, now *Row) bool {
	switch {
	case Grade(now.Verdict) < 2:
		return false
	case old == nil:
		return now.Surprise
	case Grade(old.Verdict) == 0:
		return true
	}
	return now.Surprise && !old.Surprise
}
