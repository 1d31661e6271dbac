package rounds

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/serial"
)

// shop is a Lane in memory, whose program sells one seat: an order for whoever is first, a refusal for all others.
type shop struct {
	clients int
	sells   int                              // seats in each burst; one after the other it sells one
	meet    bool                             // transactions overlap
	note    func(s *shop, client int) string // in the row of an order
	rule    []string                         // that is broken after a burst
	serials int                              // that were run
	lost    func(o *serial.Outcome)          // what a fault leaves; nil: it does not strike
	keys    int                              // of orders so far
}

func (s *shop) start() []serial.Table {
	return []serial.Table{
		{Name: "stock", Columns: []string{"seat"}, Rows: [][]string{{"1"}}},
		{Name: "orders", Columns: []string{"id", "customer", "note"}, Keys: map[string]string{"id": "orders_id_seq"}},
	}
}

// after is what has come of clients, of whom the first few get a seat.
func (s *shop) after(order []int, seats int) *serial.Outcome {
	o := &serial.Outcome{Tables: s.start(), Answers: make([]serial.Answer, s.clients)}
	for i, c := range order {
		name := program.ClientName(c)
		if i < seats {
			s.keys++
			o.Tables[0].Rows = [][]string{{fmt.Sprint(0 - i)}}
			o.Tables[1].Rows = append(o.Tables[1].Rows, []string{fmt.Sprint(s.keys), name, s.note(s, c)})
			o.Answers[c] = serial.Answer{Given: true, Outcome: harness.OK, Parts: serial.Status(name, 200), Text: "200"}
			continue
		}
		o.Answers[c] = serial.Answer{Given: true, Outcome: harness.Rejected, Parts: serial.Status(name, 409), Text: "409"}
	}
	return o
}

func (s *shop) Cast(operations []string)      { s.clients = len(operations) }
func (s *shop) Restore(context.Context) error { return nil }
func (s *shop) Jump(context.Context) error    { s.keys += 1_000_003; return nil }
func (s *shop) Facts() program.Facts          { return program.Facts{Statements: 1} }

func (s *shop) Serial(_ context.Context, order []int) (*serial.Outcome, error) {
	s.serials++
	return s.after(order, 1), nil
}

func (s *shop) Prefixes(_ context.Context, order []int) (all []*serial.Outcome, err error) {
	s.serials++
	from := s.keys
	for n := range len(order) + 1 {
		s.keys = from
		all = append(all, s.after(order[:n], 1))
	}
	return all, nil
}

func (s *shop) Burst(_ context.Context, fault program.FaultKind, _ *rand.Rand) (*Burst, error) {
	b := &Burst{Outcome: s.after(upwards(s.clients), s.sells), Met: s.meet}
	if fault != "" && s.lost != nil {
		b.Struck = "COMMIT"
		s.lost(b.Outcome)
	}
	return b, nil
}

func (s *shop) Recover(context.Context, program.FaultKind, bool) error { return nil }

func (s *shop) Broken(context.Context) ([]string, error) { return s.rule, nil }

