package threshold

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text, selector, metric, op string
		value                      float64
		baseline                   bool
	}{
		{"p99 > 50ms", "", "p99", ">", 50, false},
		{"for-update: p99>=1.5s", "for-update", "p99", ">=", 1500, false},
		{"seats:postgres/for-update@rc: ops/s < 1000/s", "seats:postgres/for-update@rc", "ops/s", "<", 1000, false},
		{"conflicts > 5%", "", "conflicts", ">", 0.05, false},
		{"failed > 0.01", "", "failed", ">", 0.01, false},
		{"p50 > 20µs", "", "p50", ">", 0.02, false},
		{"ops/s < 0.8 * baseline", "", "ops/s", "<", 0.8, true},
		{"ops/s <= baseline*0.8", "", "ops/s", "<=", 0.8, true},
		{"violations > baseline", "", "violations", ">", 1, true},
		{"new violation", "", "", "", 0, false},
		{"seats:  new   violation ", "seats", "", "", 0, false},
	} {
		got, err := Parse(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		metric := ""
		if got.Metric != nil {
			metric = got.Metric.Name
		}
		if got.Selector != c.selector || metric != c.metric || got.Op != c.op || got.Value-c.value > 1e-9 || c.value-got.Value > 1e-9 || got.Baseline != c.baseline {
			t.Errorf("%q is read as %+v of %q", c.text, got, metric)
		}
		if want := c.baseline || c.metric == ""; got.NeedsBaseline() != want {
			t.Errorf("%q needs a baseline: %v, want %v", c.text, got.NeedsBaseline(), want)
		}
	}
}

func TestParseMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "column 1: there is no comparison",
		"seats: slow":            "column 8: there is no comparison",
		"p98 > 50ms":             `column 1: "p98" is no figure; there are: ops/s, p50`,
		"seats: > 50ms":          `column 8: "" is no figure`,
		"p99 = 50ms":             `column 5: "=" compares nothing`,
		"p99 > 50x":              `column 9: p99 is written like 50ms, not "50x"`,
		"p99 >":                  `column 6: "" is no value`,
		"p99 > -5ms":             `"-5ms" is no value`,
		"p99 > 1.2.3ms":          `"1.2.3ms" is no value`,
		"µ: p99 > fast":          `column 10: "fast" is no value`,
		"ops/s < 0.8 * old":      `"0.8 * old" is no share of the baseline; write 0.8 * baseline`,
		"ops/s < NaN * baseline": "is no share of the baseline",
		"conflicts > 5":          `conflicts is a share, and "5" is all of it, or more; write 5% or 0.05`,
		"failed > 1":             `"1" is all of it`,
		"failed > 101%":          `"101%" is all of it`,
		"ops/s < 0 * baseline":   "is no share of the baseline", // it would never be met
		"p99 > -2 * baseline":    "is no share of the baseline",
		"ops/s < 5%":             `ops/s is written like 1000, not "5%"`,
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("for-update: p99 > 50ms")
	f.Add("ops/s < 0.8 * baseline")
	f.Fuzz(func(_ *testing.T, text string) { _, _ = Parse(text) }) // bad input never panics
}
