package threshold

import (
	"strconv"
	"strings"
)

// Unit is what a figure is measured in.
type Unit string

// The units.
const (
	PerSecond    Unit = "/s"
	Milliseconds Unit = "ms"
	Share        Unit = "%" // 0 to 1; written in percent
	Count        Unit = ""
)

// Metric is a figure that rows have.
type Metric struct {
	Name   string
	Unit   Unit
	Higher bool // is better
	About  string
}

// Metrics are all figures, in the order of reports.
func Metrics() []Metric {
	return []Metric{
		{Throughput, PerSecond, true, "operations that succeeded, a second"},
		{"p50", Milliseconds, false, "half of the operations that succeeded took at most this long"},
		{"p90", Milliseconds, false, "90 % took at most this long"},
		{"p95", Milliseconds, false, "95 % took at most this long"},
		{"p99", Milliseconds, false, "99 % took at most this long"},
		{"p99.9", Milliseconds, false, "99.9 % took at most this long"},
		{"max", Milliseconds, false, "the longest"},
		{"conflicts", Share, false, "the share of attempts that a conflict ended"},
		{"waiting", Share, false, "the share of the clients' time spent waiting for locks or backing off"},
		{"failed", Share, false, "the share of operations that failed, or whose fate is unknown"},
		{"violations", Count, false, "what the checks found; of a program, rounds, schedules or rules that broke"},
		{"database", Milliseconds, false, "of a program: how long an operation's statements were at the server, on average"},
		{"program", Milliseconds, false, "of a program: the rest of an operation's time, on average"},
		{Broken, Share, false, "of a program: the share of rounds, or of schedules, that break"},
	}
}

// Figures that are named elsewhere: the one that rows of a load are known by, and that of programs.
const (
	Throughput = "ops/s"
	Broken     = "broken"
)

// MetricOf is the metric of that name, or nil.
func MetricOf(name string) *Metric {
	for _, m := range Metrics() {
		if m.Name == name {
			return &m
		}
	}
	return nil
}

// MetricNames are the names of all.
func MetricNames() string {
	var names []string
	for _, m := range Metrics() {
		names = append(names, m.Name)
	}
	return strings.Join(names, ", ")
}

// Text is a value of the unit, for people: 1,204, 61.2 ms, 5.1 %.
func (u Unit) Text(v float64) string {
	switch u {
	case Share:
		return digits(100*v) + " %"
	case Milliseconds:
		return times(v)
	case PerSecond, Count:
	}
	return digits(v)
}

// times is a time in the unit that suits it.
func times(ms float64) string {
	for _, u := range []struct {
		name string
		ms   float64
	}{{"s", 1e3}, {"ms", 1}, {"µs", 1e-3}} {
		if ms >= u.ms {
			return digits(ms/u.ms) + " " + u.name
		}
	}
	return digits(ms*1e6) + " ns"
}

// digits writes a number to three digits, or whole, with commas.
func digits(v float64) string {
	places := 0
	for limit := 100.0; places < 4 && v != 0 && v < limit && v > -limit; limit /= 10 {
		places++
	}
	text := strconv.FormatFloat(v, 'f', places, 64)
	if places > 0 {
		return strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
