package reports

import (
	"math"
	"strconv"
	"time"
)

// number writes n with thousands separators: 41,203.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// short is number up to a million, and in millions from there: 1.24M.
func short(n int64) string {
	if n < 1e6 {
		return number(n)
	}
	return digits(float64(n)/1e6, 3) + "M"
}

// digits writes v with n significant digits and no exponent; digits before the point are all kept.
func digits(v float64, n int) string {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	after := n - 1 - int(math.Floor(math.Log10(math.Abs(v))))
	s := strconv.FormatFloat(v, 'f', max(after, 0), 64)
	// Rounding may have carried into one digit more: 9.96 → 10.0.
	if r, err := strconv.ParseFloat(s, 64); err == nil && after > 0 && math.Floor(math.Log10(math.Abs(r))) > math.Floor(math.Log10(math.Abs(v))) {
		s = strconv.FormatFloat(v, 'f', after-1, 64)
	}
	return s
}

// rate writes operations per second.
func rate(perSecond float64) string {
	if perSecond > 0 && perSecond < 10 {
		return digits(perSecond, 2)
	}
	return short(int64(math.Round(perSecond)))
}

// share writes a share of 1 in percent: 0%, <0.1%, 3.1%, 62%.
func share(v float64) string {
	switch p := v * 100; {
	case p == 0:
		return "0%"
	case p < 0.05:
		return "<0.1%"
	case p < 9.95:
		return strconv.FormatFloat(p, 'f', 1, 64) + "%"
	default:
		return strconv.FormatFloat(p, 'f', 0, 64) + "%"
	}
}

// factor writes a ratio: 0.43, 12.5, 118.
func factor(v float64) string {
	switch {
	case v < 9.995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 99.95:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return number(int64(math.Round(v)))
}

// latency writes d to the two digits that a histogram keeps: 850ns, 85µs, 3.2ms, 1.4s.
func latency(d time.Duration) string {
	units := []struct {
		size time.Duration
		name string
	}{{time.Nanosecond, "ns"}, {time.Microsecond, "µs"}, {time.Millisecond, "ms"}}
	for _, u := range units {
		if v := float64(d) / float64(u.size); v < 999.5 {
			return digits(v, 2) + u.name
		}
	}
	return digits(d.Seconds(), 2) + "s"
}

// span writes how long something takes, for people: 850 ms, 1.4 s, 1 min 40 s.
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < 100*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 0, 64) + " s"
	}
	d = d.Round(time.Second)
	if d >= time.Hour {
		return strconv.Itoa(int(d.Hours())) + " h " + strconv.Itoa(int(d.Minutes())%60) + " min"
	}
	s := strconv.Itoa(int(d.Minutes())) + " min"
	if rest := int(d.Seconds()) % 60; rest != 0 {
		s += " " + strconv.Itoa(rest) + " s"
	}
	return s
}
