package certificate

import (
	"strings"
	"testing"
)

// TestOfClocks: a proof rests on no order that clocks do not prove, and an order keeps those that they do.
func TestOfClocks(t *testing.T) {
	stale := `{"version":1,"kind":"certificate","workload":"register","model":"strict-serializable","refutation":{"cycle":[{"from":0,"to":1,"why":"realtime"},{"from":1,"to":0,"why":"overwrote","key":"1","writer":-1}]}}`
	fits := `{"version":1,"kind":"certificate","workload":"register","model":"strict-serializable","holds":{"order":[1,0]}}`
	for _, c := range []struct {
		name                    string
		clock, earliest, latest []int32
		before                  bool
	}{
		{"one clock", nil, nil, nil, true},
		{"both of one of two", []int32{1, 1}, []int32{0, 1}, []int32{2, 3}, true},
		{"two, far apart", []int32{0, 1}, []int32{0, 2}, []int32{1, 3}, true},
		{"two, not comparable", []int32{0, 1}, []int32{0, 1}, []int32{2, 3}, false},
	} {
		h := read(t, "0|[:w 1 1]", "1|[:r 1 nil]")
		h.Clock, h.Earliest, h.Latest = c.clock, c.earliest, c.latest
		for text, want := range map[string]bool{stale: c.before, fits: !c.before} {
			proof, err := ReadFrom(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := Verify(proof, h); (err == nil) != want {
				t.Errorf("%s: %s: %v", c.name, text, err)
			}
		}
	}
}
