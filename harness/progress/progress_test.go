package progress_test

import (
	"testing"

	"github.com/lastseat/lastseat/harness/progress"
)

// TestPlaces: the cases of several places are counted together, and nobody need listen.
func TestPlaces(t *testing.T) {
	var got progress.Case
	f := progress.Func(func(c progress.Case) { got = c })
	f.At("rc", 2, 3).Say(progress.Case{Name: "buy", Number: 1, Cases: 4})
	if got.Name != "rc: buy" || got.Number != 5 || got.Cases != 12 {
		t.Errorf("case 1 of 4 at the second of three places is %+v", got)
	}
	f.At("rc", 1, 1).Say(progress.Case{Name: "buy"})
	if got.Name != "buy" || got.Number != 0 {
		t.Errorf("at the only place: %+v", got)
	}
	f.As("pg@rc", 2, 2).Say(progress.Case{Name: "a with b", Number: 1, Cases: 1})
	if got.Name != "pg@rc" || got.Number != 2 || got.Cases != 2 {
		t.Errorf("the second of two is %+v", got)
	}
	progress.Func(nil).At("rc", 2, 3).As("x", 1, 1).Say(got)
	for part, want := range map[int64]float64{0: 0, 1: 0.5, 3: 1} {
		if progress.Of(part, 2) != want || progress.Of(part, 0) != 0 {
			t.Errorf("%d of 2 is %v", part, progress.Of(part, 2))
		}
	}
}
