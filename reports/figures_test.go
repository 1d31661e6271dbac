package reports

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

func TestFigures(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{number(0), "0"},
		{number(999), "999"},
		{number(41203), "41,203"},
		{number(-1234567), "-1,234,567"},
		{short(999_999), "999,999"},
		{short(1_240_000), "1.24M"},
		{short(9_999_999), "10.0M"},
		{short(41_203_000), "41.2M"},
		{rate(0), "0"},
		{rate(0.42), "0.42"},
		{rate(8.04), "8.0"},
		{rate(8230.4), "8,230"},
		{share(0), "0%"},
		{share(0.0002), "<0.1%"},
		{share(0.031), "3.1%"},
		{share(0.0996), "10%"},
		{share(1), "100%"},
		{factor(0.432), "0.43"},
		{factor(9.999), "10.0"},
		{factor(1234), "1,234"},
		{latency(85), "85ns"},
		{latency(9960), "10µs"},
		{latency(3_178_495), "3.2ms"},
		{latency(147 * time.Millisecond), "147ms"},
		{latency(999_700_000), "1.0s"},
		{latency(75 * time.Second), "75s"},
		{digits(0.0072704, 2), "0.0073"},
		{digits(math.NaN(), 2), "0"},
		{span(850 * time.Millisecond), "850 ms"},
		{span(41 * time.Second), "41 s"},
		{span(100 * time.Second), "1 min 40 s"},
		{span(2 * time.Minute), "2 min"},
		{span(90 * time.Minute), "1 h 30 min"},
	} {
		if test.got != test.want {
			t.Errorf("got %s, want %s", test.got, test.want)
		}
	}
	if finite(math.Inf(1)) != 0 || finite(math.NaN()) != 0 {
		t.Error("finite lets infinity or NaN through")
	}
}

func TestFit(t *testing.T) {
	for _, text := range []string{"", "short", "two lines of words", strings.Repeat("many words ", 20), strings.Repeat("x", 50), "ab " + strings.Repeat("✓", 50)} {
		lines := strings.Split(fit(text, 12), "\n")
		if len(lines) > 2 {
			t.Errorf("%q takes %d lines", text, len(lines))
		}
		for _, l := range lines {
			if twwidth.Width(l) > 12 {
				t.Errorf("%q is wider than 12 columns", l)
			}
		}
	}
}
