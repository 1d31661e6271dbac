package engine_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness/engine"
)

func TestDecimals(t *testing.T) {
	for _, try := range []struct {
		decimals engine.Decimals
		text     string
		cell     int64
		bad      bool
	}{
		{2, "12.50", 1250, false},
		{2, "12.5", 1250, false},
		{2, "-0.05", -5, false},
		{2, "7", 700, false},
		{2, "1.500", 150, false},
		{0, "42", 42, false},
		{2, ".5", 50, false},
		{2, "1.505", 0, true}, // half a cent is no rounding of lastseat's
		{2, "", 0, true},
		{2, "--1", 0, true},
		{2, "1-2.00", 0, true},
		{2, "1.-5", 0, true},
		{2, "NaN", 0, true},
		{2, "1e3", 0, true},
		{18, "10", 0, true},
		{19, "1", 0, true},
	} {
		got, err := try.decimals.Cell(try.text)
		if got != try.cell || (err != nil) != try.bad {
			t.Errorf("%q at %d: %d, %v", try.text, try.decimals, got, err)
		}
	}
	if got := engine.Decimals(2).Text(math.MinInt64); got != "-92233720368547758.08" {
		t.Error(got)
	}
}

// TestDecimalsRoundTrip: what Text writes, Cell reads.
func TestDecimalsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, cell := engine.Decimals(rapid.IntRange(0, 18).Draw(t, "decimals")), rapid.Int64().Draw(t, "cell")
		if got, err := d.Cell(d.Text(cell)); err != nil || got != cell {
			t.Fatalf("%d at %d is written %s and read %d, %v", cell, d, d.Text(cell), got, err)
		}
	})
}

// FuzzDecimal: any text is a number or an error.
func FuzzDecimal(f *testing.F) {
	f.Add("12.50", 2)
	f.Fuzz(func(_ *testing.T, text string, d int) { _, _ = engine.Decimals(d).Cell(text) })
}
