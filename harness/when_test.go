package harness_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
)

func op(from, to int64) *harness.Recorded {
	return &harness.Recorded{Record: &harness.Record{Invoke: from, End: to}}
}

func TestTimesAreReadable(t *testing.T) {
	real, turns := &harness.History{}, &harness.History{Turn: 2}
	for _, c := range []struct {
		h              *harness.History
		from, to       int64
		when, answered string
	}{
		{real, 2_132_000, 2_156_000, "at 2.132–2.156 ms", "at 2.15 ms"},
		{real, 2_132_456, 3_934_567, "at 2.1–3.9 ms", "at 3.9 ms"},
		{real, 281_000, 289_999, "at 281–289 µs", "at 289 µs"},
		{real, 289_100, 289_103, "at 289.100–289.103 µs", "at 289.1 µs"},
		{real, 289_103, 289_103, "at 289.103 µs", "at 289.103 µs"},
		{real, 0, 0, "at 0.000 µs", "at 0 µs"},
		{real, 900_000, 1_000_000, "at 0.90–1.00 ms", "at 1.0 ms"},
		{real, 12_345_600_000, 12_345_900_000, "at 12.34560–12.34590 s", "at 12.3459 s"},
		{real, 1_000_000_000, 4_000_000_000, "at 1.0–4.0 s", "at 4.0 s"},
		{turns, 6, 11, "in turns 3–5", "in turn 5"},
		{turns, 6, 7, "in turn 3", "in turn 3"},
	} {
		r := op(c.from, c.to)
		if when, answered := c.h.When(r), c.h.Answered(r); when != c.when || answered != c.answered {
			t.Errorf("%d to %d: %q and %q, want %q and %q", c.from, c.to, when, answered, c.when, c.answered)
		}
		if "in "+c.h.Span(r) != c.when && "at "+c.h.Span(r) != c.when {
			t.Errorf("%d to %d: the span is %q", c.from, c.to, c.h.Span(r))
		}
	}
}

// TestMomentsNameTheirOperation: a client does one operation at a time, so a moment within it names it.
func TestMomentsNameTheirOperation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Int64Range(0, 1<<40).Draw(t, "from")
		to := from + rapid.Int64Range(0, 1<<rapid.IntRange(0, 34).Draw(t, "bits")).Draw(t, "took")
		text := (&harness.History{}).Answered(op(from, to))
		if got := nanoseconds(t, text); got < from || got > to {
			t.Fatalf("%q is %d, which is not within %d and %d", text, got, from, to)
		}
	})
}

// nanoseconds reads "at 3.9 ms" exactly.
func nanoseconds(t *rapid.T, text string) int64 {
	fields := strings.Fields(text)
	decimals := map[string]int{"µs": 3, "ms": 6, "s": 9}[fields[2]]
	whole, fraction, _ := strings.Cut(fields[1], ".")
	if decimals == 0 || len(fraction) > decimals {
		t.Fatalf("%q is no moment", text)
	}
	var n int64
	for _, d := range whole + fraction + strings.Repeat("0", decimals-len(fraction)) {
		n = n*10 + int64(d-'0')
	}
	return n
}
