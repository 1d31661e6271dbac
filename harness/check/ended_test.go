package check

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// long is a history in which what is kept of one cell is sorted, summed up and gone through in many pieces.
func long(broken bool) (*harness.History, []harness.Checker) {
	const n = 300_000
	r := rand.New(rand.NewPCG(1, 2))
	h := &harness.History{Start: harness.NewState(harness.Group{Table: "stock", Len: 2}, "orders", n)}
	h.Final = h.Start.Clone()
	l := &harness.Log{}
	for i := range int64(n) {
		value := h.Final.Values[0]
		if broken && r.IntN(2) == 0 {
			value += r.Int64N(3)
		}
		delta := 1 - 2*r.Int64N(2)
		l.Append(harness.Record{Invoke: 2 * i, Begin: 2 * i, End: 2*i + 1, Tries: 1, Outcome: harness.OK},
			harness.Access{Kind: harness.Writes, Delta: delta, Value: value, Version: i})
		h.Final.Values[0] += delta
		h.Final.Entries = append(h.Final.Entries, harness.Entry{Op: harness.OpID(0, l.Len()), Delta: delta, Version: i + 1})
	}
	h.Logs = []*harness.Log{l}
	all := []Limit{{Cells: []harness.Cell{0}, Returns: true}}
	return h, []harness.Checker{
		Oversold("oversold", "seats", all), Journal(), Conservation(), LostSales(all), Total("total", []harness.Cell{0}), seatsAndCharges(1),
	}
}

// TestChecksEnd: wherever a judgement is given up, each check ends there, while it sorts too: nothing that takes as long as the history goes by without
// being asked.
func TestChecksEnd(t *testing.T) {
	enough := errors.New("enough")
	for _, broken := range []bool{false, true} {
		h, checks := long(broken)
		chunks := h.Len() / 1024
		const pieces, half = 300_000>>16 + 1, 150_000 >> 16 // of all entries and of what goes one way
		for _, c := range checks {
			var asked int
			ended := func(after int) error {
				asked = 0
				own := *h
				own.Ended = func() error {
					if asked++; asked > after {
						return enough
					}
					return nil
				}
				return spool.Catch(func() { check(c, &own) })
			}
			if err := ended(1 << 40); err != nil {
				t.Fatalf("%s: %v", c.Name, err)
			}
			all := asked
			least := map[string]int{ // passes over operations, and over slices as long
				"oversold": chunks + 10*pieces, "journal": chunks + 4*pieces, "conservation": chunks + 3*pieces, "lost-sales": 2*chunks + 10*half,
				"total": chunks, "atomicity": 6 * pieces,
			}
			if all < least[c.Name] || least[c.Name] == 0 {
				t.Errorf("%s is asked %d times, at least %d are wanted", c.Name, all, least[c.Name])
			}
			for after := 0; after < all; after += 1 + all/7 {
				if err := ended(after); !errors.Is(err, enough) || asked != after+1 {
					t.Errorf("%s, given up when asked for the %d. time, answers %v and asks %d times", c.Name, after+1, err, asked)
				}
			}
		}
	}
}
