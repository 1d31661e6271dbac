package threshold

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/stats"
)

// Outcome is what came of a condition. docs/json.md explains the keys.
type Outcome struct {
	Threshold string       `json:"threshold"` // as it was typed
	Failed    bool         `json:"failed"`
	Note      string       `json:"note,omitempty"`    // why it failed where no row did, or why it was not judged
	Skipped   bool         `json:"skipped,omitempty"` // it was not judged: a file has it, for other runs
	Rows      []RowOutcome `json:"rows"`              // that it is about
}

// RowOutcome is what came of a condition on a row.
type RowOutcome struct {
	Row    string  `json:"row"`
	Failed bool    `json:"failed"`
	Value  float64 `json:"value"`             // of the figure: the median of its samples; in ms, a second, or as a share
	Limit  float64 `json:"limit"`             // that it was compared with
	Text   string  `json:"text"`              // in words
	Again  string  `json:"command,omitempty"` // that runs the row again, where it failed
}

// Failed reports whether any did.
func Failed(all []Outcome) bool {
	return slices.ContainsFunc(all, func(o Outcome) bool { return o.Failed })
}

// Judge judges each condition by the rows of a result, and of a baseline, which may have none. A condition that is about no row, or about
// one without samples, has failed: it would otherwise pass where nothing was measured.
func Judge(all []Threshold, rows, baseline []Row) []Outcome {
	var outcomes []Outcome
	for i := range all {
		outcomes = append(outcomes, all[i].judge(rows, baseline))
	}
	return outcomes
}

func (t *Threshold) judge(rows, baseline []Row) Outcome {
	o := Outcome{Threshold: t.Text, Rows: []RowOutcome{}}
	for i := range rows {
		row := &rows[i]
		if !row.named(t.Selector) {
			continue
		}
		one := t.row(row, rowOf(baseline, row.Key))
		if one.Row = row.Name; one.Failed {
			one.Again, o.Failed = row.Again, true
		}
		o.Rows = append(o.Rows, one)
	}
	if len(o.Rows) == 0 {
		o.Failed, o.Note = true, "it is about no row: nothing was run"
		if t.Selector != "" {
			o.Note = fmt.Sprintf("it is about no row: none is named %q; there are: %s", t.Selector, some(rows))
		}
	}
	return o
}

func rowOf(rows []Row, key string) *Row {
	if i := slices.IndexFunc(rows, func(r Row) bool { return r.Key == key }); i >= 0 {
		return &rows[i]
	}
	return nil
}

// row judges one.
func (t *Threshold) row(row, old *Row) (o RowOutcome) {
	if t.Metric == nil {
		return t.violation(row, old)
	}
	m := t.Metric
	values := row.Values[m.Name]
	if values.None() {
		return RowOutcome{Failed: true, Text: "no " + m.Name + " was measured"}
	}
	o.Value, o.Limit = values.Summary().Median, t.Value
	of := ""
	var before Values
	if t.Baseline {
		if old != nil {
			before = old.Values[m.Name]
		}
		base := before.Summary().Median
		switch {
		case before.None():
			return RowOutcome{Failed: true, Value: o.Value, Text: "the baseline has no " + m.Name + " of this row"}
		case base == 0 && m.Higher:
			return RowOutcome{Failed: true, Value: o.Value, Text: m.Name + " is 0 in the baseline: nothing can be held against that"}
		}
		o.Limit = base * t.Value
		of = fmt.Sprintf(" (%s × %s in the baseline)", digits(t.Value), m.Unit.Text(base))
	}
	o.Failed = map[string]bool{"<": o.Value < o.Limit, "<=": o.Value <= o.Limit, ">": o.Value > o.Limit, ">=": o.Value >= o.Limit}[t.Op]
	o.Text = fmt.Sprintf("%s is %s, limit %s%s", m.Name, m.Unit.Text(o.Value), m.Unit.Text(o.Limit), of)
	if o.Failed && t.Baseline {
		o.Text += luck(values.Compare(before), before, values)
	}
	return o
}

// luck says of a difference from the baseline that it may be luck.
func luck(c stats.Comparison, old, now Values) string {
	switch {
	case c.Warning != "":
		return fmt.Sprintf("; that may be luck: there are too few samples to tell, %d in the baseline and %d here", old.Summary().N, now.Summary().N)
	case !c.Differ:
		return fmt.Sprintf("; that may be luck (p = %.3f)", c.P)
	}
	return ""
}

// violation judges whether the row breaks as it did not before.
func (t *Threshold) violation(row, old *Row) RowOutcome {
	was := "was not there before"
	if old != nil {
		was = "was " + string(old.Verdict)
	}
	o := RowOutcome{Failed: NewViolation(old, row), Text: fmt.Sprintf("is %s, %s", row.Verdict, was)}
	if o.Failed {
		o.Text += ": " + row.Why
	}
	return o
}

// some are names that rows can be selected by.
func some(rows []Row) string {
	const most = 8
	var names []string
	for i := range rows {
		if len(rows[i].Names) > 0 && !slices.Contains(names, rows[i].Names[0]) {
			names = append(names, rows[i].Names[0])
		}
	}
	if len(names) > most {
		names = append(names[:most], "…")
	}
	return strings.Join(names, ", ")
}
