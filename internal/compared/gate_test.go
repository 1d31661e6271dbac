package compared

import (
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/reports"
)

// TestGateOfPrograms: what is typed wins over the file, and must be something that is measured; the file's conditions for other commands are
// not judged, and say so.
func TestGateOfPrograms(t *testing.T) {
	base := file(t, "base.json", reports.RoundsJSON, burst(harness.Safe, 0, 1000))
	planned := &rounds.Report{Clients: 2, Instances: 2}
	sustained := &rounds.Report{Clients: 2, Instances: 2, Duration: 2}
	for _, c := range []struct {
		name    string
		typed   Thresholds
		inFile  []string
		planned *rounds.Report
		err     string
		says    []string // of each outcome
	}{
		{"typed", Thresholds{Conditions: []string{"buy: broken > 1%"}}, []string{"new violation"}, planned, "", []string{"failed buy: broken > 1%"}},
		{"of the file", Thresholds{}, []string{"broken > 99%", "new violation", "p99 > 1s"}, planned, "", []string{
			"passed broken > 99%", "skipped new violation: it needs --baseline FILE", "skipped p99 > 1s: nothing measures p99 here",
		}},
		{"with a baseline", Thresholds{Baseline: base}, []string{"new violation"}, planned, "", []string{"failed new violation"}},
		{"no row", Thresholds{Conditions: []string{"refund: broken > 1%"}}, nil, planned, "", []string{`failed refund: broken > 1%: it is about no row: none is named "refund"; there are: buy`}},
		{"not measured", Thresholds{Conditions: []string{"p99 > 1s"}}, nil, planned, `--fail-if: "p99 > 1s": nothing measures p99 here; there are: broken, violations`, nil},
		{"not measured by a load", Thresholds{Conditions: []string{"broken > 1%"}}, nil, sustained, "nothing measures broken here; there are: ops/s", nil},
		{"no baseline", Thresholds{Conditions: []string{"new violation"}}, nil, planned, `"new violation" needs --baseline FILE`, nil},
		{"nothing held", Thresholds{Baseline: base}, []string{"broken > 1%"}, planned, "--baseline: nothing is held against it", nil},
		{"another load", Thresholds{Baseline: base}, []string{"new violation"}, sustained, "load is rounds (no -d) in the old and sustained (-d) in the new", nil},
		{"a mistake", Thresholds{Conditions: []string{"broken"}}, nil, planned, "column 1: there is no comparison", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := c.typed.RoundsGate(c.inFile, c.planned)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("%v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			all := burst(harness.Unsafe, 84, 100)
			g.Rounds(all)
			var says []string
			for _, o := range rounds.Thresholds(all) {
				text := map[bool]string{true: "failed ", false: "passed "}[o.Failed]
				if o.Skipped {
					text = "skipped "
				}
				if text += o.Threshold; o.Note != "" {
					text += ": " + o.Note
				}
				says = append(says, text)
			}
			if !slices.Equal(says, c.says) {
				t.Errorf("%q, want %q", says, c.says)
			}
		})
	}
}

// TestGateOfExploration: faults and schedules are unlike things.
func TestGateOfExploration(t *testing.T) {
	typed := Thresholds{Conditions: []string{"new violation"}, Baseline: file(t, "base.json", reports.ProgramJSON, explored(harness.Safe, 0))}
	if _, err := typed.ProgramGate(nil, Played(false, true)); err == nil || !strings.Contains(err.Error(), "what is played is all schedules in the old and faults (--fault) in the new") {
		t.Error(err)
	}
	g, err := typed.ProgramGate(nil, Played(false, false))
	if err != nil {
		t.Fatal(err)
	}
	all := explored(harness.Unsafe, 4)
	if g.Program(all); len(all[0].Thresholds) != 1 || !all[0].Thresholds[0].Failed || !strings.Contains(all[0].Thresholds[0].Rows[0].Text, "4 of 6 schedules") {
		t.Errorf("%+v", all[0].Thresholds)
	}
}
