package threshold

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Threshold is a condition under which a result fails.
type Threshold struct {
	Text     string  // as it was typed
	Selector string  // the rows it is about; empty: all
	Metric   *Metric // nil: it is about new violations
	Op       string  // <, <=, >, >=
	Value    float64 // in the metric's unit; with Baseline, a factor
	Baseline bool    // the limit is Value times the baseline's figure
}

// NeedsBaseline reports whether the condition can only be judged beside an earlier result.
func (t *Threshold) NeedsBaseline() bool { return t.Baseline || t.Metric == nil }

// newViolation is the condition that has no figure.
const newViolation = "new violation"

// grammar is what conditions look like, for errors.
const grammar = "write [ROW:] FIGURE < or > VALUE, as in 'for-update: p99 > 50ms' or 'ops/s < 0.8 * baseline', or 'new violation'"

// Parse reads a condition: [ROW:] FIGURE OP VALUE, or [ROW:] new violation. Errors name the column, from 1.
func Parse(text string) (Threshold, error) {
	t := Threshold{Text: text}
	at := strings.IndexAny(text, "<>=")
	if at < 0 {
		rest := t.selector(text, 0)
		if strings.Join(strings.Fields(text[rest:]), " ") != newViolation {
			return t, fault(text, rest, "there is no comparison; "+grammar)
		}
		return t, nil
	}
	end := at + 1
	if end < len(text) && text[end] == '=' {
		end++
	}
	if t.Op = text[at:end]; t.Op[0] != '<' && t.Op[0] != '>' {
		return t, fault(text, at, fmt.Sprintf("%q compares nothing here; there are: <, <=, >, >=", t.Op))
	}
	from := t.selector(text[:at], 0)
	name := strings.TrimSpace(text[from:at])
	if t.Metric = MetricOf(name); t.Metric == nil {
		return t, fault(text, from, fmt.Sprintf("%q is no figure; there are: %s", name, MetricNames()))
	}
	return t, t.limit(end)
}

// Each parses conditions.
func Each(texts []string) ([]Threshold, error) {
	var all []Threshold
	for _, text := range texts {
		t, err := Parse(text)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// selector takes what is before the last colon, and answers where the rest begins.
func (t *Threshold) selector(text string, from int) int {
	if colon := strings.LastIndexByte(text, ':'); colon >= 0 {
		t.Selector, from = strings.TrimSpace(text[:colon]), colon+1
	}
	return skipBlanks(text, from)
}

func skipBlanks(text string, from int) int {
	for from < len(text) && (text[from] == ' ' || text[from] == '\t') {
		from++
	}
	return from
}

// limit reads what the figure is compared with: 50ms, 5%, 1000, 0.8 * baseline, baseline * 0.8.
func (t *Threshold) limit(from int) error {
	from = skipBlanks(t.Text, from)
	rest := strings.TrimSpace(t.Text[from:])
	if left, right, ok := strings.Cut(rest, "*"); ok || rest == "baseline" {
		left, right = strings.TrimSpace(left), strings.TrimSpace(right)
		if left == "baseline" {
			left, right = right, left
		}
		if rest == "baseline" {
			left, right = "1", rest
		}
		factor, err := strconv.ParseFloat(left, 64)
		if err != nil || right != "baseline" || !finite(factor) || factor <= 0 {
			return fault(t.Text, from, fmt.Sprintf("%q is no share of the baseline; write 0.8 * baseline", rest))
		}
		t.Value, t.Baseline = factor, true
		return nil
	}
	digits := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsDigit(r) && r != '.' })
	if digits < 0 {
		digits = len(rest)
	}
	value, err := strconv.ParseFloat(rest[:digits], 64)
	if err != nil || !finite(value) {
		return fault(t.Text, from, fmt.Sprintf("%q is no value; write a number like %s, or 0.8 * baseline", rest, t.Metric.example()))
	}
	scale, ok := t.Metric.scale(strings.TrimSpace(rest[digits:]))
	if !ok {
		return fault(t.Text, from+digits, fmt.Sprintf("%s is written like %s, not %q", t.Metric.Name, t.Metric.example(), rest))
	}
	t.Value = value * scale
	if bare := digits == len(rest); t.Metric.Unit == Share && (t.Value > 1 || t.Value == 1 && bare) { // 5 was meant to be 5%, and would never be met
		return fault(t.Text, from, fmt.Sprintf("%s is a share, and %q is all of it, or more; write 5%% or 0.05", t.Metric.Name, rest))
	}
	return nil
}

func finite(v float64) bool { return v-v == 0 }

// scale is what a number with that unit is to be multiplied by.
func (m *Metric) scale(unit string) (float64, bool) {
	units := map[string]float64{"": 1}
	switch m.Unit {
	case Milliseconds:
		units = map[string]float64{"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "ms": 1, "s": 1e3, "m": 60e3}
	case Share:
		units["%"] = 0.01
	case PerSecond:
		units["/s"] = 1
	case Count:
	}
	scale, ok := units[unit]
	return scale, ok
}

func (m *Metric) example() string {
	switch m.Unit {
	case Milliseconds:
		return "50ms"
	case Share:
		return "5%"
	case PerSecond:
		return "1000"
	case Count:
	}
	return "0"
}

// fault says what is wrong with a condition, and where.
func fault(text string, at int, what string) error {
	return fmt.Errorf("%q, column %d: %s", text, len([]rune(text[:at]))+1, what)
}
