package rounds

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/serial"
)

// TestRunnerFaults: under a fault it is all or nothing for whoever has no answer; a green takes strikes, and a request that does not say
// which it is is not repeated.
func TestRunnerFaults(t *testing.T) {
	lose := func(o *serial.Outcome) {
		o.Answers[0] = serial.Answer{Given: true, Outcome: harness.Unknown, Parts: serial.Status("a", 500), Text: "500"}
	}
	note := func(*shop, int) string { return "" }
	for name, c := range map[string]struct {
		fault program.FaultKind
		lost  func(o *serial.Outcome)
		named bool
		want  harness.Verdict
		why   string
	}{
		"an answer is lost":      {program.LostCommit, lose, false, harness.Safe, ""},
		"and half of it is done": {program.LostCommit, func(o *serial.Outcome) { lose(o); o.Tables[1].Rows = nil }, false, harness.Unsafe, ""},
		"and it is not done":     {program.KillProgram, func(o *serial.Outcome) { lose(o); o.Tables = (&shop{}).start() }, false, harness.Safe, ""},
		"acknowledged, and lost": {program.CutBefore, func(o *serial.Outcome) { o.Tables = (&shop{}).start() }, false, harness.Unsafe, ""},
		"twice": {program.Repeat, func(o *serial.Outcome) {
			o.Tables[1].Rows = append(o.Tables[1].Rows, []string{"99", "a", ""})
		}, true, harness.Unsafe, ""},
		"no key":             {program.Repeat, lose, false, harness.Inconclusive, "nothing in the request says"},
		"it does not strike": {program.LostCommit, nil, false, harness.Inconclusive, "lost-commit struck an operation under way in 0 of"},
	} {
		t.Run(name, func(t *testing.T) {
			s := shop{sells: 1, meet: true, note: note, lost: c.lost}
			r := Runner{
				Lane: &s, Operations: []string{"buy"}, Weights: []int{1}, Clients: 4, Copies: 2, Start: s.start(), MinTrials: 5, Limit: 100 * time.Millisecond, Apart: time.Millisecond,
				Faults: []program.FaultKind{c.fault}, Identified: func(string) bool { return c.named },
				Words:   func(_ string, client int) []string { return []string{program.ClientName(client)} },
				Control: func(context.Context) (Control, error) { return Control{5, 5}, nil },
			}
			var report Report
			if err := r.Run(t.Context(), &report, func(*Case) error { return nil }); err != nil {
				t.Fatal(err)
			}
			got := &report.Cases[0]
			if got.Verdict != c.want || !strings.Contains(got.Why, c.why) || (got.Why == "") != (c.why == "") || got.Fault != c.fault {
				t.Errorf("%s (%s), want %s (%s): %+v", got.Verdict, got.Why, c.want, c.why, got)
			}
			if got.Verdict == harness.Safe && (got.Struck < 5 || got.Bound == 0) || got.Verdict == harness.Unsafe && got.Example.Struck == "" {
				t.Errorf("struck in %d, bound %v, example %+v", got.Struck, got.Bound, got.Example)
			}
		})
	}
}

// TestParseFaults: kinds, each once; a fault that programs cannot have is refused by its name, with those that there are.
func TestParseFaults(t *testing.T) {
	all, err := ParseFaults([]string{"none", "lost-commit", "lost-commit", "kill-server"})
	if err != nil || len(all) != 3 || all[0] != "" || all[1] != program.LostCommit {
		t.Errorf("%q, %v", all, err)
	}
	if all, err = ParseFaults([]string{"all"}); err != nil || len(all) != len(Faults()) {
		t.Errorf("%q, %v", all, err)
	}
	for word, want := range map[string]string{"pause-holder": "lost-commit, cut-before", "lost-comit": "did you mean", "cut-after:3": "lastseat explore", "": "unknown fault"} {
		if _, err := ParseFaults([]string{word}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), word) {
			t.Errorf("%q: %v, want %s", word, err, want)
		}
	}
}