// TestRunner: what breaks is unsafe, what does not is safe only with evidence and a control that broke, and the rest is not decided, with the
// reason.
func TestRunner(t *testing.T) {
	plain := func(*shop, int) string { return "" }
	for name, c := range map[string]struct {
		shop    shop
		control Control
		want    harness.Verdict
		why     string
		unlike  bool
	}{
		"right":                   {shop{sells: 1, meet: true, note: plain}, Control{5, 5}, harness.Safe, "", false},
		"sold twice":              {shop{sells: 2, meet: true, note: plain}, Control{5, 5}, harness.Unsafe, "", false},
		"sold twice, nobody met":  {shop{sells: 2, note: plain}, Control{5, 0}, harness.Unsafe, "", false},
		"a rule":                  {shop{sells: 1, meet: true, note: plain, rule: []string{"never"}}, Control{5, 5}, harness.Unsafe, "", false},
		"a control that held":     {shop{sells: 1, meet: true, note: plain}, Control{5, 0}, harness.Inconclusive, "naive buy did not break either", false},
		"nobody meets":            {shop{sells: 1, note: plain}, Control{5, 5}, harness.Inconclusive, "transactions met in 0 of", false},
		"a name in the row":       {shop{sells: 1, meet: true, note: func(_ *shop, c int) string { return "of " + program.ClientName(c) }}, Control{5, 5}, harness.Safe, "", false},
		"clients who are unlike":  {shop{sells: 1, meet: true, note: func(_ *shop, c int) string { return fmt.Sprint("size ", c/2) }}, Control{5, 5}, harness.Safe, "", true},
		"unlike, and sold twice":  {shop{sells: 2, meet: true, note: func(_ *shop, c int) string { return fmt.Sprint("size ", c/2) }}, Control{5, 5}, harness.Unsafe, "", true},
		"serial runs that differ": {shop{sells: 1, meet: true, note: func(s *shop, _ int) string { return strings.Repeat("x", s.serials%7) }}, Control{5, 5}, harness.Inconclusive, "not deterministic", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.shop
			r := Runner{
				Lane: &s, Operations: []string{"buy"}, Weights: []int{1}, Clients: 6, Copies: 2, Start: s.start(), MinTrials: 20, Limit: 100 * time.Millisecond, Apart: time.Millisecond,
				Words:   func(_ string, client int) []string { return []string{program.ClientName(client)} },
				Control: func(context.Context) (Control, error) { return c.control, nil },
			}
			var report Report
			told := 0
			if err := r.Run(t.Context(), &report, func(*Case) error { told++; return nil }); err != nil {
				t.Fatal(err)
			}
			if len(report.Cases) != 1 || told != 1 {
				t.Fatalf("%d cases, %d told, want one", len(report.Cases), told)
			}
			got := &report.Cases[0]
			if got.Verdict != c.want || !strings.Contains(got.Why, c.why) || (got.Why == "") != (c.why == "") {
				t.Errorf("%s (%s), want %s (%s): %+v", got.Verdict, got.Why, c.want, c.why, got)
			}
			if got.Alike == c.unlike && !strings.Contains(got.Why, "deterministic") || got.Alike && len(got.Operations) != 6 || c.unlike && c.why == "" && len(got.Operations) != mostOrdered {
				t.Errorf("alike is %v, of %d clients", got.Alike, len(got.Operations))
			}
			if (got.Example != nil) != (c.want == harness.Unsafe) || (got.Bound > 0) != (got.Breaking == 0 && got.Trials > 0) {
				t.Errorf("the example is %+v, the bound %v", got.Example, got.Bound)
			}
			if c.want == harness.Safe && got.Trials < r.MinTrials {
				t.Errorf("safe after %d trials, want %d", got.Trials, r.MinTrials)
			}
			if e := got.Example; e != nil && len(e.Broken) == 0 && !slices.ContainsFunc(e.Answers, func(a Told) bool { return a.Clients == 2 && a.Outcome == "ok" }) {
				t.Errorf("the example says %+v, want that two were told ok", e.Answers)
			}
		})
	}
}

// TestMixed: of several operations a few clients are judged by all their serial orders, and all of them by the user's rules, where there are
// any; else it is said that there are none.
func TestMixed(t *testing.T) {
	for name, c := range map[string]struct {
		rules  bool
		broken []string // rules, after a burst
		want   []harness.Verdict
		noted  bool
	}{
		"no rules":        {false, nil, []harness.Verdict{harness.Safe}, true},
		"rules that hold": {true, nil, []harness.Verdict{harness.Safe, harness.Safe}, false},
		"a broken rule":   {true, []string{"never"}, []harness.Verdict{harness.Unsafe, harness.Unsafe}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := shop{sells: 1, meet: true, note: func(*shop, int) string { return "" }, rule: c.broken}
			r := Runner{
				Lane: &s, Operations: []string{"buy", "take"}, Weights: []int{2, 1}, Clients: 9, Copies: 2, Start: s.start(), MinTrials: 5, Limit: time.Second, Apart: time.Millisecond,
				Rules: c.rules, Words: func(_ string, client int) []string { return []string{program.ClientName(client)} },
				Control: func(context.Context) (Control, error) { return Control{5, 5}, nil },
			}
			var report Report
			if err := r.Run(t.Context(), &report, func(*Case) error { return nil }); err != nil {
				t.Fatal(err)
			}
			mixed := report.Cases[2:] // behind each operation with itself
			if len(mixed) != len(c.want) {
				t.Fatalf("%d mixed cases, want %d", len(mixed), len(c.want))
			}
			for i := range mixed {
				if got := &mixed[i]; got.Verdict != c.want[i] || got.ByRules != (i == 1) || got.Alike || len(got.Operations) != []int{mostOrdered, 9}[i] {
					t.Errorf("%s: %s (%s), by rules %v, alike %v; want %s", got.Name(), got.Verdict, got.Why, got.ByRules, got.Alike, c.want[i])
				}
			}
			if noted := slices.ContainsFunc(mixed[0].Notes, func(n string) bool { return strings.HasPrefix(n, "These are 4 of 9 clients") }); noted != c.noted {
				t.Errorf("noted %v: %q", noted, mixed[0].Notes)
			}
		})
	}
}
